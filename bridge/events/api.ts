/** What `http/` and `ws/` may ask of the event log. Types only. */
import type { BridgeEvent } from '../contract/index.ts';

/** An event with its JSON text, serialised once for all readers. */
export type LoggedEvent = { event: BridgeEvent; frame: string };

export interface EventApi {
  /** Seq of the newest event (or the epoch's base when there is none yet). */
  readonly seq: number;
  /** Seq before the oldest event still kept: a reader with `since` below it must resync. */
  readonly oldest: number;
  /** Kept events with seq above `since`, oldest first; null when some of them are no longer kept. 0: all of this run. */
  since(since: number): readonly LoggedEvent[] | null;
  subscribe(listener: (logged: LoggedEvent) => void): () => void;
}
