/** Random numbers that a seed brings back, so that a failing run can be run again. */

export type Random = {
  /** 0 <= x < 1 */
  next(): number;
  /** Whole, `from` <= x < `to`. */
  whole(from: number, to: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
};

/** Mulberry32 (Tommy Ettinger, 2017; public domain). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from));
  return { next, whole, pick: (choices) => choices[whole(0, choices.length)] ?? choices[0] };
}
