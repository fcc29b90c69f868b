/**
 * Runs the WebAssembly kernel: one instance per thread, whose memory holds the tables of one Look at a time and two strips
 * of pixels. It decides nothing about colour; `tables.ts` makes the tables.
 */
import { readFileSync } from 'node:fs';
import type { Look } from '../../bridge/presets/look.ts';
import type { Kernel } from './kernel-api.ts';
import {
  NODE_LANES,
  nodeCount,
  type Plan8,
  type Plan16,
  packCurves8,
  packCurves16,
  packNodes8,
  packNodes16,
} from './tables.ts';

/** Layout of the instance's memory in bytes, shared with `assembly/kernel.ts`. */
const CURVES_8 = 0x1000;
const SOURCE = 0x2000;
const CURVES_16 = 0x20000;
const NODES = 0xe0000;
const PAGE = 0x10000;
/** 16,384 pixels of 3 bytes, 6,144 of 8: with the tables of a 33-node Look it fits a core's second cache. */
const STRIP_BYTES = 0xc000;
/**
 * Room for the last group of four pixels and one vector more; half a page, because a load whose address ends in the same 12 bits
 * as a store just made has to wait on some processors.
 */
const TARGET = SOURCE + STRIP_BYTES + 0x800;

/** The little of the JavaScript API that is used here; neither the language's nor Node's types have it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};

type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };

type Run = (source: number, target: number, pixels: number, size: number, a?: number, b?: number) => void;

type Exports = {
  memory: Memory;
  rgb8: Run;
  rgba8: Run;
  rgb8Curves: Run;
  rgba8Curves: Run;
  rgb16: Run;
  rgba16: Run;
  rgb16Curves: Run;
  rgba16Curves: Run;
};

type Loaded = { kernel: Kernel; depth: 8; plan: Plan8 } | { kernel: Kernel; depth: 16; plan: Plan16 };

/** The instance of this thread: made at the first use, never given back. `loaded` says whose tables are in its memory. */
let engine: { exports: Exports; loaded?: Loaded } | undefined;

/**
 * Memory per thread: 1 MB, and for the largest Look run so far 8 bytes a node (8-bit pixels) or 16 (16-bit): 0.3 or 0.6 MB
 * at 33 nodes per axis, 17 or 34 MB at 129. A kernel itself keeps nothing but its Look: its tables are packed when its
 * turn comes after another's (under a millisecond at 33 nodes).
 */
export function createWasmKernel(look: Look, blend: number): Kernel {
  const kernel: Kernel = {
    apply(pixels, channels) {
      engine ??= { exports: instantiate() };
      const depth = pixels instanceof Uint8Array ? 8 : 16;
      if (engine.loaded?.kernel !== kernel || engine.loaded.depth !== depth) {
        delete engine.loaded;
        engine.loaded = load(engine.exports, { kernel, look, blend, depth });
      }
      const run = bind(engine.exports, look, engine.loaded, channels);
      const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
      runStrips(engine.exports.memory, bytes, channels * pixels.BYTES_PER_ELEMENT, run);
    },
  };
  return kernel;
}

/** The machine code of this thread, or an error if its engine lacks relaxed SIMD (Node has it since version 22). */
function instantiate(): Exports {
  const module = new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url)));
  return new WebAssembly.Instance(module).exports as Exports;
}

function load(exports: Exports, job: { kernel: Kernel; look: Look; blend: number; depth: 8 | 16 }): Loaded {
  const { kernel, look, blend, depth } = job;
  const { size, curves } = look;
  const lanes = nodeCount(size) * NODE_LANES;
  const { memory } = exports;
  const missing = NODES + lanes * (depth / 4) - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  if (depth === 8) {
    if (curves !== null) packCurves8(curves, size, new Uint32Array(memory.buffer, CURVES_8, 3 * 256));
    return { kernel, depth, plan: packNodes8(look, blend, new Int16Array(memory.buffer, NODES, lanes)) };
  }
  if (curves !== null) packCurves16(curves, size, new Uint32Array(memory.buffer, CURVES_16, 3 * 65536));
  return { kernel, depth, plan: packNodes16(look, blend, new Float32Array(memory.buffer, NODES, lanes)) };
}

function bind(exports: Exports, look: Look, loaded: Loaded, channels: 3 | 4): (pixels: number) => void {
  const { size, curves } = look;
  const three = channels === 3;
  if (loaded.depth === 8) {
    const { step, keep, shift } = loaded.plan;
    if (curves === null) {
      const run = three ? exports.rgb8 : exports.rgba8;
      return (pixels) => run(SOURCE, TARGET, pixels, size, step, shift);
    }
    const run = three ? exports.rgb8Curves : exports.rgba8Curves;
    return (pixels) => run(SOURCE, TARGET, pixels, size, keep, shift);
  }
  const { keep } = loaded.plan;
  if (curves === null) {
    const run = three ? exports.rgb16 : exports.rgba16;
    return (pixels) => run(SOURCE, TARGET, pixels, size);
  }
  const run = three ? exports.rgb16Curves : exports.rgba16Curves;
  return (pixels) => run(SOURCE, TARGET, pixels, size, keep);
}

/** Through the instance's memory and back, out of place there: a 16-byte store that overlaps the next load halves the speed. */
function runStrips(
  memory: Memory,
  bytes: Uint8Array,
  pixelBytes: number,
  run: (pixels: number) => void,
): void {
  const room = new Uint8Array(memory.buffer);
  const strip = Math.floor(STRIP_BYTES / pixelBytes) * pixelBytes;
  const end = bytes.length - (bytes.length % pixelBytes);
  for (let at = 0; at < end; at += strip) {
    const length = Math.min(strip, end - at);
    room.set(bytes.subarray(at, at + length), SOURCE);
    run(length / pixelBytes);
    bytes.set(room.subarray(TARGET, TARGET + length), at);
  }
}
