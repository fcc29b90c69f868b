// The hot loop: tetrahedral interpolation of a 3D table, four pixels at a time. It only computes: the host (wasm-kernel.ts)
// lays out the memory below, and plain-kernel.ts says the same in plain TypeScript. README.md has the reasons and figures.
//
// Every byte pattern is a valid pixel and every table is padded, so the last group of four may read and write past the
// count; the host leaves room and copies only what counts.

export { rgb16, rgb16Curves, rgba16, rgba16Curves } from './deep';

/** Layout, shared with wasm-kernel.ts. */
const CURVES_8: usize = 0x1000; // 3 * 256 positions, u32: fraction (14 bits) << 16 | node
const PLAN: usize = 0x1b000; // where the nodes of a block of pixels are put down and picked up, and their weights; 80 bytes for four
const NODES: usize = 0xe0000; // 4 * i16 a node, red fastest

/** 8-bit pixels that are planned before they are weighed: their plan takes 5 KB of the first cache. */
const BLOCK: usize = 256;

// Constants are read from memory before each loop: V8 builds a literal vector anew, in two to four instructions, each time
// it is used. For the same reason `relaxed_swizzle` (one instruction with a variable control) stands where
// `swizzle` (two) would do; every index here is 0..15 or 255, for which both are the same on all machines.
const RED_3 = memory.data<u8>([0, 255, 255, 255, 3, 255, 255, 255, 6, 255, 255, 255, 9, 255, 255, 255]);
const GREEN_3 = memory.data<u8>([1, 255, 255, 255, 4, 255, 255, 255, 7, 255, 255, 255, 10, 255, 255, 255]);
const BLUE_3 = memory.data<u8>([2, 255, 255, 255, 5, 255, 255, 255, 8, 255, 255, 255, 11, 255, 255, 255]);
const RED_4 = memory.data<u8>([0, 255, 255, 255, 4, 255, 255, 255, 8, 255, 255, 255, 12, 255, 255, 255]);
const GREEN_4 = memory.data<u8>([1, 255, 255, 255, 5, 255, 255, 255, 9, 255, 255, 255, 13, 255, 255, 255]);
const BLUE_4 = memory.data<u8>([2, 255, 255, 255, 6, 255, 255, 255, 10, 255, 255, 255, 14, 255, 255, 255]);
/** One pixel's bytes to four lanes. */
const WIDEN_8 = memory.data<u8>([0, 255, 255, 255, 1, 255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 255]);
/** Results come as r0 r1 g0 g1 b0 b1 x x, r2 r3 ... and leave as pixels. */
const OUT_3 = memory.data<u8>([0, 2, 4, 1, 3, 5, 8, 10, 12, 9, 11, 13, 255, 255, 255, 255]);
const OUT_4 = memory.data<u8>([0, 2, 4, 255, 1, 3, 5, 255, 8, 10, 12, 255, 9, 11, 13, 255]);
const ALPHA_8 = memory.data<u32>([0xff000000, 0xff000000, 0xff000000, 0xff000000]);
const HALF_8 = memory.data<u32>([512, 512, 512, 512]);
const FRACTION_8 = memory.data<u32>([0x3fff0000, 0x3fff0000, 0x3fff0000, 0x3fff0000]);
const WHOLE_8 = memory.data<u32>([0x40000000, 0x40000000, 0x40000000, 0x40000000]);
const FLIP_8 = memory.data<u32>([0x80808080, 0x80808080, 0x80808080, 0x80808080]);
const LOW_HALF = memory.data<u32>([0xffff, 0xffff, 0xffff, 0xffff]);
const ONE = memory.data<u32>([1, 1, 1, 1]);

/** The upper halves of all lanes of `a` and `b`, interleaved. */
// @ts-ignore: decorator
@inline function upper(a: v128, b: v128): v128 {
  return i16x8.shuffle(i32x4.shr_u(a, 16), b, 0, 9, 2, 11, 4, 13, 6, 15);
}

/** A position (node << 24 | fraction) to `fraction (14 bits) << 16 | stride`: sorting keys sorts fractions and carries strides along. */
// @ts-ignore: decorator
@inline function toKey(position: v128, mask: v128, stride: v128): v128 {
  return v128.or(v128.and(i32x4.shl(position, 6), mask), stride);
}

/** The same of a position from a curve, `fraction << 16 | node`. */
// @ts-ignore: decorator
@inline function toCurveKey(position: v128, stride: v128): v128 {
  return i16x8.shuffle(position, stride, 8, 1, 10, 3, 12, 5, 14, 7);
}

