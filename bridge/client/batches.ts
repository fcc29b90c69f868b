/** The batch routes, one method each. Answers as http-api.md shows them. */
import type { z } from 'zod';
import type {
  BatchDetail,
  BatchStatus,
  BatchStatusObject,
  cleanupBodySchema,
  ItemResult,
  ItemStatus,
  liftHoldBodySchema,
  pauseBodySchema,
  placeHoldBodySchema,
  retryFailedBodySchema,
  startRequestSchema,
} from '../contract/index.ts';
import type {
  ActionAnswer,
  BatchList,
  BatchLogAnswer,
  ChangeAnswer,
  CleanupAnswer,
  ItemPage,
  PlanAnswer,
  RecoverAnswer,
  StartAnswer,
} from './answers.ts';
import type { CallOptions, Transport } from './transport.ts';

export type StartRequest = z.input<typeof startRequestSchema>;
export type PauseRequest = z.input<typeof pauseBodySchema>;
export type RetryRequest = z.input<typeof retryFailedBodySchema>;
export type CleanupRequest = z.input<typeof cleanupBodySchema>;
export type ListQuery = { status?: BatchStatus | undefined; limit?: number; cursor?: string | undefined };
export type ItemQuery = { status?: ItemStatus | undefined; limit?: number; cursor?: string | undefined };
export type StatusQuery = { wait_s?: number; since?: number };

export type BatchesClient = ReturnType<typeof createBatchesClient>;

export function createBatchesClient(transport: Transport) {
  const post = <T>(path: string, body: unknown, options?: CallOptions) =>
    transport.json<T>({ method: 'POST', path, body, ...options });
  const of = (batchId: string, action: string) => `/batch/${encodeURIComponent(batchId)}/${action}`;

  return {
    /** Resolves when the batch is durable on disk. The same `idempotencyKey` with the same body starts it once. */
    start(body: StartRequest, options: CallOptions & { idempotencyKey?: string | undefined } = {}) {
      const { idempotencyKey, signal } = options;
      const headers = idempotencyKey === undefined ? undefined : { 'idempotency-key': idempotencyKey };
      return transport.json<StartAnswer>({ method: 'POST', path: '/batch/start', body, headers, signal });
    },
    plan: (body: StartRequest, options?: CallOptions) => post<PlanAnswer>('/batch/plan', body, options),
    pause: (batchId: string, body?: PauseRequest, options?: CallOptions) =>
      post<ActionAnswer>(of(batchId, 'pause'), body, options),
    resume: (batchId: string, options?: CallOptions) =>
      post<ActionAnswer>(of(batchId, 'resume'), undefined, options),
    cancel: (batchId: string, options?: CallOptions) =>
      post<ActionAnswer>(of(batchId, 'cancel'), undefined, options),
    retryFailed: (batchId: string, body: RetryRequest = {}, options?: CallOptions) =>
      post<ChangeAnswer>(of(batchId, 'retry-failed'), body, options),
    setPriority: (batchId: string, priority: number, options?: CallOptions) =>
      post<ChangeAnswer>(of(batchId, 'priority'), { priority }, options),
    placeHold: (batchId: string, body: z.input<typeof placeHoldBodySchema>, options?: CallOptions) =>
      post<ChangeAnswer>(of(batchId, 'hold'), body, options),
    liftHold: (batchId: string, body: z.input<typeof liftHoldBodySchema>, options?: CallOptions) =>
      transport.json<ChangeAnswer>({ method: 'DELETE', path: of(batchId, 'hold'), body, ...options }),
    merge: (batchIds: readonly string[], options?: CallOptions) =>
      post<StartAnswer>('/batch/merge', { batch_ids: batchIds }, options),
    recover: (options?: CallOptions) => post<RecoverAnswer>('/batch/recover', undefined, options),
    cleanup: (body?: CleanupRequest, options?: CallOptions) =>
      post<CleanupAnswer>('/batch/cleanup', body, options),
    ...createBatchReader(transport, of),
  };
}

function createBatchReader(transport: Transport, of: (batchId: string, action: string) => string) {
  const get = <T>(path: string, query?: object, options?: CallOptions) =>
    transport.json<T>({ method: 'GET', path, query: { ...query }, ...options });

  async function* eachPhoto(batchId: string, query: ItemQuery = {}, options?: CallOptions) {
    let cursor = query.cursor;
    do {
      const page: ItemPage = await get(of(batchId, 'photos'), { limit: 1000, ...query, cursor }, options);
      yield* page.photos;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  return {
    /** The status, and what the batch was started with. */
    get: (batchId: string, options?: CallOptions) =>
      get<BatchDetail>(`/batch/${encodeURIComponent(batchId)}`, {}, options),
    /** With `wait_s` (0..30) answers as soon as the batch's `seq` is above `since`, or after that time. */
    status: (batchId: string, query: StatusQuery = {}, options?: CallOptions) =>
      get<BatchStatusObject>(of(batchId, 'status'), query, options),
    list: (query: ListQuery = {}, options?: CallOptions) => get<BatchList>('/batch/list', query, options),
    photos: (batchId: string, query: ItemQuery = {}, options?: CallOptions) =>
      get<ItemPage>(of(batchId, 'photos'), query, options),
    /** Every item result in order, page by page. */
    eachPhoto: eachPhoto as (
      batchId: string,
      query?: ItemQuery,
      options?: CallOptions,
    ) => AsyncGenerator<ItemResult, void, void>,
    /** The whole list as a download; the body is not yet read. */
    results: (batchId: string, format: 'csv' | 'json', options?: CallOptions) =>
      transport.raw({ method: 'GET', path: of(batchId, `results.${format}`), ...options }),
    log: (batchId: string, since?: number, options?: CallOptions) =>
      get<BatchLogAnswer>(of(batchId, 'log'), { since }, options),
  };
}
