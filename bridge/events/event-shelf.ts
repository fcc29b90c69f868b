/**
 * The kept events in order, bounded by count and bytes. Progress of a batch that a later event of the same batch
 * supersedes goes first (every `batch_*` event carries the whole status); only then the oldest.
 */
import type { LoggedEvent } from './api.ts';

export type EventShelf = {
  readonly oldest: number;
  add(logged: LoggedEvent): void;
  /** Kept events above `since`; null when one that nothing superseded is gone. */
  since(since: number): readonly LoggedEvent[] | null;
};

export function createEventShelf(options: { base: number; maxEvents: number; maxBytes: number }): EventShelf {
  const kept = new Map<number, LoggedEvent>();
  /** Newest kept progress of each batch, and the older ones, which may go. Both hold seqs of `kept` only. */
  const progress = new Map<string, number>();
  const superseded = new Set<number>();
  let oldest = options.base;
  let bytes = 0;

  function add(logged: LoggedEvent): void {
    const { event, frame } = logged;
    kept.set(event.seq, logged);
    bytes += frame.length;
    const batchId = toBatchOfStatus(logged);
    if (batchId !== null) {
      const before = progress.get(batchId);
      if (before !== undefined) superseded.add(before);
      progress.delete(batchId);
      if (event.type === 'batch_progress') progress.set(batchId, event.seq);
    }
    while (kept.size > 1 && (kept.size > options.maxEvents || bytes > options.maxBytes)) evict();
  }

  function evict(): void {
    const [spare] = superseded;
    if (spare !== undefined) {
      remove(spare);
      return;
    }
    const [first] = kept.keys();
    if (first === undefined) return;
    remove(first);
    oldest = first;
  }

  function remove(seq: number): void {
    const logged = kept.get(seq);
    if (logged === undefined) return;
    bytes -= logged.frame.length;
    kept.delete(seq);
    superseded.delete(seq);
    const batchId = toBatchOfStatus(logged);
    if (batchId !== null && progress.get(batchId) === seq) progress.delete(batchId);
  }

  function since(since: number): readonly LoggedEvent[] | null {
    // 0 asks for everything: the whole run while none of it has gone.
    if (since < oldest && !(since === 0 && oldest === options.base)) return null;
    return [...kept.values()].filter(({ event }) => event.seq > since);
  }

  return {
    get oldest() {
      return oldest;
    },
    add,
    since,
  };
}

/** The batch whose whole status the event carries, or null. */
function toBatchOfStatus({ event }: LoggedEvent): string | null {
  return 'status' in event ? event.batch_id : null;
}
