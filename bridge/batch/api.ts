/** What `http/`, `ws/` and `cli/` may ask of the batch engine. Types only; `service.ts` implements it. */
import type { z } from 'zod';
import type {
  BatchDetail,
  BatchStatus,
  BatchStatusObject,
  ItemResult,
  ItemStatus,
  liftHoldBodySchema,
  OperationName,
  PauseBody,
  PlanItem,
  placeHoldBodySchema,
  Ref,
  retryFailedBodySchema,
  StartBody,
} from '../contract/index.ts';

export type Page = { limit: number; cursor?: string | undefined };
export type BatchLogLine = {
  seq: number;
  timestamp: string;
  level: 'info' | 'warn' | 'error';
  message: string;
  photo_id?: number;
};

/** A batch as those see it who show it in another form. `refs`: the callers' own ids, by item. */
export type BatchSummary = {
  batch_id: string;
  created_at: string;
  config: Readonly<Record<string, unknown>> | null;
  refs: readonly (Ref | null)[];
};

/** Every method throws BridgeError (`batch_not_found`, `illegal_transition`, …) for an expected refusal. */
export interface BatchApi {
  /** `sent`: the request as it came, which a repetition under the same key has to equal; absent: the body itself. */
  start(
    body: StartBody,
    options: { idempotencyKey?: string; sent?: unknown },
  ): Promise<{ batch_id: string; photo_count: number; warnings: string[] }>;
  pause(batchId: string, body: PauseBody): Promise<BatchStatusObject>;
  resume(batchId: string): Promise<BatchStatusObject>;
  cancel(batchId: string): Promise<BatchStatusObject>;
  retryFailed(batchId: string, body: z.infer<typeof retryFailedBodySchema>): Promise<BatchStatusObject>;
  setPriority(batchId: string, priority: number): Promise<BatchStatusObject>;
  placeHold(batchId: string, body: z.infer<typeof placeHoldBodySchema>): Promise<BatchStatusObject>;
  liftHold(batchId: string, body: z.infer<typeof liftHoldBodySchema>): Promise<BatchStatusObject>;
  merge(batchIds: readonly string[]): Promise<{ batch_id: string; photo_count: number }>;
  plan(
    body: StartBody,
  ): Promise<{ items: PlanItem[]; counts: Record<PlanItem['action'], number>; warnings: string[] }>;
  recover(): Promise<{
    recovered_count: number;
    failed_count: number;
    timestamp: string;
    batches: { batch_id: string; remaining_count: number; in_flight_count: number }[];
    quarantined: { file: string; reason: string }[];
  }>;
  cleanup(body: {
    days_old: number;
    dry_run: boolean;
  }): Promise<{ cleaned_count: number; batch_ids: string[] }>;

  /** The status, and what the batch was started with. */
  detail(batchId: string): BatchDetail;
  /** Every kept batch of this operation, oldest first. */
  ofOperation(operation: OperationName): Iterable<BatchSummary>;
  /** The idempotency key it was started with; undefined when there was none. */
  keyOf(batchId: string): string | undefined;
  status(batchId: string): BatchStatusObject;
  /** Resolves with the status as soon as its `seq` is above `since`, or after `waitMs`. */
  waitForChange(
    batchId: string,
    since: number,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<BatchStatusObject>;
  list(query: Page & { status?: BatchStatus | undefined }): {
    batches: BatchStatusObject[];
    count: number;
    next_cursor?: string;
  };
  photos(
    batchId: string,
    query: Page & { status?: ItemStatus | undefined },
  ): Promise<{ photos: ItemResult[]; next_cursor: string | null }>;
  /** Keys of the details in its results, as columns of an export. */
  detailKeys(batchId: string): readonly string[];
  /** All item results in order, for downloads of any size. */
  results(batchId: string): AsyncIterable<ItemResult>;
  log(batchId: string, since: number): BatchLogLine[];
}