/** Positions of one channel of four pixels, through its curve. */
// @ts-ignore: decorator
@inline function bend8(src: usize, channels: usize, table: usize): v128 {
  let v = v128.load_zero<u32>(table + ((<usize>load<u8>(src)) << 2));
  if (channels == 3) {
    v = v128.load_lane<u32>(table + ((<usize>load<u8>(src, 3)) << 2), v, 1);
    v = v128.load_lane<u32>(table + ((<usize>load<u8>(src, 6)) << 2), v, 2);
    return v128.load_lane<u32>(table + ((<usize>load<u8>(src, 9)) << 2), v, 3);
  }
  v = v128.load_lane<u32>(table + ((<usize>load<u8>(src, 4)) << 2), v, 1);
  v = v128.load_lane<u32>(table + ((<usize>load<u8>(src, 8)) << 2), v, 2);
  return v128.load_lane<u32>(table + ((<usize>load<u8>(src, 12)) << 2), v, 3);
}

/** First half of a block: where the nodes of each pixel lie and what they weigh, into PLAN. */
// @ts-ignore: decorator
@inline function plan8(src: usize, end: usize, size: i32, step: i32, channels: usize, curves: bool): void {
  const strideR = v128.load(ONE);
  const strideG = i32x4.splat(size);
  const strideB = i32x4.splat(size * size);
  const cornerV = i32x4.splat(1 + size + size * size);
  const stepV = i32x4.splat(step);
  const redAt = v128.load(channels == 3 ? RED_3 : RED_4);
  const greenAt = v128.load(channels == 3 ? GREEN_3 : GREEN_4);
  const blueAt = v128.load(channels == 3 ? BLUE_3 : BLUE_4);
  const half = v128.load(HALF_8);
  const fraction = v128.load(FRACTION_8);
  const whole = v128.load(WHOLE_8);
  const lowHalf = v128.load(LOW_HALF);
  let plan: usize = 0;
  while (src < end) {
    let keyR: v128, keyG: v128, keyB: v128, node: v128;
    if (curves) {
      const red = bend8(src, channels, CURVES_8);
      const green = bend8(src + 1, channels, CURVES_8 + 1024);
      const blue = bend8(src + 2, channels, CURVES_8 + 2048);
      keyR = toCurveKey(red, strideR);
      keyG = toCurveKey(green, strideG);
      keyB = toCurveKey(blue, strideB);
      // The fractions meet the strides' upper halves, which are zero.
      node = i32x4.add(
        i32x4.add(i32x4.dot_i16x8_s(red, strideR), i32x4.dot_i16x8_s(green, strideG)),
        i32x4.dot_i16x8_s(blue, strideB),
      );
    } else {
      const px = v128.load(src);
      const red = i32x4.add(i32x4.mul(i8x16.relaxed_swizzle(px, redAt), stepV), half);
      const green = i32x4.add(i32x4.mul(i8x16.relaxed_swizzle(px, greenAt), stepV), half);
      const blue = i32x4.add(i32x4.mul(i8x16.relaxed_swizzle(px, blueAt), stepV), half);
      keyR = toKey(red, fraction, strideR);
      keyG = toKey(green, fraction, strideG);
      keyB = toKey(blue, fraction, strideB);
      node = i32x4.add(
        i32x4.add(i32x4.shr_u(red, 24), i32x4.mul(i32x4.shr_u(green, 24), strideG)),
        i32x4.mul(i32x4.shr_u(blue, 24), strideB),
      );
    }
    const more = i32x4.max_s(keyR, keyG);
    const less = i32x4.min_s(keyR, keyG);
    const high = i32x4.max_s(more, keyB);
    const rest = i32x4.min_s(more, keyB);
    const middle = i32x4.max_s(less, rest);
    const low = i32x4.min_s(less, rest);
    v128.store(plan, i32x4.shl(node, 3), PLAN);
    v128.store(plan, i32x4.shl(i32x4.add(node, v128.and(high, lowHalf)), 3), PLAN + 16);
    v128.store(plan, i32x4.shl(i32x4.sub(i32x4.add(node, cornerV), v128.and(low, lowHalf)), 3), PLAN + 32);
    // 16-bit differences of the upper halves: the strides below cannot borrow from them.
    v128.store(plan, upper(i16x8.sub(whole, high), i16x8.sub(high, middle)), PLAN + 48);
    v128.store(plan, upper(i16x8.sub(middle, low), low), PLAN + 64);
    src += channels << 2;
    plan += 80;
  }
}

/** Four nodes of one pixel, weighted: four sums of 32 bits. `last` is the way from the first node to the opposite corner. */
// @ts-ignore: decorator
@inline function weigh8(first: u32, second: u32, third: u32, last: u32, w01: v128, w23: v128): v128 {
  const n0 = v128.load_zero<u64>(first, NODES);
  const n1 = v128.load_zero<u64>(second, NODES);
  const n2 = v128.load_zero<u64>(third, NODES);
  const n3 = v128.load_zero<u64>(first + last, NODES);
  const n01 = i16x8.shuffle(n0, n1, 0, 8, 1, 9, 2, 10, 3, 11);
  const n23 = i16x8.shuffle(n2, n3, 0, 8, 1, 9, 2, 10, 3, 11);
  return i32x4.add(i32x4.dot_i16x8_s(n01, w01), i32x4.dot_i16x8_s(n23, w23));
}

