/** When a webhook that was not delivered is tried again. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** After the first try, the second, and so on: about eight hours in all. */
const delaysMs = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
] as const;
/** Up to this part is added by chance, so that the webhooks of many batches do not all come back at once. */
const JITTER = 0.2;

/** Tries in all; after the last one the webhook is given up. */
export const WEBHOOK_TRIES = delaysMs.length + 1;
/** A receiver that asks for a longer pause is asked again after this one. */
export const LONGEST_PAUSE_MS = 24 * HOUR;

export type RetryWish = {
  /** What the receiver asked for (`Retry-After`): never earlier than that. */
  afterMs?: number | undefined;
  /** From 0 up to 1. */
  random?: (() => number) | undefined;
};

/** Milliseconds to wait after try number `attempt` (from 1) has failed; null: it was the last. */
export function retryDelayMs(
  attempt: number,
  { afterMs = 0, random = Math.random }: RetryWish = {},
): number | null {
  const delay = delaysMs[attempt - 1];
  if (delay === undefined) return null;
  return Math.round(Math.max(delay, Math.min(afterMs, LONGEST_PAUSE_MS)) * (1 + JITTER * random()));
}
