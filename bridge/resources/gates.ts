/** Reasons to hand out nothing at all, put in front of a limiter: while one of them holds, its limit is zero and says why. */
import type { EventSink, Limiter } from '../batch/ports.ts';

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

/** Publishes `hold_placed` and `hold_lifted` of a gate, without a batch: they concern all. */
export function announceGate(gate: Gate, events: EventSink): void {
  let shown = gate.hold;
  gate.onChange(() => {
    const now = gate.hold;
    if (now?.since === shown?.since) return;
    if (shown !== null) events.publish({ type: 'hold_lifted', hold: shown });
    if (now !== null) events.publish({ type: 'hold_placed', hold: now });
    shown = now;
  });
}
