/** A limiter for work that costs no CPU (requests to other servers): always the same number of places. */
import type { Limiter } from '../batch/ports.ts';

export function createFixedLimiter(limit: number): Limiter {
  return { limit, capacity: limit, reason: null, hold: null, onChange: () => () => {} };
}
