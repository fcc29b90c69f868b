/** The status object and item results, made from one batch at one moment: REST, WebSocket, CLI and page all show these. */
import type { BatchStatusObject, FailureCode, ItemResult, StoredResult } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import { isTerminal } from './machine.ts';
import { toOutputPath } from './output-paths.ts';
import type { Clock, Limiter } from './ports.ts';

export type StatusContext = { clock: Clock; limiter: Limiter };

export function toStatus(batch: Batch, context: StatusContext): BatchStatusObject {
  const counts = batch.items.counts();
  const settled = counts.processed + counts.failed;
  const total = batch.items.total;
  return {
    batch_id: batch.id,
    session_id: batch.sessionId,
    status: batch.status,
    total_photos: total,
    processed_count: counts.processed,
    failed_count: counts.failed,
    progress_percent: progressPercent(settled, total),
    created_at: batch.createdAt,
    started_at: batch.startedAt,
    paused_at: batch.pausedAt,
    completed_at: batch.completedAt,
    operation: batch.operation,
    priority: batch.priority,
    pending_count: counts.pending,
    in_flight_count: counts.in_flight,
    skipped_count: counts.skipped,
    holds: holdsOf(batch, context.limiter),
    backoff: backoffOf(context.limiter),
    ...pace(batch, total - settled, context.clock),
    failure_codes: batch.items.failureCounts(),
    warnings_count: batch.warningsCount + batch.warnings.length,
    ...(batch.warnings.length > 0 ? { warnings: batch.warnings } : {}),
    ...(batch.startAt === undefined ? {} : { start_at: batch.startAt }),
    ...(batch.dependsOn.length === 0 ? {} : { depends_on: batch.dependsOn }),
    ...webhookOf(batch),
    ...(batch.error === undefined ? {} : { error: batch.error }),
    ...(batch.interrupted === undefined ? {} : { recovered: true }),
    seq: batch.eventSeq,
  };
}

function webhookOf({ webhook, status, completedAt }: Batch): Pick<BatchStatusObject, 'webhook'> {
  if (webhook === undefined) return {};
  if (!isTerminal(status)) return { webhook: { state: 'waiting' } };
  const { told } = webhook;
  if (told === undefined || told.end !== completedAt) return { webhook: { state: 'pending' } };
  if (told.delivered) return { webhook: { state: 'delivered' } };
  return { webhook: { state: 'given_up', ...(told.reason !== undefined && { reason: told.reason }) } };
}

/** One decimal; 100 only when all are settled, never rounded up to it. */
export function progressPercent(settled: number, total: number): number {
  if (settled >= total) return 100;
  return Math.min(99.9, Math.round((settled / total) * 1000) / 10);
}

function pace(
  batch: Batch,
  left: number,
  clock: Clock,
): Pick<BatchStatusObject, 'eta_seconds' | 'photos_per_minute'> {
  const rate = batch.rate.perMinute(clock.monotonicMs());
  if (rate === null || rate <= 0) return { eta_seconds: null, photos_per_minute: null };
  const running = batch.status === 'running' && left > 0;
  return {
    eta_seconds: running ? Math.round((left / rate) * 600) / 10 : null,
    photos_per_minute: Math.round(rate * 10) / 10,
  };
}

function holdsOf(batch: Batch, limiter: Limiter): BatchStatusObject['holds'] {
  return batch.status === 'running' && limiter.hold !== null ? [...batch.holds, limiter.hold] : batch.holds;
}

function backoffOf(limiter: Limiter): BatchStatusObject['backoff'] {
  if (limiter.reason === null) return null;
  return { limit: limiter.limit, capacity: limiter.capacity, reason: limiter.reason };
}

export function toItemResult(item: {
  batch: Batch;
  index: number;
  path: string | null;
  stored: StoredResult | undefined;
  folder: string | null;
}): ItemResult {
  const { batch, index, stored } = item;
  const ref = batch.items.refs?.[index];
  const status = batch.items.status(index);
  const shown = status === 'pending' || status === 'in_flight' ? undefined : stored;
  const output = shown?.o;
  return {
    photo_id: batch.items.ids[index] ?? 0,
    ...(ref === null || ref === undefined ? {} : { ref }),
    path: item.path,
    status,
    attempts: batch.items.attempts(index),
    started_at: shown?.t ?? null,
    duration_ms: shown?.ms ?? null,
    ...(output === undefined
      ? {}
      : {
          output: {
            path: toOutputPath(item.folder, output[0]),
            bytes: output[1],
            width: output[2],
            height: output[3],
            format: output[4],
            sha256: output[5],
          },
        }),
    ...failureOf(batch, index, shown),
    ...(shown?.e === undefined ? {} : { engine: shown.e }),
    ...(shown?.d === undefined ? {} : { details: shown.d }),
    warnings: shown?.w ?? [],
  };
}

/** A failed item always has a failure, also when its stored result is gone (a state file of the original system). */
function failureOf(
  batch: Batch,
  index: number,
  stored: StoredResult | undefined,
): Pick<ItemResult, 'failure'> {
  if (stored?.f !== undefined) return { failure: stored.f };
  if (batch.items.state(index) !== 'failed') return {};
  const code: FailureCode = batch.items.failureCode(index);
  return { failure: { code, message: 'no details were kept', stage: 'run', retryable: false } };
}
