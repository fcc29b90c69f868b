/** Status objects for tests: a running batch of 100 photos, changed where it matters. */
import type { BatchStatusObject } from '../../bridge/contract/index.ts';

export function createStatus(changes: Partial<BatchStatusObject> = {}): BatchStatusObject {
  const { total_photos = 100, processed_count = 0, failed_count = 0, in_flight_count = 0 } = changes;
  return {
    batch_id: 'batch_0123456789ab',
    session_id: null,
    status: 'running',
    total_photos,
    processed_count,
    failed_count,
    progress_percent: 0,
    created_at: '2025-11-09T10:00:00Z',
    started_at: '2025-11-09T10:00:00Z',
    paused_at: null,
    completed_at: null,
    operation: 'develop',
    priority: 5,
    pending_count: total_photos - processed_count - failed_count - in_flight_count,
    in_flight_count,
    skipped_count: 0,
    holds: [],
    backoff: null,
    eta_seconds: null,
    photos_per_minute: null,
    failure_codes: {},
    warnings_count: 0,
    seq: 1,
    ...changes,
  };
}
