// The hot loops of the spatial steps over planes of 32-bit floats, four pixels at a time. It only computes:
// workers/spatial/loops.ts lays out the memory, and the plain TypeScript beside each call says the same.
//
// Pointers are bytes. Every loop may read and write up to three floats past a row's end: rows are written downwards, so the next row
// puts it right, and the host pads what lies behind the last one.

export { blur, boxMean, range, slopes, squares } from './filters';

const RED_3 = memory.data<u8>([0, 255, 255, 255, 3, 255, 255, 255, 6, 255, 255, 255, 9, 255, 255, 255]);
const GREEN_3 = memory.data<u8>([1, 255, 255, 255, 4, 255, 255, 255, 7, 255, 255, 255, 10, 255, 255, 255]);
const BLUE_3 = memory.data<u8>([2, 255, 255, 255, 5, 255, 255, 255, 8, 255, 255, 255, 11, 255, 255, 255]);
const OUT_3 = memory.data<u8>([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255]);

// @ts-expect-error: decorator
@inline function lanes(px: v128, at: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(px, at));
}

/** Luma of 8-bit RGB: `(g + redShare * (r - g) + blueShare * (b - g)) * unit`. */
export function luma8(src: usize, dst: usize, count: i32, redShare: f32, blueShare: f32, unit: f32): void {
  const redAt = v128.load(RED_3);
  const greenAt = v128.load(GREEN_3);
  const blueAt = v128.load(BLUE_3);
  const r = f32x4.splat(redShare);
  const b = f32x4.splat(blueShare);
  const u = f32x4.splat(unit);
  const end = dst + (<usize>count << 2);
  while (dst < end) {
    const px = v128.load(src);
    const green = lanes(px, greenAt);
    const red = f32x4.mul(r, f32x4.sub(lanes(px, redAt), green));
    const blue = f32x4.mul(b, f32x4.sub(lanes(px, blueAt), green));
    v128.store(dst, f32x4.mul(f32x4.add(f32x4.add(green, red), blue), u));
    src += 12;
    dst += 16;
  }
}

/** A margin of one float at either side of a row. */
// @ts-expect-error: decorator
@inline function margins(inner: usize, row: usize): void {
  store<f32>(inner - 4, load<f32>(inner));
  store<f32>(inner + row, load<f32>(inner + row - 4));
}

/**
 * Unsharp masking as sharpening.ts says it. `line` has room for four rows of `width + 8` floats. `edge` 0: no mask, else
 * 1 / (4 * slope^2) of a full edge.
 */
export function sharpen(
  luma: usize, soft: usize, dst: usize, width: i32, height: i32,
  strength: f32, noise: f32, overshoot: f32, edge: f32, line: usize,
): void {
  const row = <usize>width << 2;
  const room = row + 32;
  const low = line + 16;
  const high = low + room;
  const blurred = high + room;
  const one = f32x4.splat(1);
  const by = f32x4.splat(strength);
  const hiss = f32x4.splat(noise);
  const over = f32x4.splat(overshoot);
  const full = f32x4.splat(edge);
  for (let y = 0; y < height; y++) {
    const at = <usize>y * row;
    const above = <usize>max(y - 1, 0) * row;
    const below = <usize>min(y + 1, height - 1) * row;
    for (let x: usize = 0; x < row; x += 16) {
      const a = v128.load(luma + above + x);
      const b = v128.load(luma + at + x);
      const c = v128.load(luma + below + x);
      v128.store(low + x, f32x4.pmin(f32x4.pmin(a, b), c));
      v128.store(high + x, f32x4.pmax(f32x4.pmax(a, b), c));
    }
    margins(low, row);
    margins(high, row);
    if (edge > 0) {
      memory.copy(blurred, soft + at, row);
      margins(blurred, row);
    }
    for (let x: usize = 0; x < row; x += 16) {
      const value = v128.load(luma + at + x);
      const difference = f32x4.sub(value, v128.load(soft + at + x));
      const square = f32x4.mul(difference, difference);
      let amount = by;
      if (edge > 0) {
        const across = f32x4.sub(v128.load(blurred + x + 4), v128.load(blurred + x - 4));
        const down = f32x4.sub(v128.load(soft + below + x), v128.load(soft + above + x));
        const slope = f32x4.add(f32x4.mul(across, across), f32x4.mul(down, down));
        const t = f32x4.pmin(one, f32x4.mul(slope, full));
        const smooth = f32x4.mul(f32x4.mul(t, t), f32x4.sub(f32x4.splat(3), f32x4.add(t, t)));
        amount = f32x4.mul(by, smooth);
      }
      const kept = f32x4.div(square, f32x4.add(square, hiss));
      const wished = f32x4.add(value, f32x4.mul(f32x4.mul(amount, difference), kept));
      const least = f32x4.pmin(f32x4.pmin(v128.load(low + x - 4), v128.load(low + x)), v128.load(low + x + 4));
      const most = f32x4.pmax(f32x4.pmax(v128.load(high + x - 4), v128.load(high + x)), v128.load(high + x + 4));
      const held = f32x4.pmin(f32x4.pmax(wished, least), most);
      v128.store(dst + at + x, f32x4.add(held, f32x4.mul(over, f32x4.sub(wished, held))));
    }
  }
}

