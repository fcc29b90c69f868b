// The hot loop of `kernel.ts` for 16-bit pixels: the same interpolation in floats, without a plan. Every table is padded, so the
// last group of four may read and write past the count.

/** Layout, shared with wasm-kernel.ts. */
const CURVES_16: usize = 0x20000; // 3 * 65536 positions, u32: fraction << 16 | node
const CORNERS: usize = 0x1f00; // where four pixels' nodes are put down and picked up, o, a and b; 48 bytes
const NODES: usize = 0xe0000; // 4 * f32 a node, red fastest

// Read from memory before each loop, for the reasons `kernel.ts` gives.
const LOW_HALF = memory.data<u32>([0xffff, 0xffff, 0xffff, 0xffff]);
/** Two pixels of 16 bits, one channel to two lanes: the first or the last two of four. */
const RED_3_16_A = memory.data<u8>([0, 1, 255, 255, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
const RED_3_16_B = memory.data<u8>([255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 6, 7, 255, 255]);
const RED_4_16_A = memory.data<u8>([0, 1, 255, 255, 8, 9, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
const RED_4_16_B = memory.data<u8>([255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 8, 9, 255, 255]);
const WIDEN_16 = memory.data<u8>([0, 1, 255, 255, 2, 3, 255, 255, 4, 5, 255, 255, 255, 255, 255, 255]);
const OUT_3_16 = memory.data<u8>([0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 255, 255, 255, 255]);
const COLOUR_16 = memory.data<u32>([0xffffffff, 0x0000ffff, 0xffffffff, 0x0000ffff]);
const ONE = memory.data<u32>([1, 1, 1, 1]);

/** Position of four 16-bit values, `node << 16 | fraction` in 65535ths: `value * cells`, divided by 65535 without a remainder lost. */
// @ts-ignore: decorator
@inline function place16(value: v128, cells: v128, one: v128): v128 {
  const product = i32x4.mul(value, cells);
  const node = i32x4.shr_u(i32x4.add(i32x4.add(product, i32x4.shr_u(product, 16)), one), 16);
  return i32x4.add(product, node);
}

/** One channel of four pixels, two from each vector. */
// @ts-ignore: decorator
@inline function pick16(first: v128, second: v128, firstAt: v128, secondAt: v128): v128 {
  return v128.or(i8x16.relaxed_swizzle(first, firstAt), i8x16.relaxed_swizzle(second, secondAt));
}

// @ts-ignore: decorator
@inline function bend16(src: usize, bytes: usize, table: usize): v128 {
  let v = v128.load_zero<u32>(table + ((<usize>load<u16>(src)) << 2));
  v = v128.load_lane<u32>(table + ((<usize>load<u16>(src + bytes)) << 2), v, 1);
  v = v128.load_lane<u32>(table + ((<usize>load<u16>(src + bytes * 2)) << 2), v, 2);
  return v128.load_lane<u32>(table + ((<usize>load<u16>(src + bytes * 3)) << 2), v, 3);
}

// @ts-ignore: decorator
@inline function weigh16(
  first: u32, second: u32, third: u32, last: u32, w0: v128, w1: v128, w2: v128, w3: v128,
): v128 {
  const near = f32x4.add(f32x4.mul(w0, v128.load(first, NODES)), f32x4.mul(w1, v128.load(second, NODES)));
  const far = f32x4.add(f32x4.mul(w2, v128.load(third, NODES)), f32x4.mul(w3, v128.load(first + last, NODES)));
  return f32x4.add(near, far);
}

// @ts-ignore: decorator
@inline function run16(
  src: usize, dst: usize, count: i32, size: i32, keep: f32, channels: usize, curves: bool,
): void {
  const bytes = channels * 2;
  const strideG = i32x4.splat(size);
  const strideB = i32x4.splat(size * size);
  const corner = 1 + size + size * size;
  const last: u32 = corner << 4;
  const cornerV = i32x4.splat(corner);
  const cells = i32x4.splat(size - 1);
  const keepV = f32x4.splat(keep);
  const magic = f32x4.splat(12582912); // 1.5 * 2^23: a float that large has no bits below one
  const firstAt = v128.load(channels == 3 ? RED_3_16_A : RED_4_16_A);
  const secondAt = v128.load(channels == 3 ? RED_3_16_B : RED_4_16_B);
  const outAt = v128.load(OUT_3_16);
  const widen = v128.load(WIDEN_16);
  const one = v128.load(ONE);
  const lowHalf = v128.load(LOW_HALF);
  const colour = v128.load(COLOUR_16);
  const end = src + <usize>count * bytes;
  while (src < end) {
    let red: v128, green: v128, blue: v128;
    if (curves) {
      red = bend16(src, bytes, CURVES_16);
      green = bend16(src + 2, bytes, CURVES_16 + 0x40000);
      blue = bend16(src + 4, bytes, CURVES_16 + 0x80000);
    } else {
      red = place16(pick16(v128.load(src), v128.load(src + bytes * 2), firstAt, secondAt), cells, one);
      green = place16(pick16(v128.load(src, 2), v128.load(src + bytes * 2, 2), firstAt, secondAt), cells, one);
      blue = place16(pick16(v128.load(src, 4), v128.load(src + bytes * 2, 4), firstAt, secondAt), cells, one);
    }
    const keyR = v128.or(i32x4.shl(red, 16), one);
    const keyG = v128.or(i32x4.shl(green, 16), strideG);
    const keyB = v128.or(i32x4.shl(blue, 16), strideB);
    const more = i32x4.max_u(keyR, keyG);
    const less = i32x4.min_u(keyR, keyG);
    const high = i32x4.max_u(more, keyB);
    const rest = i32x4.min_u(more, keyB);
    const middle = i32x4.max_u(less, rest);
    const low = i32x4.min_u(less, rest);
    const node = i32x4.add(
      i32x4.add(i32x4.shr_u(red, 16), i32x4.mul(i32x4.shr_u(green, 16), strideG)),
      i32x4.mul(i32x4.shr_u(blue, 16), strideB),
    );
    const o = i32x4.shl(node, 4);
    const a = i32x4.shl(i32x4.add(node, v128.and(high, lowHalf)), 4);
    const b = i32x4.shl(i32x4.sub(i32x4.add(node, cornerV), v128.and(low, lowHalf)), 4);
    const highF = i32x4.shr_u(high, 16);
    const middleF = i32x4.shr_u(middle, 16);
    const lowF = i32x4.shr_u(low, 16);
    const w0 = f32x4.convert_i32x4_s(i32x4.sub(lowHalf, highF));
    const w1 = f32x4.convert_i32x4_s(i32x4.sub(highF, middleF));
    const w2 = f32x4.convert_i32x4_s(i32x4.sub(middleF, lowF));
    const w3 = f32x4.convert_i32x4_s(lowF);
    v128.store(CORNERS, o);
    v128.store(CORNERS, a, 16);
    v128.store(CORNERS, b, 32);
    let p0 = weigh16(
      load<u32>(CORNERS, 0), load<u32>(CORNERS, 16), load<u32>(CORNERS, 32), last,
      i32x4.shuffle(w0, w0, 0, 0, 0, 0), i32x4.shuffle(w1, w1, 0, 0, 0, 0),
      i32x4.shuffle(w2, w2, 0, 0, 0, 0), i32x4.shuffle(w3, w3, 0, 0, 0, 0),
    );
    let p1 = weigh16(
      load<u32>(CORNERS, 4), load<u32>(CORNERS, 20), load<u32>(CORNERS, 36), last,
      i32x4.shuffle(w0, w0, 1, 1, 1, 1), i32x4.shuffle(w1, w1, 1, 1, 1, 1),
      i32x4.shuffle(w2, w2, 1, 1, 1, 1), i32x4.shuffle(w3, w3, 1, 1, 1, 1),
    );
    let p2 = weigh16(
      load<u32>(CORNERS, 8), load<u32>(CORNERS, 24), load<u32>(CORNERS, 40), last,
      i32x4.shuffle(w0, w0, 2, 2, 2, 2), i32x4.shuffle(w1, w1, 2, 2, 2, 2),
      i32x4.shuffle(w2, w2, 2, 2, 2, 2), i32x4.shuffle(w3, w3, 2, 2, 2, 2),
    );
    let p3 = weigh16(
      load<u32>(CORNERS, 12), load<u32>(CORNERS, 28), load<u32>(CORNERS, 44), last,
      i32x4.shuffle(w0, w0, 3, 3, 3, 3), i32x4.shuffle(w1, w1, 3, 3, 3, 3),
      i32x4.shuffle(w2, w2, 3, 3, 3, 3), i32x4.shuffle(w3, w3, 3, 3, 3, 3),
    );
    if (curves) {
      p0 = f32x4.add(p0, f32x4.mul(f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(v128.load_zero<u64>(src), widen)), keepV));
      p1 = f32x4.add(p1, f32x4.mul(f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(v128.load_zero<u64>(src + bytes), widen)), keepV));
      p2 = f32x4.add(p2, f32x4.mul(f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(v128.load_zero<u64>(src + bytes * 2), widen)), keepV));
      p3 = f32x4.add(p3, f32x4.mul(f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(v128.load_zero<u64>(src + bytes * 3), widen)), keepV));
    }
    // Added to the magic number, a sum is rounded; its bits less the number's own are the level, sign and all.
    const p01 = i16x8.narrow_i32x4_u(i32x4.sub(f32x4.add(p0, magic), magic), i32x4.sub(f32x4.add(p1, magic), magic));
    const p23 = i16x8.narrow_i32x4_u(i32x4.sub(f32x4.add(p2, magic), magic), i32x4.sub(f32x4.add(p3, magic), magic));
    if (channels == 3) {
      v128.store(dst, i8x16.relaxed_swizzle(p01, outAt));
      v128.store(dst, i8x16.relaxed_swizzle(p23, outAt), 12);
    } else {
      v128.store(dst, v128.or(v128.and(p01, colour), v128.andnot(v128.load(src), colour)));
      v128.store(dst, v128.or(v128.and(p23, colour), v128.andnot(v128.load(src, 16), colour)), 16);
    }
    src += bytes << 2;
    dst += bytes << 2;
  }
}

export function rgb16(src: usize, dst: usize, count: i32, size: i32): void {
  run16(src, dst, count, size, 0, 3, false);
}

export function rgba16(src: usize, dst: usize, count: i32, size: i32): void {
  run16(src, dst, count, size, 0, 4, false);
}

export function rgb16Curves(src: usize, dst: usize, count: i32, size: i32, keep: f32): void {
  run16(src, dst, count, size, keep, 3, true);
}

export function rgba16Curves(src: usize, dst: usize, count: i32, size: i32, keep: f32): void {
  run16(src, dst, count, size, keep, 4, true);
}
