/** Describes the routes that change one batch. */
import {
  actionAnswerSchema,
  changeAnswerSchema,
  liftHoldBodySchema,
  noBodySchema,
  pauseBodySchema,
  placeHoldBodySchema,
  priorityBodySchema,
  retryFailedBodySchema,
  startAnswerSchema,
  startRequestSchema,
} from '../../../contract/index.ts';
import { BATCH_ID, runningStatus, startExamples } from '../examples.ts';
import { idempotencyHeader } from '../idempotency-header.ts';
import type { Answer, Body, Group, Operation } from '../operation.ts';

const none: Body = {
  schema: noBodySchema,
  required: false,
  examples: [{ summary: 'An empty object is as good as no body', value: {} }],
};
const done = (message: string, status: string): Answer => ({
  about: 'Done, and durable on disk.',
  schema: actionAnswerSchema,
  example: { message, batch_id: BATCH_ID, status },
});
const changed = (message: string, change: object = {}): Answer => ({
  about: 'Done, and durable on disk; the batch as it is now.',
  schema: changeAnswerSchema,
  example: { message, ...runningStatus, ...change },
});

const start: Operation = {
  method: 'POST',
  path: '/batch/start',
  id: 'startBatch',
  summary: 'Start a batch',
  description:
    'Answers when the batch is durable on disk: from then on it survives any crash. Give exactly one of `photo_ids`, `photos` and `select`; for the other operations, `items` or `file`.',
  headers: [idempotencyHeader],
  body: { schema: startRequestSchema, required: true, examples: startExamples },
  answers: [
    {
      about: 'Started, or `pending` until what it waits for.',
      schema: startAnswerSchema,
      example: { message: 'Batch processing started', batch_id: BATCH_ID, photo_count: 3 },
    },
  ],
  refusals: [
    'unprocessable',
    'unknown_photo_ids',
    'unknown_preset',
    'unknown_template',
    'preset_invalid',
    'idempotency_mismatch',
    'output_not_writable',
    'invalid_path',
  ],
  writes: true,
};

const pause: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/pause',
  id: 'pauseBatch',
  summary: 'Pause a running batch',
  description:
    'Answers at once. `soft` lets the photos in flight finish, `hard` gives them back. With `until` it goes on by itself at that time.',
  body: {
    schema: pauseBodySchema,
    required: false,
    examples: [
      { summary: 'As it is', value: {} },
      { summary: 'At once, with a reason', value: { mode: 'hard', reason: 'the machine is needed' } },
    ],
  },
  answers: [done('Batch paused successfully', 'paused')],
  refusals: ['illegal_transition'],
  writes: true,
};

const resume: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/resume',
  id: 'resumeBatch',
  summary: 'Resume a paused batch',
  description: 'One in which nothing is left to do completes.',
  body: none,
  answers: [done('Batch resumed successfully', 'running')],
  refusals: ['illegal_transition', 'output_not_writable'],
  writes: true,
};

const cancel: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/cancel',
  id: 'cancelBatch',
  summary: 'Cancel a batch',
  description: 'For good. What is done stays; photos in flight are given back.',
  body: none,
  answers: [done('Batch cancelled successfully', 'cancelled')],
  refusals: ['illegal_transition'],
  writes: true,
};

const retry: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/retry-failed',
  id: 'retryFailed',
  summary: 'Try the failed photos again',
  description:
    'Of a completed or failed batch, which then runs again. `codes` picks some reasons, `config` replaces parts of the config.',
  body: {
    schema: retryFailedBodySchema,
    required: false,
    examples: [{ summary: 'All of them', value: {} }],
  },
  answers: [changed('Batch retry started')],
  refusals: [
    'illegal_transition',
    'unprocessable',
    'unknown_preset',
    'preset_invalid',
    'output_not_writable',
  ],
  writes: true,
};

const priority: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/priority',
  id: 'setPriority',
  summary: 'Move a batch forward or back',
  description: 'Takes effect at the next photo.',
  body: {
    schema: priorityBodySchema,
    required: true,
    examples: [{ summary: 'Before most others', value: { priority: 9 } }],
  },
  answers: [changed('Batch priority changed', { priority: 9 })],
  refusals: ['illegal_transition'],
  writes: true,
};

const hold: Operation = {
  method: 'POST',
  path: '/batch/{batch_id}/hold',
  id: 'placeHold',
  summary: 'Hold a batch back for a while',
  description:
    'The batch stays `running` and hands out no work. The hold ends with its lease: a program that dies holds nothing back for ever. The same client again renews it.',
  body: {
    schema: placeHoldBodySchema,
    required: true,
    examples: [
      {
        summary: 'For a minute',
        value: { client: 'my-plugin', reason: 'an export is running', lease_s: 60 },
      },
    ],
  },
  answers: [
    changed('Hold placed', {
      holds: [
        {
          owner: 'client:my-plugin',
          reason: 'an export is running',
          since: '2025-11-09T10:01:00Z',
          until: '2025-11-09T10:02:00Z',
        },
      ],
    }),
  ],
  refusals: ['illegal_transition'],
  writes: true,
};

const lift: Operation = {
  method: 'DELETE',
  path: '/batch/{batch_id}/hold',
  id: 'liftHold',
  summary: 'Lift a client’s hold',
  body: {
    schema: liftHoldBodySchema,
    required: true,
    examples: [{ summary: 'By the name it was placed with', value: { client: 'my-plugin' } }],
  },
  answers: [changed('Hold lifted')],
  writes: true,
};

export const batchControl: Group = {
  name: 'Batch control',
  about: 'Start a batch, and change one.',
  operations: [start, pause, resume, cancel, retry, priority, hold, lift],
};