/** Detail, raised or lowered: `v + strength * d * kept / (1 + |d| * softness)`, d = v - (a v + b), kept = d^2 / (d^2 + noise). In place. */
export function bendDetail(luma: usize, a: usize, b: usize, count: i32, strength: f32, noise: f32, softness: f32): void {
  const by = f32x4.splat(strength);
  const hiss = f32x4.splat(noise);
  const soft = f32x4.splat(softness);
  const one = f32x4.splat(1);
  const end = luma + (<usize>count << 2);
  for (; luma < end; luma += 16, a += 16, b += 16) {
    const value = v128.load(luma);
    const d = f32x4.sub(value, f32x4.add(f32x4.mul(v128.load(a), value), v128.load(b)));
    const square = f32x4.mul(d, d);
    const kept = f32x4.div(square, f32x4.add(square, hiss));
    const more = f32x4.mul(f32x4.mul(by, d), kept);
    v128.store(luma, f32x4.add(value, f32x4.div(more, f32x4.add(one, f32x4.mul(f32x4.abs(d), soft)))));
  }
}

/** Red, green and blue of a row of 8-bit RGB whose luma has become another: `luma + gain * (c - own luma)`. `gain` 0: none. */
export function join8(src: usize, luma: usize, gain: usize, row: usize, stride: usize, count: i32, redShare: f32, blueShare: f32, unit: f32): void {
  const redAt = v128.load(RED_3);
  const greenAt = v128.load(GREEN_3);
  const blueAt = v128.load(BLUE_3);
  const r = f32x4.splat(redShare);
  const b = f32x4.splat(blueShare);
  const u = f32x4.splat(unit);
  const end = luma + (<usize>count << 2);
  while (luma < end) {
    const px = v128.load(src);
    const value = v128.load(luma);
    let by = u;
    if (gain != 0) {
      by = f32x4.mul(u, v128.load(gain));
      gain += 16;
    }
    const base = lanes(px, greenAt);
    const red = f32x4.sub(lanes(px, redAt), base);
    const blue = f32x4.sub(lanes(px, blueAt), base);
    const green = f32x4.add(f32x4.mul(r, red), f32x4.mul(b, blue));
    v128.store(row, f32x4.add(value, f32x4.mul(by, f32x4.sub(red, green))));
    v128.store(row + stride, f32x4.sub(value, f32x4.mul(by, green)));
    v128.store(row + 2 * stride, f32x4.add(value, f32x4.mul(by, f32x4.sub(blue, green))));
    src += 12;
    luma += 16;
    row += 16;
  }
}

/** The same noise on red, green and blue, weighted by `4 l (1 - l)`. */
export function addGrain(row: usize, stride: usize, noise: usize, count: i32, redShare: f32, greenShare: f32, blueShare: f32, spread: f32): void {
  const rs = f32x4.splat(redShare);
  const gs = f32x4.splat(greenShare);
  const bs = f32x4.splat(blueShare);
  const by = f32x4.splat(4 * spread);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const end = row + (<usize>count << 2);
  for (; row < end; row += 16, noise += 16) {
    const r = v128.load(row);
    const g = v128.load(row + stride);
    const b = v128.load(row + 2 * stride);
    const luma = f32x4.add(f32x4.add(f32x4.mul(rs, r), f32x4.mul(gs, g)), f32x4.mul(bs, b));
    const weight = f32x4.mul(by, f32x4.pmax(zero, f32x4.mul(luma, f32x4.sub(one, luma))));
    const grain = f32x4.mul(weight, v128.load(noise));
    v128.store(row, f32x4.add(r, grain));
    v128.store(row + stride, f32x4.add(g, grain));
    v128.store(row + 2 * stride, f32x4.add(b, grain));
  }
}

// @ts-expect-error: decorator
@inline function mixed(value: v128, source: v128, whole: v128, part: v128): v128 {
  const zero = f32x4.splat(0);
  const shown = f32x4.pmin(f32x4.splat(1), f32x4.pmax(zero, value));
  const sum = f32x4.add(f32x4.add(f32x4.mul(part, source), f32x4.mul(whole, shown)), f32x4.splat(0.5));
  return i32x4.trunc_sat_f32x4_s(sum);
}

