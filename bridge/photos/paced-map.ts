/** Runs many small async steps with bounded concurrency and lets the event loop breathe between them. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of our own work before others get a turn, in milliseconds. */
const TURN_MS = 4;

/**
 * Awaited in a loop, gives the event loop a turn whenever `TURN_MS` have passed since the last one. Loops that share a
 * pacer wait for one and the same turn: with one each, they would run `TURN_MS` each before anybody else.
 */
export function createPacer(): () => Promise<void> | undefined {
  let last = performance.now();
  let turn: Promise<void> | undefined;
  return () => {
    if (turn === undefined && performance.now() - last >= TURN_MS) {
      turn = nextTurn().then(() => {
        last = performance.now();
        turn = undefined;
      });
    }
    return turn;
  };
}

/** Results in the order of `items`. When a step rejects, the others in flight finish and the first error is thrown. */
export async function pacedMap<T, R>(
  items: readonly T[],
  concurrency: number,
  step: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const pace = createPacer();
  let next = 0;
  async function lane(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      results[index] = await step(items[index] as T, index);
      await pace();
    }
  }
  const lanes = Array.from({ length: Math.min(concurrency, items.length) }, lane);
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
