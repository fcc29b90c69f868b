/** The order of file names a person expects (`IMG_2` before `IMG_10`), the same on every machine. */
import { createPacer } from './paced-map.ts';

const PIECES = /(\d+)/;
const RUN = 1000;

/** Digits compare as numbers, letters without case; then as they are, so that only equal names are equal. */
export function compareNames(a: string, b: string): number {
  const left = a.toLowerCase().split(PIECES);
  const right = b.toLowerCase().split(PIECES);
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const order = comparePieces(left[index] ?? '', right[index] ?? '', index % 2 === 1);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b);
}

/** A number without its leading zeros: the longer is the larger. */
function comparePieces(a: string, b: string, areNumbers: boolean): number {
  if (!areNumbers) return compareText(a, b);
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || compareText(left, right);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A sorted copy. Merges short sorted runs, with the event loop free in between: a folder may hold 100,000 names. */
export async function sortPaced<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const pace = createPacer();
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort(compare));
    await pace();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, pace));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  pace: () => Promise<void> | undefined,
): Promise<T[]> {
  const merged: T[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const takeLeft = r >= right.length || (l < left.length && compare(left[l] as T, right[r] as T) <= 0);
    merged.push((takeLeft ? left[l++] : right[r++]) as T);
    if (merged.length % 500 === 0) await pace();
  }
  return merged;
}
