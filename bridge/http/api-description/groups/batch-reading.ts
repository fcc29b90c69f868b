/** Describes the routes that read batches. */
import {
  batchDetailSchema,
  batchListQuerySchema,
  batchListSchema,
  batchLogAnswerSchema,
  batchLogQuerySchema,
  batchPhotosQuerySchema,
  batchStatusObjectSchema,
  type ItemResult,
  itemPageSchema,
  statusQuerySchema,
} from '../../../contract/index.ts';
import { BATCH_ID, FOLDER, runningStatus } from '../examples.ts';
import { describeQuery, type Group, type Operation } from '../operation.ts';

const paging = {
  limit: '1 to 1000; what is larger counts as 1000.',
  cursor: 'The `next_cursor` of the page before.',
} as const;

const item: ItemResult = {
  photo_id: 1,
  ref: 'L-4711',
  path: `${FOLDER}/photo-01.jpg`,
  status: 'processed',
  attempts: 1,
  started_at: '2025-11-09T10:00:05Z',
  duration_ms: 840,
  output: {
    path: `/home/anna/.local/share/photo-bridge/outputs/${BATCH_ID}/photo-01.jpg`,
    bytes: 2_481_233,
    width: 6000,
    height: 4000,
    format: 'jpeg',
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
  warnings: [],
};

const list: Operation = {
  method: 'GET',
  path: '/batch/list',
  id: 'listBatches',
  summary: 'All kept batches, newest first',
  query: describeQuery(batchListQuerySchema, {
    fields: { status: 'Only those in this state; absent: all.', ...paging },
    example: { limit: 20 },
  }),
  answers: [
    {
      about: 'A page. `count` is how many there are in all.',
      schema: batchListSchema,
      example: { batches: [runningStatus], count: 1 },
    },
  ],
};

const status: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}/status',
  id: 'getBatchStatus',
  summary: 'One batch as it is now, or at its next change',
  query: describeQuery(statusQuerySchema, {
    fields: {
      wait_s: 'Wait up to so many seconds for a change.',
      since: 'The `seq` already known: answers at once when there is a newer one. Absent: the one now.',
    },
    example: { wait_s: 0 },
  }),
  answers: [{ about: 'The status.', schema: batchStatusObjectSchema, example: runningStatus }],
};

const detail: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}',
  id: 'getBatch',
  summary: 'One batch with what it was started with',
  answers: [
    {
      about: 'The status and the `config` as it was sent.',
      schema: batchDetailSchema,
      example: { ...runningStatus, config: { preset: 'WhiteLayer_v4', blend: 60 } },
    },
  ],
};

const photos: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}/photos',
  id: 'listBatchPhotos',
  summary: 'What became of each photo of a batch',
  query: describeQuery(batchPhotosQuerySchema, {
    fields: { status: 'Only those in this state; absent: all.', ...paging },
    example: { status: 'failed', limit: 100 },
  }),
  answers: [
    {
      about: 'A page, in the order of the start.',
      schema: itemPageSchema,
      example: { photos: [item], next_cursor: null },
    },
  ],
};

const log: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}/log',
  id: 'getBatchLog',
  summary: 'The log of one batch',
  description: 'The newest 500 lines since the daemon started.',
  query: describeQuery(batchLogQuerySchema, {
    fields: { since: 'Only lines with a `seq` above this.' },
    example: { since: 0 },
  }),
  answers: [
    {
      about: 'Oldest first.',
      schema: batchLogAnswerSchema,
      example: {
        lines: [
          { seq: 1, timestamp: '2025-11-09T10:00:00Z', level: 'info', message: 'created with 5 photos' },
        ],
      },
    },
  ],
};

const asFile = { 'content-disposition': 'A file name for the download.' } as const;

const csv: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}/results.csv',
  id: 'downloadResultsCsv',
  summary: 'All results as a table',
  description:
    'Streamed, whatever its length. RFC 4180 with a header line; cells that a spreadsheet would run as a formula are defused.',
  answers: [
    {
      about: 'One line a photo, in the order of the start.',
      type: 'text/csv',
      headers: asFile,
      example:
        'photo_id,ref,path,status,attempts,started_at,duration_ms,output_path,output_bytes,output_width,output_height,output_format,failure_code,failure_stage,failure_message,warnings\r\n',
    },
  ],
};

const json: Operation = {
  method: 'GET',
  path: '/batch/{batch_id}/results.json',
  id: 'downloadResultsJson',
  summary: 'All results as JSON',
  description: 'The form of the paged route, whole and streamed.',
  answers: [
    {
      about: '`next_cursor` is null.',
      headers: asFile,
      schema: itemPageSchema,
      example: { photos: [item], next_cursor: null },
    },
  ],
};

export const batchReading: Group = {
  name: 'Batch reading',
  about: 'Read batches and their results. Nothing here changes anything.',
  operations: [list, detail, status, photos, log, csv, json],
};
