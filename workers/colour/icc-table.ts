/**
 * Reads the table by which an ICC profile of four inks goes to its connection space (ICC.1:2022 10.10 `lut16Type`, 10.11
 * `lut8Type`), and evaluates it. Answers null for any other make and for damaged ones; never throws.
 */
import { dataSpace, readTags } from './icc-matrix.ts';

/** Perceptual intent. All values 0..1; samples of a node lie together, the last ink runs fastest. */
export type InkTable = {
  /** Nodes along each ink. */
  grid: number;
  /** A curve for each of C, M, Y, K. */
  inputs: readonly Float64Array[];
  nodes: Float64Array;
  /** A curve for each coordinate of the connection space. */
  outputs: readonly Float64Array[];
  /** To XYZ (D50, white Y = 1) from the three output values; writes into `xyz`. */
  toXyz(values: Float64Array, xyz: Float64Array): void;
  /** The version 4 perceptual intent has its own darkest colour. */
  isVersion4: boolean;
};

const INKS = 4;
const COORDINATES = 3;
const MAX_GRID = 64;

export function parseInkTable(icc: Buffer): InkTable | null {
  const tag = dataSpace(icc) === 'CMYK' ? readTags(icc)?.get('A2B0') : undefined;
  if (tag === undefined || tag.length < 52 || tag[8] !== INKS || tag[9] !== COORDINATES) return null;
  const type = tag.toString('latin1', 0, 4);
  if (type !== 'mft1' && type !== 'mft2') return null;
  const toXyz = connection(icc.toString('latin1', 20, 24), type);
  const grid = tag[10] ?? 0;
  if (toXyz === null || grid < 2 || grid > MAX_GRID) return null;
  const isWide = type === 'mft2';
  const read = createReader(tag, isWide);
  const entries = isWide ? [tag.readUInt16BE(48), tag.readUInt16BE(50)] : [256, 256];
  const [inputEntries = 0, outputEntries = 0] = entries;
  if (inputEntries < 2 || outputEntries < 2) return null;
  const inputs = Array.from({ length: INKS }, () => read(inputEntries));
  const nodes = read(grid ** INKS * COORDINATES);
  const outputs = Array.from({ length: COORDINATES }, () => read(outputEntries));
  if (nodes === null || !isWhole(inputs) || !isWhole(outputs)) return null;
  return { grid, inputs, nodes, outputs, toXyz, isVersion4: (icc[8] ?? 0) >= 4 };
}

function isWhole(curves: readonly (Float64Array | null)[]): curves is readonly Float64Array[] {
  return curves.every((curve) => curve !== null);
}

/** Answers the next `count` numbers of the tag, or null where it ends before. */
function createReader(tag: Buffer, isWide: boolean): (count: number) => Float64Array | null {
  const size = isWide ? 2 : 1;
  let at = isWide ? 52 : 48;
  return (count) => {
    const from = at;
    at += count * size;
    if (at > tag.length) return null;
    const value = isWide
      ? (index: number) => tag.readUInt16BE(from + 2 * index) / 65535
      : (index: number) => (tag[from + index] ?? 0) / 255;
    return Float64Array.from({ length: count }, (_, index) => value(index));
  };
}

/** ICC.1:2022 10.10 and 10.11: 16-bit Lab of these tables has its white at 0xFF00, 8-bit Lab at 0xFF; XYZ has 1 at 0x8000. */
function connection(space: string, type: 'mft1' | 'mft2'): InkTable['toXyz'] | null {
  const scale = type === 'mft2' ? 65535 / 65280 : 1;
  if (space === 'Lab ') {
    return (lab, xyz) => {
      const fy = (100 * (lab[0] ?? 0) * scale + 16) / 116;
      xyz[0] = 0.9642 * cubed(fy + (255 * (lab[1] ?? 0) * scale - 128) / 500);
      xyz[1] = cubed(fy);
      xyz[2] = 0.8249 * cubed(fy - (255 * (lab[2] ?? 0) * scale - 128) / 200);
    };
  }
  if (space !== 'XYZ ') return null;
  return (values, xyz) => {
    for (let axis = 0; axis < COORDINATES; axis++) xyz[axis] = ((values[axis] ?? 0) * 65535) / 32768;
  };
}

/** CIE 15:2004, 8.2.1: the inverse of Lab's cube root. */
function cubed(value: number): number {
  return value > 6 / 29 ? value * value * value : (value - 4 / 29) * (108 / 841);
}

/** Values out of the table at ink amounts that went through `inputs` and count in grid steps (0..grid - 1). */
export type Evaluator = (inks: Float64Array, values: Float64Array) => void;

/** Linear along the first ink, tetrahedral in the other three, as LittleCMS does (cmsintrp.c, `Eval4InputsFloat`). */
export function createEvaluator({ grid, nodes, outputs }: InkTable): Evaluator {
  const [stepC, stepM, stepY] = [grid ** 3 * COORDINATES, grid ** 2 * COORDINATES, grid * COORDINATES];
  const last = grid - 2;
  return (inks, values) => {
    const c = inks[0] ?? 0;
    const m = inks[1] ?? 0;
    const y = inks[2] ?? 0;
    const k = inks[3] ?? 0;
    const cellC = Math.min(Math.floor(c), last);
    const cellM = Math.min(Math.floor(m), last);
    const cellY = Math.min(Math.floor(y), last);
    const cellK = Math.min(Math.floor(k), last);
    const inM = m - cellM;
    const inY = y - cellY;
    const inK = k - cellK;
    // From the cell's low corner to its high one, an edge at a time, the longest way first.
    const high = Math.max(inM, inY, inK);
    const low = Math.min(inM, inY, inK);
    const middle = inM + inY + inK - high - low;
    const first = inM === high ? stepM : inY === high ? stepY : COORDINATES;
    const lastEdge = inK === low ? COORDINATES : inY === low ? stepY : stepM;
    const all = stepM + stepY + COORDINATES;
    const corner = cellC * stepC + cellM * stepM + cellY * stepY + cellK * COORDINATES;
    const alongC = c - cellC;
    for (let axis = 0; axis < COORDINATES; axis++) {
      let sum = 0;
      for (let side = 0; side < 2; side++) {
        const at = corner + axis + side * stepC;
        const path =
          (1 - high) * (nodes[at] ?? 0) +
          (high - middle) * (nodes[at + first] ?? 0) +
          (middle - low) * (nodes[at + all - lastEdge] ?? 0) +
          low * (nodes[at + all] ?? 0);
        sum += path * (side === 0 ? 1 - alongC : alongC);
      }
      values[axis] = curveAt(outputs[axis], sum);
    }
  };
}

/** A sampled curve at 0..1, straight between its entries. */
export function curveAt(curve: Float64Array | undefined, value: number): number {
  if (curve === undefined) return value;
  const position = Math.min(Math.max(value, 0), 1) * (curve.length - 1);
  const low = Math.min(Math.floor(position), curve.length - 2);
  const from = curve[low] ?? 0;
  return from + ((curve[low + 1] ?? 0) - from) * (position - low);
}