/** `rest * source + blend * 255 * row`, held and rounded, over the 8-bit RGB pixels at `target`; up to 4 bytes past the last are overwritten. */
export function mix8(row: usize, stride: usize, target: usize, count: i32, blend: f32, rest: f32): void {
  const redAt = v128.load(RED_3);
  const greenAt = v128.load(GREEN_3);
  const blueAt = v128.load(BLUE_3);
  const outAt = v128.load(OUT_3);
  const whole = f32x4.splat(blend * 255);
  const part = f32x4.splat(rest);
  const end = row + (<usize>count << 2);
  let ahead = v128.load(target);
  for (; row < end; row += 16) {
    const px = ahead;
    // Read before the store below reaches into it.
    ahead = v128.load(target + 12);
    const r = mixed(v128.load(row), lanes(px, redAt), whole, part);
    const g = mixed(v128.load(row + stride), lanes(px, greenAt), whole, part);
    const b = mixed(v128.load(row + 2 * stride), lanes(px, blueAt), whole, part);
    const packed = v128.or(v128.or(r, i32x4.shl(g, 8)), i32x4.shl(b, 16));
    v128.store(target, i8x16.relaxed_swizzle(packed, outAt));
    target += 12;
  }
}

/** A row of the small picture at the pixels of the large one: `near[index] + share * (near[index + 1] - near[index])`. */
export function spread(near: usize, index: usize, share: usize, dst: usize, count: i32): void {
  const end = index + (<usize>count << 2);
  for (; index < end; index += 4, share += 4, dst += 4) {
    const at = near + (<usize>load<i32>(index) << 2);
    const from = load<f32>(at);
    store<f32>(dst, from + load<f32>(share) * (load<f32>(at, 4) - from));
  }
}

/** One row: `v + strength * 4 q (1 - q) * d * d^2 / (d^2 + noise) / (1 + |d| * softness)`, q = a v + b, d = v - q. */
export function clarity(luma: usize, a: usize, b: usize, count: i32, strength: f32, noise: f32, softness: f32): void {
  const by = f32x4.splat(4 * strength);
  const floor = f32x4.splat(noise);
  const soft = f32x4.splat(softness);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const end = luma + (<usize>count << 2) - 12;
  // A row within a plane: what lies behind is of the next row and must stay.
  for (; luma < end; luma += 16, a += 16, b += 16) {
    const value = v128.load(luma);
    const base = f32x4.add(f32x4.mul(v128.load(a), value), v128.load(b));
    const d = f32x4.sub(value, base);
    const weight = f32x4.mul(by, f32x4.pmax(zero, f32x4.mul(base, f32x4.sub(one, base))));
    const square = f32x4.mul(d, d);
    const kept = f32x4.div(square, f32x4.add(square, floor));
    const more = f32x4.div(f32x4.mul(f32x4.mul(weight, d), kept), f32x4.add(one, f32x4.mul(f32x4.abs(d), soft)));
    v128.store(luma, f32x4.add(value, more));
  }
  for (; luma < end + 12; luma += 4, a += 4, b += 4) {
    const value = load<f32>(luma);
    const base = load<f32>(a) * value + load<f32>(b);
    const d = value - base;
    const weight: f32 = <f32>4 * strength * max<f32>(0, base * (1 - base));
    const kept = (d * d) / (d * d + noise);
    store<f32>(luma, value + (weight * d * kept) / (1 + abs(d) * softness));
  }
}

/**
 * One row: `air + (v - air) * f`, and `gain * f`, with the veil w = a v + b held within 0..1: f = p + q w, or one over that held above
 * `least` (0: not).
 */
export function dehaze(luma: usize, gain: usize, a: usize, b: usize, count: i32, air: f32, p: f32, q: f32, least: f32): void {
  const light = f32x4.splat(air);
  const even = f32x4.splat(p);
  const by = f32x4.splat(q);
  const low = f32x4.splat(least);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const end = luma + (<usize>count << 2) - 12;
  for (; luma < end; luma += 16, gain += 16, a += 16, b += 16) {
    const value = v128.load(luma);
    const veil = f32x4.pmin(one, f32x4.pmax(zero, f32x4.add(f32x4.mul(v128.load(a), value), v128.load(b))));
    let f = f32x4.add(even, f32x4.mul(by, veil));
    if (least > 0) f = f32x4.div(one, f32x4.pmax(low, f));
    v128.store(luma, f32x4.add(light, f32x4.mul(f32x4.sub(value, light), f)));
    v128.store(gain, f32x4.mul(v128.load(gain), f));
  }
  for (; luma < end + 12; luma += 4, gain += 4, a += 4, b += 4) {
    const value = load<f32>(luma);
    const veil = min<f32>(1, max<f32>(0, load<f32>(a) * value + load<f32>(b)));
    let f = p + q * veil;
    if (least > 0) f = 1 / max<f32>(least, f);
    store<f32>(luma, air + (value - air) * f);
    store<f32>(gain, load<f32>(gain) * f);
  }
}
