/** Describes the routes over many batches. */
import {
  cleanupAnswerSchema,
  cleanupBodySchema,
  mergeBodySchema,
  noBodySchema,
  planAnswerSchema,
  recoverAnswerSchema,
  startAnswerSchema,
  startRequestSchema,
} from '../../../contract/index.ts';
import { BATCH_ID, FOLDER, startExamples } from '../examples.ts';
import type { Group, Operation } from '../operation.ts';

const plan: Operation = {
  method: 'POST',
  path: '/batch/plan',
  id: 'planBatch',
  summary: 'What a start would do, without doing it',
  description: 'Takes the body of a start. Nothing is written, nothing is registered.',
  body: { schema: startRequestSchema, required: true, examples: startExamples },
  answers: [
    {
      about: 'For each photo what would happen.',
      schema: planAnswerSchema,
      example: {
        items: [
          {
            photo_id: 1,
            path: `${FOLDER}/photo-01.jpg`,
            action: 'write',
            output_path: '/home/anna/.local/share/photo-bridge/outputs/<batch_id>/photo-01.jpg',
          },
        ],
        counts: { write: 1, overwrite: 0, skip: 0, fail: 0, compare: 0 },
        warnings: [],
      },
    },
  ],
  refusals: [
    'unprocessable',
    'unknown_photo_ids',
    'unknown_preset',
    'unknown_template',
    'preset_invalid',
    'output_not_writable',
    'invalid_path',
  ],
};

const merge: Operation = {
  method: 'POST',
  path: '/batch/merge',
  id: 'mergeBatches',
  summary: 'Make one batch of what is left in several',
  description:
    'Of paused or pending batches of the same operation and config. They end cancelled in the same write: no photo is ever in two batches or in none.',
  body: {
    schema: mergeBodySchema,
    required: true,
    examples: [{ summary: 'Two of them', value: { batch_ids: [BATCH_ID, 'batch_0123456789ab'] } }],
  },
  answers: [
    {
      about: 'The new batch; paused when one of them was.',
      schema: startAnswerSchema,
      example: { message: 'Batches merged', batch_id: 'batch_fedcba987654', photo_count: 7 },
    },
  ],
  refusals: ['batch_not_found', 'illegal_transition', 'conflict', 'unprocessable', 'output_not_writable'],
  writes: true,
};

const recover: Operation = {
  method: 'POST',
  path: '/batch/recover',
  id: 'recoverBatches',
  summary: 'What the last stop interrupted',
  description:
    'Every batch that ran when the daemon last stopped is brought back at its start, paused unless the setting `recovery.on_start` says otherwise. This reports each once, and brings back what is still left. It never touches a running batch.',
  body: {
    schema: noBodySchema,
    required: false,
    examples: [{ summary: 'An empty object is as good as no body', value: {} }],
  },
  answers: [
    {
      about: 'Batches found since the last time someone asked.',
      schema: recoverAnswerSchema,
      example: {
        message: 'Batch recovery completed',
        recovered_count: 2,
        failed_count: 0,
        timestamp: '2025-11-09T10:30:00Z',
        batches: [
          { batch_id: BATCH_ID, remaining_count: 2, in_flight_count: 1 },
          { batch_id: 'batch_0123456789ab', remaining_count: 120, in_flight_count: 0 },
        ],
        quarantined: [],
      },
    },
  ],
  writes: true,
};

const cleanup: Operation = {
  method: 'POST',
  path: '/batch/cleanup',
  id: 'cleanUpBatches',
  summary: 'Forget batches that ended long ago',
  description: 'Completed, cancelled and failed ones. Photos and results stay.',
  body: {
    schema: cleanupBodySchema,
    required: false,
    examples: [
      { summary: 'Older than a week', value: { days_old: 7 } },
      { summary: 'Only tell which', value: { days_old: 0, dry_run: true } },
    ],
  },
  answers: [
    {
      about: 'Which were forgotten, or would be.',
      schema: cleanupAnswerSchema,
      example: {
        message: 'Batch cleanup completed',
        cleaned_count: 1,
        days_old: 7,
        dry_run: false,
        batch_ids: [BATCH_ID],
      },
    },
  ],
  writes: true,
};

export const batchUpkeep: Group = {
  name: 'Batch upkeep',
  about: 'Plan, merge, recover and clean up.',
  operations: [plan, merge, recover, cleanup],
};