/** What is kept of the source: the colours of the pixel that `px` begins with, times `keep`. */
// @ts-ignore: decorator
@inline function kept8(px: v128, widen: v128, keep: v128): v128 {
  return i32x4.mul(i8x16.relaxed_swizzle(px, widen), keep);
}

/**
 * Block by block, each in two loops. In one loop four pixels are a chain of some 90 cycles and a processor holds about two such chains
 * at a time; in two, each with less to hold, it works on several and waits less.
 */
// @ts-ignore: decorator
@inline function run8(
  src: usize, dst: usize, count: i32, size: i32, step: i32, shift: i32, keep: i32, channels: usize, curves: bool,
): void {
  const last: u32 = (1 + size + size * size) << 3;
  const keepV = i32x4.splat(keep);
  // Sums are level * 2^(shift + 14); after the upper halves are taken, this factor rounds them to levels.
  const scale = i16x8.splat(<i16>((<i32>1) << (17 - shift)));
  const outAt = v128.load(channels == 3 ? OUT_3 : OUT_4);
  const flip = v128.load(FLIP_8);
  const alpha = v128.load(ALPHA_8);
  const widen = v128.load(WIDEN_8);
  const end = src + <usize>count * channels;
  while (src < end) {
    const stop = min(end, src + BLOCK * channels);
    plan8(src, stop, size, step, channels, curves);
    let plan: usize = 0;
    while (src < stop) {
      let p0 = weigh8(
        load<u32>(plan, PLAN), load<u32>(plan, PLAN + 16), load<u32>(plan, PLAN + 32), last,
        v128.load_splat<u32>(plan, PLAN + 48), v128.load_splat<u32>(plan, PLAN + 64),
      );
      let p1 = weigh8(
        load<u32>(plan, PLAN + 4), load<u32>(plan, PLAN + 20), load<u32>(plan, PLAN + 36), last,
        v128.load_splat<u32>(plan, PLAN + 52), v128.load_splat<u32>(plan, PLAN + 68),
      );
      let p2 = weigh8(
        load<u32>(plan, PLAN + 8), load<u32>(plan, PLAN + 24), load<u32>(plan, PLAN + 40), last,
        v128.load_splat<u32>(plan, PLAN + 56), v128.load_splat<u32>(plan, PLAN + 72),
      );
      let p3 = weigh8(
        load<u32>(plan, PLAN + 12), load<u32>(plan, PLAN + 28), load<u32>(plan, PLAN + 44), last,
        v128.load_splat<u32>(plan, PLAN + 60), v128.load_splat<u32>(plan, PLAN + 76),
      );
      if (curves) {
        p0 = i32x4.add(p0, kept8(v128.load_zero<u32>(src), widen, keepV));
        p1 = i32x4.add(p1, kept8(v128.load_zero<u32>(src + channels), widen, keepV));
        p2 = i32x4.add(p2, kept8(v128.load_zero<u32>(src + channels * 2), widen, keepV));
        p3 = i32x4.add(p3, kept8(v128.load_zero<u32>(src + channels * 3), widen, keepV));
      }
      // Machines may differ only where both factors are -32768; this one never is.
      const p01 = i16x8.relaxed_q15mulr_s(upper(p0, p1), scale);
      const p23 = i16x8.relaxed_q15mulr_s(upper(p2, p3), scale);
      // Levels are relative to 128: clip to -128..127, then turn the sign.
      const out = i8x16.relaxed_swizzle(v128.xor(i8x16.narrow_i16x8_s(p01, p23), flip), outAt);
      v128.store(dst, channels == 3 ? out : v128.or(out, v128.and(v128.load(src), alpha)));
      src += channels << 2;
      dst += channels << 2;
      plan += 80;
    }
  }
}

export function rgb8(src: usize, dst: usize, count: i32, size: i32, step: i32, shift: i32): void {
  run8(src, dst, count, size, step, shift, 0, 3, false);
}

export function rgba8(src: usize, dst: usize, count: i32, size: i32, step: i32, shift: i32): void {
  run8(src, dst, count, size, step, shift, 0, 4, false);
}

export function rgb8Curves(src: usize, dst: usize, count: i32, size: i32, keep: i32, shift: i32): void {
  run8(src, dst, count, size, 0, shift, keep, 3, true);
}

export function rgba8Curves(src: usize, dst: usize, count: i32, size: i32, keep: i32, shift: i32): void {
  run8(src, dst, count, size, 0, shift, keep, 4, true);
}
