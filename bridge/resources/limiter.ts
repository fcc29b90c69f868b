/** The limiter without a governor: as many tasks as can run at once, never a hold. */
import type { Limiter } from '../batch/ports.ts';

/** `capacity` is asked each time, so that a render host with another thread count changes the limit. */
export function createFixedLimiter(capacity: () => number): Limiter {
  return {
    get limit() {
      return capacity();
    },
    get capacity() {
      return capacity();
    },
    reason: null,
    hold: null,
    onChange: () => () => {},
  };
}
