/**
 * What one client is sent, and when. Live events go straight to its socket while its buffer has room; a client that
 * falls behind reads the event log by a cursor instead, so it never has a queue of its own. Never blocks a publisher.
 */
import type { BridgeEvent } from '../contract/index.ts';
import type { EventApi, LoggedEvent } from '../events/api.ts';
import type { Subscriptions } from './subscriptions.ts';

/** The socket as the feed sees it. */
export type Outlet = {
  /** Bytes written and not yet taken by the system. */
  readonly buffered: number;
  send(frame: string | Buffer): void;
};

export type FeedOptions = {
  events: EventApi;
  outlet: Outlet;
  subscriptions: Subscriptions;
  /** Above this many buffered bytes the client counts as behind. Read each time. */
  maxBuffered(): number;
  /** Frames with the state now: of one batch (null when it is gone), or of all that the client watches. */
  snapshotOf(batchId: string): string | null;
  snapshots(): string[];
  /** `behind`: true when the client fell behind, false when it has caught up. */
  onPace(behind: boolean): void;
};

/** Log events after `cursor` up to `until` that were asked for with `since` and were not live for this client. */
type Replay = { cursor: number; until: number; begun: boolean; wants(event: BridgeEvent): boolean };

export class Feed {
  readonly #options: FeedOptions;
  readonly #replays: Replay[] = [];
  /** Every live event up to here was sent, or belonged to no subscription. */
  #cursor: number;
  #behind = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#cursor = options.events.seq;
  }

  get behind(): boolean {
    return this.#behind;
  }

  get replays(): number {
    return this.#replays.length;
  }

  /** A live event, with its frame as bytes shared by all readers. Sent at most once. */
  offer(logged: LoggedEvent, frame: Buffer): void {
    const { event } = logged;
    if (this.#behind || event.seq <= this.#cursor || !this.#options.subscriptions.covers(event)) return;
    if (this.#isFull()) {
      this.#fallBehind();
      return;
    }
    this.#cursor = event.seq;
    this.#options.outlet.send(frame);
  }

  /** Before a channel is added: its events up to now are no gap in what was sent. */
  settle(): void {
    if (!this.#behind) this.#cursor = this.#options.events.seq;
  }

  /**
   * Sends what was missed after `since` as far as the buffer has room; the rest follows with `drain`. `resync` instead
   * when some of it is no longer kept; the caller has just sent snapshots.
   */
  replay(since: number, wants: (event: BridgeEvent) => boolean): void {
    this.#replays.push({ cursor: since, until: this.#options.events.seq, begun: false, wants });
    if (!this.#behind) this.#fallBehind();
    this.drain();
  }

  /** To be called when the buffer got smaller: sends on, and goes back to live when everything is sent. */
  drain(): void {
    if (!this.#behind) return;
    while (!this.#isFull()) {
      const [replay] = this.#replays;
      if (replay !== undefined) this.#continueReplay(replay);
      else if (this.#catchUp()) {
        this.#behind = false;
        this.#options.onPace(false);
        return;
      }
    }
  }

  #continueReplay(replay: Replay): void {
    const { events, outlet } = this.#options;
    const kept = events.since(replay.cursor);
    if (kept === null) this.#resync({ withSnapshots: replay.begun });
    replay.begun = true;
    for (const { event, frame } of kept ?? []) {
      if (event.seq > replay.until) break;
      if (this.#isFull()) return;
      replay.cursor = event.seq;
      if (replay.wants(event)) outlet.send(frame);
    }
    this.#replays.shift();
  }

  /**
   * Sends live events missed while behind. Their progress is merged into one fresh snapshot of each batch. True when
   * nothing is left.
   */
  #catchUp(): boolean {
    const { events, outlet, subscriptions } = this.#options;
    const missed = events.since(this.#cursor)?.filter(({ event }) => subscriptions.covers(event));
    if (missed === undefined) {
      this.#cursor = events.seq;
      this.#resync({ withSnapshots: true });
      return true;
    }
    const newest = toNewestStatus(missed);
    for (const { event, frame } of missed) {
      if (this.#isFull()) return false;
      this.#cursor = event.seq;
      if (event.type !== 'batch_progress') outlet.send(frame);
      else if (newest.get(event.batch_id) === event.seq) this.#sendSnapshot(event.batch_id);
    }
    this.#cursor = events.seq;
    return true;
  }

  #sendSnapshot(batchId: string): void {
    const frame = this.#options.snapshotOf(batchId);
    if (frame !== null) this.#options.outlet.send(frame);
  }

  #resync({ withSnapshots }: { withSnapshots: boolean }): void {
    const { events, outlet, snapshots } = this.#options;
    if (withSnapshots) for (const frame of snapshots()) outlet.send(frame);
    outlet.send(JSON.stringify({ type: 'resync', seq: events.seq, timestamp: new Date().toISOString() }));
  }

  #fallBehind(): void {
    this.#behind = true;
    this.#options.onPace(true);
  }

  #isFull(): boolean {
    return this.#options.outlet.buffered > this.#options.maxBuffered();
  }
}

/** Batch -> seq of its newest event that carries its whole status. */
function toNewestStatus(missed: readonly LoggedEvent[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { event } of missed) if ('status' in event) newest.set(event.batch_id, event.seq);
  return newest;
}
