/** Time as the batch processor needs it. A timer never keeps the process alive. */

export interface Timers {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls once, that many milliseconds from now. Answers how to prevent it. */
  after(ms: number, call: () => void): () => void;
}

/** Node fires a longer timeout at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export function createSystemTimers(): Timers {
  return { now: () => performance.now(), after };
}

function after(ms: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const now = Math.min(left, LONGEST_TIMEOUT);
    timer = setTimeout(() => (left > now ? wait(left - now) : call()), now);
    timer.unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}
