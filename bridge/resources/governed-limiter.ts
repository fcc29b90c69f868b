/**
 * The limiter that the governor moves: keeps its decision, says it in words, and tells the render host its priority. At a limit
 * of zero it is a hold on all batches (`cpu` or `memory`).
 */
import type { Clock, Limiter } from '../batch/ports.ts';
import type { Hold, LoadState, ResourceProfile } from '../contract/index.ts';
import { type Decision, decide, toLimit, toNice, toPace, UNDECIDED } from './governor.ts';
import type { LoadCause, LoadReading } from './load-state.ts';

export type GovernedParts = {
  capacity: () => number;
  profile: () => ResourceProfile;
  /** The render host's niceness while nothing speaks against it. */
  usualNice: () => number;
  clock: Pick<Clock, 'iso'>;
  /** Told of every decision, the first included. */
  apply: (what: { nice: number; pace: number; isShortOfMemory: boolean }) => void;
};
export type GovernedLimiter = Limiter & {
  readonly load: LoadState;
  readonly cause: LoadCause;
  take(reading: LoadReading): void;
  /** A setting or the capacity changed: what follows from it is told again. */
  review(): void;
};

export function createGovernedLimiter(parts: GovernedParts): GovernedLimiter {
  const { capacity, profile, clock } = parts;
  const listeners = new Set<() => void>();
  let decision: Decision = UNDECIDED;
  let reading: LoadReading | null = null;
  let hold: Hold | null = null;
  let shown = '';

  function applyDecision(): void {
    const limit = toLimit(decision, profile(), capacity());
    if (limit > 0) hold = null;
    else if (hold?.owner !== decision.cause)
      hold = { owner: decision.cause, reason: toReason(decision, reading, limit), since: clock.iso() };
    parts.apply({
      nice: toNice(decision, profile(), parts.usualNice()),
      pace: profile() === 'full' ? 1 : toPace(decision),
      isShortOfMemory: decision.load === 'critical' && decision.cause === 'memory',
    });
    const now = `${decision.load} ${limit} ${capacity()} ${hold?.owner}`;
    if (now === shown) return;
    shown = now;
    for (const listener of [...listeners]) listener();
  }

  return {
    get load() {
      return decision.load;
    },
    get cause() {
      return decision.cause;
    },
    get limit() {
      return toLimit(decision, profile(), capacity());
    },
    get capacity() {
      return capacity();
    },
    get reason() {
      const limit = toLimit(decision, profile(), capacity());
      return limit < capacity() ? (hold?.reason ?? toReason(decision, reading, limit)) : null;
    },
    get hold() {
      return hold;
    },
    take(next) {
      reading = next;
      const before = decision;
      decision = decide(before, next, profile());
      if (decision.load !== before.load || decision.cause !== before.cause) applyDecision();
    },
    review: applyDecision,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toReason({ cause, load }: Decision, reading: LoadReading | null, limit: number): string {
  const percent = (value: number | undefined) => `${Math.round(value ?? 0)} %`;
  const because =
    cause === 'memory'
      ? `${percent(reading?.memoryPercent)} of the memory is in use`
      : `other programs use ${percent(reading?.foreignPercent)} of the CPU`;
  if (limit === 0) return `waits: ${because}`;
  return load === 'critical' ? `${because}, so one photo at a time at the lowest priority` : because;
}
