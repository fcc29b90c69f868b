/** The sample state file of the original's guide: its 15 keys, as it shows them. */
export const seedState = {
  batch_id: 'batch_abc123def456',
  session_id: 123,
  photo_ids: [1, 2, 3, 4, 5],
  processed_photo_ids: [1, 2, 3],
  failed_photo_ids: [],
  status: 'paused',
  created_at: '2025-11-09T10:00:00Z',
  started_at: '2025-11-09T10:00:05Z',
  paused_at: '2025-11-09T10:15:30Z',
  completed_at: null,
  total_photos: 5,
  processed_count: 3,
  failed_count: 0,
  config: { preset: 'WhiteLayer_v4', blend: 60 },
  task_ids: ['task1', 'task2'],
};
