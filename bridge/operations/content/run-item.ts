/** One item of a content batch: the change made durable, then told to the mirror; its outcome as a value. Never rejects. */
import type { ContentResult } from '../../contract/index.ts';
import { BridgeError, toError } from '../../errors.ts';
import { type ContentChange, NOT_FOUND, toDoneMessage } from './change.ts';
import type { MirrorQueue } from './mirror-queue.ts';
import type { ContentId } from './record.ts';
import type { ContentStore } from './store.ts';

export type ContentItemParts = {
  store: ContentStore;
  /** Null when no mirror is set up. */
  mirror: MirrorQueue | null;
  /** Wall time, ISO-8601 UTC. */
  now: () => string;
};

/** `token`: `{batch}:{index}`, the same at every attempt. */
export type ContentItem = { contentId: ContentId; creator: string; change: ContentChange; token: string };

/** `storage`: the store cannot be written now; nothing changed. `stopped`: aborted before anything changed. */
export type ContentItemEnd =
  | { kind: 'settled'; result: ContentResult }
  | { kind: 'storage'; message: string }
  | { kind: 'stopped' };

export async function runContentItem(
  parts: ContentItemParts,
  item: ContentItem,
  signal: AbortSignal,
): Promise<ContentItemEnd> {
  if (signal.aborted) return { kind: 'stopped' };
  const { store, mirror } = parts;
  try {
    const end = await store.change({ ...item, mirrored: mirror !== null });
    if (end === 'missing') return { kind: 'settled', result: toFailure(parts, item, NOT_FOUND) };
  } catch (thrown) {
    // A refusal of the log, or the system's own error of the disk; all else is a fault of this program.
    const { message } = toError(thrown);
    if (thrown instanceof BridgeError || hasSystemCode(thrown)) return { kind: 'storage', message };
    return { kind: 'settled', result: toFailure(parts, item, message) };
  }
  return { kind: 'settled', result: toSuccess(parts, item, await tellMirror(parts, item, signal)) };
}

/** After a crash: the result of an item whose change is on disk, or null when it is not and the item has to run. */
export function adoptContentItem(parts: ContentItemParts, item: ContentItem): ContentResult | null {
  if (!parts.store.isApplied(item.token)) return null;
  const isWaiting = parts.store.jobs(item.contentId).some(({ token }) => token === item.token);
  return toSuccess(parts, item, isWaiting ? 'interrupted' : null);
}

/** The local change stands whatever comes of this. Null when the mirror has it, else why not. */
async function tellMirror(
  { store, mirror }: ContentItemParts,
  { contentId, token }: ContentItem,
  signal: AbortSignal,
): Promise<string | null> {
  const job = store.jobs(contentId).find((waiting) => waiting.token === token);
  if (mirror === null || job === undefined) return null;
  try {
    return await mirror.send(job, signal);
  } catch (thrown) {
    return signal.aborted ? 'interrupted' : toError(thrown).message;
  }
}

function toSuccess(
  { now }: ContentItemParts,
  { contentId, change }: ContentItem,
  fault: string | null,
): ContentResult {
  const result = { contentId, success: true as const, message: toDoneMessage(change), timestamp: now() };
  return fault === null
    ? result
    : { ...result, warning: `Not mirrored yet (${fault}); queued for mirror retry` };
}

function toFailure({ now }: ContentItemParts, { contentId }: ContentItem, error: string): ContentResult {
  return { contentId, success: false, error, timestamp: now() };
}

function hasSystemCode(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && /^E[A-Z]+$/.test(String(thrown.code));
}
