/** Turns a rising function around. */

/** The x in `range` where `rising` reaches `target`, by bisection to the last bit; the nearer end when it never does. */
export function solveRising(
  rising: (x: number) => number,
  target: number,
  range: readonly [from: number, to: number],
): number {
  let [low, high] = range;
  if (rising(low) >= target) return low;
  if (rising(high) <= target) return high;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (rising(middle) < target) low = middle;
    else high = middle;
  }
}
