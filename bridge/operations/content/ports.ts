/** What content operations need from the outside. Types only. */
import type { MirrorJob } from './store-entries.ts';

/** A durable log of single entries; `store/` has it (`openAppendLog`). */
export interface ContentLog {
  /** Resolves in call order with the offset of each entry once all are on disk. */
  append(payloads: readonly unknown[]): Promise<readonly number[]>;
  /** The payload at an offset; undefined when no valid entry begins there. */
  read(offset: number): Promise<unknown>;
  close(): Promise<void>;
}
export type OpenContentLog = (
  path: string,
  onRecord: (payload: unknown, offset: number) => void,
) => Promise<ContentLog>;

/** `down`: the mirror could not be reached or is in trouble; `rejected`: it will not have this change. */
export type MirrorEnd = { kind: 'mirrored' } | { kind: 'down' | 'rejected'; reason: string };

/** An external ledger that is told of each change. Must take the same token twice as once. */
export interface ContentMirror {
  /** Rejects only when the signal aborts. */
  send(job: MirrorJob, signal: AbortSignal): Promise<MirrorEnd>;
}
