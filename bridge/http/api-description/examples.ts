/** Values that stand in several examples of the document. Those the original guide shows are as it shows them. */
import type { BatchStatusObject } from '../../contract/index.ts';

export const BATCH_ID = 'batch_abc123def456';
export const FOLDER = '/home/anna/Pictures/wedding';

export const runningStatus: BatchStatusObject = {
  batch_id: BATCH_ID,
  session_id: 123,
  status: 'running',
  total_photos: 5,
  processed_count: 3,
  failed_count: 0,
  progress_percent: 60,
  created_at: '2025-11-09T10:00:00Z',
  started_at: '2025-11-09T10:00:05Z',
  paused_at: null,
  completed_at: null,
  operation: 'develop',
  priority: 5,
  pending_count: 1,
  in_flight_count: 1,
  skipped_count: 0,
  holds: [],
  backoff: null,
  eta_seconds: 4,
  photos_per_minute: 31.5,
  failure_codes: {},
  warnings_count: 0,
  seq: 1042,
};

export const startExamples = [
  {
    summary: 'Ten photos with a preset',
    value: {
      photo_ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      session_id: 123,
      config: { preset: 'WhiteLayer_v4', blend: 60 },
    },
  },
  {
    summary: 'Files by path, with the caller’s own ids',
    value: {
      photos: [
        { path: `${FOLDER}/photo-01.jpg`, ref: 'L-4711' },
        { path: `${FOLDER}/photo-02.jpg`, ref: 'L-4712' },
      ],
      config: { output: { format: 'webp', quality: 82, long_edge: 2048 } },
    },
  },
  {
    summary: 'All photos of a folder, at night',
    value: {
      select: { folder: FOLDER, glob: '*.jpg' },
      priority: 2,
      run_window: { from: '22:00', to: '06:00' },
    },
  },
  {
    summary: 'By a template, with another quality',
    value: { photo_ids: [1, 2, 3], template: 'Web gallery', config: { output: { quality: 90 } } },
  },
];
