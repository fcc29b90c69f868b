/** The answers in the shape of the content service: what was accepted, one operation, a creator's operations. Pure. */
import type { ContentOperation, ContentResult } from '../../contract/index.ts';
import { type ContentChange, initiated, type OperationType } from './change.ts';
import { type BadRequest, toBadRequest } from './parse-bodies.ts';
import type { ContentId } from './record.ts';

export type EngineStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';

/** `results`: by place in `contentIds`; absent while not settled. */
export type OperationView = ContentChange & {
  batchId: string;
  creator: string;
  status: EngineStatus;
  contentIds: readonly ContentId[];
  results: ReadonlyMap<number, ContentResult>;
  startedAt: string | null;
  completedAt: string | null;
};

export function toAccepted(operationType: OperationType, batchId: string, totalItems: number) {
  return { message: initiated[operationType], batchId, status: 'pending' as const, totalItems };
}

export function toOperationDocument(view: OperationView): ContentOperation {
  const results = [...view.results].sort(([a], [b]) => a - b).map(([, result]) => result);
  const successCount = results.filter(({ success }) => success).length;
  return {
    batchId: view.batchId,
    creator: view.creator,
    operationType: view.operationType,
    status: toOperationStatus(view.status),
    totalItems: view.contentIds.length,
    contentIds: [...view.contentIds],
    updatePayload: view.updatePayload,
    successCount,
    failureCount: results.length - successCount,
    results,
    startedAt: view.startedAt,
    completedAt: view.completedAt,
  };
}

/** A paused operation has begun and is not at its end. */
export function toOperationStatus(status: EngineStatus): ContentOperation['status'] {
  return status === 'running' || status === 'paused' ? 'processing' : status;
}

export type Page = { limit: number; skip: number };
const PAGE_LIMIT = 100;

/** Of the query's texts. */
export function parsePage(query: {
  limit?: string | undefined;
  skip?: string | undefined;
}): { ok: true; value: Page } | BadRequest {
  const limit = toWhole(query.limit ?? '50');
  const skip = toWhole(query.skip ?? '0');
  if (limit === null || limit < 1 || limit > PAGE_LIMIT)
    return toBadRequest(`limit must be a whole number from 1 to ${PAGE_LIMIT}`);
  if (skip === null) return toBadRequest('skip must be a whole number of at least 0');
  return { ok: true, value: { limit, skip } };
}

function toWhole(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** One page of the creator's operations. `batches`: all of the creator's, in any order; newest first comes out, of one instant the larger id. */
export function toCreatorPage<T extends { batchId: string; createdAt: string }>(
  batches: readonly T[],
  { limit, skip }: Page,
): { total: number; page: T[] } {
  const newestFirst = [...batches].sort(
    (a, b) => compare(b.createdAt, a.createdAt) || compare(b.batchId, a.batchId),
  );
  return { total: batches.length, page: newestFirst.slice(skip, skip + limit) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function toCreatorList(
  creator: string,
  page: Page & { total: number; operations: readonly ContentOperation[] },
) {
  const { total, operations, limit, skip } = page;
  return { creator, total, operations: [...operations], limit, skip };
}
