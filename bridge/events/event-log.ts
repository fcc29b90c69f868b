/**
 * The numbered event log: numbers, stamps, serialises once, keeps the newest few thousand, tells the readers.
 * It never waits for a reader and never decides what is worth telling.
 */
import type { Clock, EventSink } from '../batch/ports.ts';
import type { BridgeEvent, EventDraft } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { EventApi, LoggedEvent } from './api.ts';
import { createEventShelf } from './event-shelf.ts';

/** Numbers a daemon life has for itself: `epoch * EPOCH_SIZE` and up, so they only grow over restarts. */
export const EPOCH_SIZE = 2 ** 24;
const MAX_EVENTS = 4096;
const MAX_BYTES = 16 * 1024 * 1024;

export type EventLogOptions = {
  /** Grows by at least one each start. */
  epoch: number;
  clock: Pick<Clock, 'iso'>;
  log: Log;
  /** Kept at most, whichever is reached first. Bytes are those of the frames (as UTF-16 length, near enough). */
  maxEvents?: number;
  maxBytes?: number;
};

export function createEventLog(options: EventLogOptions): EventSink & EventApi {
  const { clock, log, maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES } = options;
  const shelf = createEventShelf({ base: options.epoch * EPOCH_SIZE, maxEvents, maxBytes });
  const listeners = new Set<(logged: LoggedEvent) => void>();
  const untold: LoggedEvent[] = [];
  let seq = options.epoch * EPOCH_SIZE;
  let telling = false;

  function publish(draft: EventDraft): number {
    seq += 1;
    const { type, ...rest } = draft;
    const event = { type, seq, timestamp: clock.iso(), ...rest } as BridgeEvent;
    const logged = { event, frame: JSON.stringify(event) };
    shelf.add(logged);
    untold.push(logged);
    if (!telling) tellAll();
    return event.seq;
  }

  /** A listener may publish: what it adds is told after, so every listener hears all events in order. */
  function tellAll(): void {
    telling = true;
    for (let logged = untold.shift(); logged !== undefined; logged = untold.shift()) {
      for (const listener of listeners) tell(listener, logged);
    }
    telling = false;
  }

  function tell(listener: (logged: LoggedEvent) => void, logged: LoggedEvent): void {
    try {
      listener(logged);
    } catch (thrown) {
      log.error({ err: toError(thrown), type: logged.event.type }, 'an event listener failed');
    }
  }

  return {
    publish,
    get seq() {
      return seq;
    },
    get oldest() {
      return shelf.oldest;
    },
    since: (since) => (since > seq ? null : shelf.since(since)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
