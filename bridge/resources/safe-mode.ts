/**
 * After three unclean ends within five minutes nothing renders by itself: whatever brings the daemon down is then not done
 * again and again. Shows as a hold on all batches; ends when a person or program resumes a batch.
 */
import type { Clock, EventSink, SafeMode } from '../batch/ports.ts';
import type { Log } from '../log.ts';
import { announceGate, type Gate } from './gates.ts';

const ENDS = 3;
const WITHIN_MS = 5 * 60_000;
const REASON =
  'safe mode: the daemon ended unexpectedly three times within five minutes; nothing renders until a batch is resumed';

export type SafeModeOptions = {
  /** Wall ms at which unclean ends were noticed. */
  uncleanEnds: readonly number[];
  clock: { iso(): string; wallMs(): number };
  /** Told once, when it ends. */
  onEnd: () => void;
};

export function createSafeMode({ uncleanEnds, clock, onEnd }: SafeModeOptions): SafeMode & Gate {
  const now = clock.wallMs();
  // Also ahead of now: after the clock was set back they must not count for ever.
  const recent = uncleanEnds.filter((at) => Math.abs(now - at) <= WITHIN_MS);
  let hold: Gate['hold'] =
    recent.length < ENDS ? null : { owner: 'safe_mode', reason: REASON, since: clock.iso() };
  const listeners = new Set<() => void>();
  return {
    get hold() {
      return hold;
    },
    get reason() {
      return hold?.reason ?? null;
    },
    end() {
      if (hold === null) return;
      hold = null;
      onEnd();
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type SafeModeParts = {
  history: { readonly uncleanEnds: readonly number[]; forgetUncleanEnds(): Promise<void> };
  clock: Clock;
  events: EventSink;
  log: Log;
};

/** Safe mode by the ends of earlier runs; says in log and events when it is on and when it ends. */
export function openSafeMode({ history, clock, events, log }: SafeModeParts): SafeMode & Gate {
  const safeMode = createSafeMode({
    uncleanEnds: history.uncleanEnds,
    clock,
    onEnd: () => {
      log.info('safe mode ended');
      void history.forgetUncleanEnds();
    },
  });
  if (safeMode.hold !== null) {
    log.error({ unclean_ends: history.uncleanEnds.length }, 'safe mode: nothing renders by itself');
    events.publish({ type: 'hold_placed', hold: safeMode.hold });
  }
  announceGate(safeMode, events);
  return safeMode;
}
