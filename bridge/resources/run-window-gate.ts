/** The daemon's own run window (setting `schedule.run_window`): outside it nothing is handed out; what runs finishes. */
import type { RunWindow } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { isInWindow, nextChange, toWindowText } from '../schedule/daily-window.ts';
import { createPolledGate, type GateFinding, type PolledGate } from './polled-gate.ts';

/** The wall clock may jump, and its zone may change under a laptop. */
const LONGEST_MS = 15_000;
const SHORTEST_MS = 5;

export type RunWindowGateParts = {
  /** Undefined: always open. Asked each time. */
  window: () => RunWindow | undefined;
  clock: { iso(): string; wallMs(): number };
  log: Log;
};

/** `review()` is to be called when the setting changed. */
export function createRunWindowGate({ window, clock, log }: RunWindowGateParts): PolledGate {
  return createPolledGate({
    look: () => findClosed(window(), clock.wallMs()),
    waitMs: () => {
      const wanted = window();
      const next = wanted === undefined ? null : nextChange(wanted, clock.wallMs());
      const left = next === null ? LONGEST_MS : next - clock.wallMs();
      return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, left));
    },
    iso: clock.iso,
    log,
  });
}

function findClosed(window: RunWindow | undefined, now: number): GateFinding {
  if (window === undefined || isInWindow(window, now)) return null;
  const opensAt = nextChange(window, now);
  if (opensAt === null) return null;
  const until = new Date(opensAt).toISOString();
  const reason = `batches run only from ${toWindowText(window)} (setting schedule.run_window); that begins at ${until}`;
  return { owner: 'schedule', reason, until };
}
