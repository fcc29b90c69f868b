/** Coefficients found on a small picture, read at the pixels of the large one (bilinear). Never filters. */
import type { Coefficients } from './guided-filter.ts';
import { type Arena, loopsOver, plainArena } from './loops.ts';

/** `cell`: pixels of the large picture, each way, to one of the small. */
export type AffineMap = Coefficients & { width: number; height: number; cell: number };
export type AffineRow = { a: Float32Array; b: Float32Array };
/** Fills and answers the same two rows each time; `y` counts from the top of the large picture. */
export type AffineReader = (y: number) => AffineRow;

export function createAffineReader(map: AffineMap, width: number, arena: Arena = plainArena): AffineReader {
  const { cell, height } = map;
  const across = places({ count: width, cells: map.width, cell }, arena);
  const near = { a: arena.floats(map.width + 1), b: arena.floats(map.width + 1) };
  const row = { a: arena.floats(width), b: arena.floats(width) };
  return (y) => {
    const { index, share } = placeOf(y, height, cell);
    const next = Math.min(index + 1, height - 1);
    const lines = { above: index * map.width, below: next * map.width, share };
    mixLines(map.a, near.a, lines);
    mixLines(map.b, near.b, lines);
    spread(near.a, row.a, across);
    spread(near.b, row.b, across);
    return row;
  };
}

type Places = { index: Int32Array; share: Float32Array };

function places(
  { count, cells, cell }: { count: number; cells: number; cell: number },
  arena: Arena,
): Places {
  const index = arena.floats(count);
  const found = {
    index: new Int32Array(index.buffer, index.byteOffset, count),
    share: arena.floats(count),
  };
  for (let at = 0; at < count; at++) {
    const { index, share } = placeOf(at, cells, cell);
    found.index[at] = index;
    found.share[at] = share;
  }
  return found;
}

/** A small pixel stands for the middle of its cell. */
function placeOf(at: number, cells: number, cell: number): { index: number; share: number } {
  const position = Math.min(Math.max((at + 0.5) / cell - 0.5, 0), cells - 1);
  const index = Math.floor(position);
  return { index, share: position - index };
}

function mixLines(
  plane: Float32Array,
  line: Float32Array,
  { above, below, share }: { above: number; below: number; share: number },
): void {
  const count = line.length - 1;
  for (let x = 0; x < count; x++) {
    const from = plane[above + x] ?? 0;
    line[x] = from + share * ((plane[below + x] ?? 0) - from);
  }
  line[count] = line[count - 1] ?? 0;
}

function spread(line: Float32Array, row: Float32Array, { index, share }: Places): void {
  const loops = loopsOver(line, row, share);
  if (loops !== null) {
    loops.spread(line.byteOffset, index.byteOffset, share.byteOffset, row.byteOffset, row.length);
    return;
  }
  for (let x = 0; x < row.length; x++) {
    const at = index[x] ?? 0;
    const from = line[at] ?? 0;
    row[x] = from + (share[x] ?? 0) * ((line[at + 1] ?? 0) - from);
  }
}
