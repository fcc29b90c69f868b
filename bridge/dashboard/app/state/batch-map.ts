/** Which of two status objects of a batch is the newer one. Pure; it never changes a status object. */
import type { BatchStatusObject } from '../../../client/index.ts';

export type BatchMap = ReadonlyMap<string, BatchStatusObject>;

/**
 * `before`: what was known when the question was asked; what has not changed since is older than the answer. Without it, and
 * for what has changed meanwhile, the numbers decide.
 */
export function mergeStatus(now: BatchMap, status: BatchStatusObject, before?: BatchMap): BatchMap {
  const held = now.get(status.batch_id);
  const isOlderThanQuestion = before !== undefined && held === before.get(status.batch_id);
  if (held !== undefined && !isOlderThanQuestion && held.seq > status.seq) return now;
  return new Map(now).set(status.batch_id, status);
}

type ListMerge = {
  before: BatchMap;
  now: BatchMap;
  /** The newest page, newest first. */
  listed: readonly BatchStatusObject[];
  /** There are no others. */
  isWhole: boolean;
};

/** Batches the list should have named and did not are gone, but for those that came meanwhile. */
export function mergeList({ before, now, listed, isWhole }: ListMerge): BatchMap {
  const names = new Set(listed.map(({ batch_id }) => batch_id));
  const oldest = listed.at(-1)?.created_at ?? '';
  const kept = [...now].filter(([id, status]) => {
    const isBeyond = !isWhole && status.created_at <= oldest;
    return names.has(id) || !before.has(id) || isBeyond;
  });
  let merged: BatchMap = new Map(kept);
  for (const status of listed) merged = mergeStatus(merged, status, before);
  return merged;
}

/** Ids, newest first. */
export function toOrder(batches: BatchMap): string[] {
  return [...batches.values()]
    .sort((a, b) => compare(b.created_at, a.created_at) || compare(b.batch_id, a.batch_id))
    .map(({ batch_id }) => batch_id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
