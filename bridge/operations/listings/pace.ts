/** Lets the event loop turn between pieces of a long computation. */
import { setImmediate } from 'node:timers/promises';

const PIECES_PER_TURN = 1000;

/** `await pace()` after each piece. */
export function createPace(): () => Promise<void> | undefined {
  let pieces = 0;
  return () => {
    pieces += 1;
    return pieces % PIECES_PER_TURN === 0 ? setImmediate() : undefined;
  };
}
