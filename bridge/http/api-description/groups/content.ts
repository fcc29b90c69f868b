/** Describes the content routes, whose words and camelCase keys are those of the original content service. */
import type { z } from 'zod';
import {
  contentAcceptedSchema,
  contentLoadedSchema,
  contentOperationSchema,
  contentRecordAnswerSchema,
  contentRecordsSchema,
  creatorOperationsSchema,
  creatorQuerySchema,
  mirrorReportSchema,
  mirrorStateSchema,
  noBodySchema,
  removeContentBodySchema,
  updateMetadataBodySchema,
  updatePriceBodySchema,
} from '../../../contract/index.ts';
import { BATCH_ID } from '../examples.ts';
import { idempotencyHeader } from '../idempotency-header.ts';
import { describeQuery, type Group, type Operation } from '../operation.ts';

const creator = '0xA11CE';
const operation = {
  batchId: BATCH_ID,
  creator,
  operationType: 'update-price',
  status: 'completed',
  totalItems: 2,
  contentIds: ['c-1', 'c-2'],
  updatePayload: { newPrice: 9.99 },
  successCount: 1,
  failureCount: 1,
  results: [
    { contentId: 'c-1', success: true, message: 'Price updated to 9.99', timestamp: '2025-11-09T10:00:01Z' },
    {
      contentId: 'c-2',
      success: false,
      error: 'Content not found or not owned by creator',
      timestamp: '2025-11-09T10:00:01Z',
    },
  ],
  startedAt: '2025-11-09T10:00:00Z',
  completedAt: '2025-11-09T10:00:01Z',
};

type Change = {
  path: string;
  id: string;
  summary: string;
  message: string;
  schema: z.ZodType;
  value: object;
};

function toChange({ path, id, summary, message, schema, value }: Change): Operation {
  return {
    method: 'POST',
    path: `/api/batches/${path}`,
    id,
    summary,
    description: 'Up to 100 records. The work goes on in the background; ask with `batchId`.',
    headers: [idempotencyHeader],
    body: {
      schema,
      required: true,
      examples: [{ summary: 'Two records', value: { contentIds: ['c-1', 'c-2'], ...value, creator } }],
    },
    answers: [
      {
        status: 201,
        about: 'Accepted, and durable on disk.',
        schema: contentAcceptedSchema,
        example: { message, batchId: BATCH_ID, status: 'pending', totalItems: 2 },
      },
    ],
    refusals: ['idempotency_mismatch'],
    writes: true,
  };
}

const changes: readonly Operation[] = [
  toChange({
    path: 'batch-update-price',
    id: 'updatePrice',
    summary: 'Change the price of content records',
    message: 'Batch price update initiated',
    schema: updatePriceBodySchema,
    value: { newPrice: 9.99 },
  }),
  toChange({
    path: 'batch-remove',
    id: 'removeContent',
    summary: 'Remove content records',
    message: 'Batch removal initiated',
    schema: removeContentBodySchema,
    value: { removalReason: 'out of date' },
  }),
  toChange({
    path: 'batch-update-metadata',
    id: 'updateMetadata',
    summary: 'Change fields of content records',
    message: 'Batch metadata update initiated',
    schema: updateMetadataBodySchema,
    value: { updates: { title: 'Harbour at dawn' } },
  }),
];

const reading: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/batches/{batch_id}',
    id: 'getContentOperation',
    summary: 'One content operation, live while it runs',
    answers: [
      {
        about: '`results` are those of the records that are settled.',
        schema: contentOperationSchema,
        example: operation,
      },
    ],
  },
  {
    method: 'GET',
    path: '/api/batches/creator/{creator}',
    id: 'listContentOperations',
    summary: 'The content operations of a creator, newest first',
    query: describeQuery(creatorQuerySchema, { example: { limit: 50, skip: 0 } }),
    answers: [
      {
        about: 'A page. `total` is how many there are in all.',
        schema: creatorOperationsSchema,
        example: { creator, total: 1, operations: [operation], limit: 50, skip: 0 },
      },
    ],
  },
];

const records: readonly Operation[] = [
  {
    method: 'POST',
    path: '/content',
    id: 'loadContent',
    summary: 'Load content records',
    description:
      'All or none. A record with a known `id` replaces that one; fields that are not named here are kept as they are.',
    body: {
      schema: contentRecordsSchema,
      required: true,
      examples: [
        {
          summary: 'Two records',
          value: [
            { id: 'c-1', creator, title: 'Harbour', price: 12.5 },
            { id: 'c-2', creator: '0xB0B', title: 'Bridge', price: 8 },
          ],
        },
      ],
      otherTypes: {
        'text/csv': {
          about: 'A header line with the names of the fields, then a line a record.',
          example: 'id,creator,title,price\r\nc-1,0xA11CE,Harbour,12.5\r\n',
        },
      },
    },
    answers: [
      {
        about: 'Loaded, and durable on disk.',
        schema: contentLoadedSchema,
        example: { loaded: 2, replaced: 0, total: 2 },
      },
    ],
    writes: true,
  },
  {
    method: 'GET',
    path: '/content/{content_id}',
    id: 'getContent',
    summary: 'One content record',
    answers: [
      {
        about: 'The record as it is now.',
        schema: contentRecordAnswerSchema,
        example: { id: 'c-1', creator, title: 'Harbour', price: 9.99 },
      },
    ],
  },
  {
    method: 'GET',
    path: '/mirror',
    id: 'getMirror',
    summary: 'How many changes the mirror has not got yet',
    answers: [{ about: 'The queue.', schema: mirrorStateSchema, example: { waiting: 0 } }],
  },
  {
    method: 'POST',
    path: '/mirror/retry',
    id: 'retryMirror',
    summary: 'Send the mirror what it has not got yet',
    body: {
      schema: noBodySchema,
      required: false,
      examples: [{ summary: 'An empty object is as good as no body', value: {} }],
    },
    answers: [
      {
        about: '`left`: still in the queue.',
        schema: mirrorReportSchema,
        example: {
          tried: 2,
          mirrored: 1,
          left: 1,
          errors: [{ contentId: 'c-2', reason: 'the mirror answered 500' }],
        },
      },
    ],
    refusals: ['unprocessable'],
    writes: true,
  },
];

export const content: Group = {
  name: 'Content',
  about:
    'Prices, removal and metadata of content records in bulk. Keys are in camelCase here, and refusals carry `message` beside `error`.',
  operations: [...changes, ...reading, ...records],
};
