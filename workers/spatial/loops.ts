/**
 * The WebAssembly loops of one thread and the memory they work on. Whoever's planes lie there runs them; the plain TypeScript beside each
 * call does the same elsewhere. Computes nothing itself.
 */
import { readFileSync } from 'node:fs';

/** Layout of the memory in bytes: the module's constants, weights of a blur, lines for the loops' own use, then planes. */
const WEIGHTS = 0x1000;
const LINES = 0x2000;
const MAX_WEIGHTS = (LINES - WEIGHTS) / 4;
const PAGE = 0x10000;
/** Loops read and write past the end of a plane by less. */
const PADDING = 64;

/** The little of the JavaScript API that is used here; neither the language's nor Node's types have it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};
type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
/** Arguments are addresses, counts and factors, in the order of `workers/kernel/assembly/spatial.ts`. */
type Run = (...numbers: number[]) => void;
type Exports = Readonly<
  Record<
    | 'luma8'
    | 'blur'
    | 'sharpen'
    | 'squares'
    | 'slopes'
    | 'boxMean'
    | 'bendDetail'
    | 'join8'
    | 'addGrain'
    | 'mix8'
    | 'range'
    | 'spread'
    | 'clarity'
    | 'dehaze',
    Run
  >
> & { memory: Memory };
export type Loops = Exports & { lines: number };

/** The instance of this thread: made at the first use, never given back; its memory stays as large as its largest job needed. */
let loops: Loops | undefined;

/** Room for the planes of one picture, until the next is opened. */
export type Arena = {
  floats(count: number): Float32Array;
  bytes(count: number): Uint8Array;
};

/** `width` of the picture's rows; `bytes` of all planes that will be asked for, of which there may be `planes`. */
export function openArena({ width, bytes, planes }: { width: number; bytes: number; planes: number }): Arena {
  loops ??= instantiate();
  const { memory } = loops;
  let next = align(LINES + 16 * width + 4096);
  const missing = next + bytes + planes * 2 * PADDING - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const take = (length: number) => {
    const at = next;
    next = align(next + length + PADDING);
    return at;
  };
  return {
    floats: (count) => new Float32Array(memory.buffer, take(4 * count), count),
    bytes: (count) => new Uint8Array(memory.buffer, take(count), count),
  };
}

/** Planes of the plain forms. */
export const plainArena: Arena = {
  floats: (count) => new Float32Array(count),
  bytes: (count) => new Uint8Array(count),
};

/** The loops, when these planes lie in their memory. */
export function loopsOver(...planes: readonly (Float32Array | Uint8Array | Uint16Array)[]): Loops | null {
  if (loops === undefined) return null;
  const { buffer } = loops.memory;
  return planes.every((plane) => plane.buffer === buffer) ? loops : null;
}

/** Where the weights now lie; null when there are too many. */
export function placeWeights({ memory }: Loops, weights: Float64Array): number | null {
  if (weights.length > MAX_WEIGHTS / 2) return null;
  new Float32Array(memory.buffer, WEIGHTS, weights.length).set(weights);
  return WEIGHTS;
}

function instantiate(): Loops {
  const module = new WebAssembly.Module(readFileSync(new URL('spatial.wasm', import.meta.url)));
  return { ...(new WebAssembly.Instance(module).exports as Exports), lines: LINES };
}

function align(bytes: number): number {
  return Math.ceil(bytes / PADDING) * PADDING;
}
