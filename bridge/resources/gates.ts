/** Reasons to hand out nothing at all, put in front of a limiter: while one of them holds, its limit is zero and says why. */
import type { Limiter } from '../batch/ports.ts';

/** Something that can hold all batches at once. Holds of one batch are the engine's. */
export type Gate = {
  /** Null while it is open. */
  readonly hold: Limiter['hold'];
  onChange(listener: () => void): () => void;
};

export function createGatedLimiter(limiter: Limiter, gates: readonly Gate[]): Limiter {
  const hold = () => gates.find((gate) => gate.hold !== null)?.hold ?? limiter.hold;
  return {
    get limit() {
      return hold() === null ? limiter.limit : 0;
    },
    get capacity() {
      return limiter.capacity;
    },
    get reason() {
      return hold()?.reason ?? limiter.reason;
    },
    get hold() {
      return hold();
    },
    onChange(listener) {
      const removers = [limiter, ...gates].map((part) => part.onChange(listener));
      return () => {
        for (const remove of removers) remove();
      };
    },
  };
}
