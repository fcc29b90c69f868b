/** Asks again after a fault that may pass, at a pace a server can bear. Keeps no state between calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable } from './server-fault.ts';

/** Time and chance, to be replaced in tests. `delay` rejects with the reason when the signal is aborted. */
export interface Pace {
  delay(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 to below 1. */
  random(): number;
  /** Wall clock, milliseconds. */
  now(): number;
}

export const systemPace: Pace = {
  delay: (ms, signal) => sleep(ms, undefined, signal && { signal }),
  random: Math.random,
  now: Date.now,
};

export type RetryPolicy = {
  /** Calls in all. */
  attempts: number;
  firstDelayMs: number;
  factor: number;
  maxDelayMs: number;
  /** A server that wants us to wait longer has refused for now. */
  longestRetryAfterMs: number;
};

export const usualPolicy: RetryPolicy = {
  attempts: 3,
  firstDelayMs: 1000,
  factor: 2,
  maxDelayMs: 30_000,
  longestRetryAfterMs: 15 * 60_000,
};

/** Rejects with the last fault, or with the signal's reason. `attempt` counts from 1. */
export async function withRetries<T>(
  call: (attempt: number) => Promise<T>,
  {
    pace,
    policy = usualPolicy,
    signal,
  }: { pace: Pace; policy?: RetryPolicy; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await call(attempt);
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!isRetryable(thrown) || attempt >= policy.attempts) throw thrown;
      if ((thrown.retryAfterMs ?? 0) > policy.longestRetryAfterMs) throw thrown;
      await pace.delay(thrown.retryAfterMs ?? backOff(attempt, policy, pace.random()), signal);
    }
  }
}

/** min(cap, first x factor^(attempt - 1)), of which a random half is taken off so that callers spread. */
export function backOff(attempt: number, policy: RetryPolicy, random: number): number {
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * policy.factor ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
}
