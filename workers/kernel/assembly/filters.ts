// The filters of the spatial steps: over whole planes of 32-bit floats, four pixels at a time. It only computes, as `spatial.ts`
// does, and under the same rule for what lies behind a row.

// @ts-expect-error: decorator
@inline function addRow(columns: usize, src: usize, width: i32, sign: f64): void {
  const by = f64x2.splat(sign);
  const end = src + (<usize>width << 2);
  for (; src < end; src += 8, columns += 16) {
    const values = f64x2.promote_low_f32x4(v128.load64_zero(src));
    v128.store(columns, f64x2.add(v128.load(columns), f64x2.mul(by, values)));
  }
}

/** Separable blur; `weights` are floats from the middle outwards, `line` has room for a row and `reach` floats at either side. */
export function blur(src: usize, dst: usize, width: i32, height: i32, weights: usize, reach: i32, line: usize): void {
  const row = <usize>width << 2;
  const inner = line + (<usize>reach << 2);
  const middle = v128.load32_splat(weights);
  for (let y = 0; y < height; y++) {
    const here = src + <usize>y * row;
    for (let x: usize = 0; x < row; x += 16) {
      let sum = f32x4.mul(middle, v128.load(here + x));
      for (let n = 1; n <= reach; n++) {
        const above = src + <usize>max(y - n, 0) * row;
        const below = src + <usize>min(y + n, height - 1) * row;
        const both = f32x4.add(v128.load(above + x), v128.load(below + x));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + (<usize>n << 2)), both));
      }
      v128.store(inner + x, sum);
    }
    const first = load<f32>(inner);
    const last = load<f32>(inner + row - 4);
    for (let n: usize = 1; n <= <usize>reach; n++) {
      store<f32>(inner - (n << 2), first);
      store<f32>(inner + row - 4 + (n << 2), last);
    }
    const out = dst + <usize>y * row;
    for (let x: usize = 0; x < row; x += 16) {
      const at = inner + x;
      let sum = f32x4.mul(middle, v128.load(at));
      for (let n: usize = 1; n <= <usize>reach; n++) {
        const both = f32x4.add(v128.load(at - (n << 2)), v128.load(at + (n << 2)));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + (n << 2)), both));
      }
      v128.store(out + x, sum);
    }
  }
}

/** `target = source * source`. */
export function squares(src: usize, dst: usize, count: i32): void {
  const end = src + (<usize>count << 2);
  for (; src < end; src += 16, dst += 16) {
    const value = v128.load(src);
    v128.store(dst, f32x4.mul(value, value));
  }
}

/** The guided filter's a into `a` and b over `square`, from the means of values and squares. */
export function slopes(mean: usize, square: usize, a: usize, count: i32, epsilon: f32): void {
  const zero = f32x4.splat(0);
  const least = f32x4.splat(epsilon);
  const end = mean + (<usize>count << 2);
  for (; mean < end; mean += 16, square += 16, a += 16) {
    const middle = v128.load(mean);
    const variance = f32x4.pmax(zero, f32x4.sub(v128.load(square), f32x4.mul(middle, middle)));
    const slope = f32x4.div(variance, f32x4.add(variance, least));
    v128.store(a, slope);
    v128.store(square, f32x4.sub(middle, f32x4.mul(slope, middle)));
  }
}

/** Mean of the square of `radius` around each pixel; `columns` has room for `width + 1` doubles. As box-mean.ts says it. */
export function boxMean(src: usize, dst: usize, width: i32, height: i32, radius: i32, columns: usize): void {
  const row = <usize>width << 2;
  memory.fill(columns, 0, (<usize>width + 1) << 3);
  for (let y = 0; y <= min(radius, height - 1); y++) addRow(columns, src + <usize>y * row, width, 1);
  const last = width - 1;
  for (let y = 0; y < height; y++) {
    const enters = y + radius;
    const leaves = y - radius - 1;
    if (y > 0 && enters < height) addRow(columns, src + <usize>enters * row, width, 1);
    if (leaves >= 0) addRow(columns, src + <usize>leaves * row, width, -1);
    const rows = min(enters, height - 1) - max(leaves, -1);
    let out = dst + <usize>y * row;
    let sum: f64 = 0;
    for (let x = 0; x < min(radius, width); x++) sum += load<f64>(columns + (<usize>x << 3));
    const inner = min(radius + 1, width);
    const outer = max(inner, width - radius);
    for (let x = 0; x < width; x++) {
      if (x == inner && outer > inner) {
        const share = 1 / <f64>(rows * (2 * radius + 1));
        let enter = columns + (<usize>(x + radius) << 3);
        let leave = columns + (<usize>(x - radius - 1) << 3);
        for (; x < outer; x++, out += 4, enter += 8, leave += 8) {
          sum += load<f64>(enter) - load<f64>(leave);
          store<f32>(out, <f32>(sum * share));
        }
        if (x >= width) break;
      }
      if (x + radius <= last) sum += load<f64>(columns + (<usize>(x + radius) << 3));
      if (x - radius > 0) sum -= load<f64>(columns + (<usize>(x - radius - 1) << 3));
      const count = min(x + radius, last) - max(x - radius, 0) + 1;
      store<f32>(out, <f32>(sum / <f64>(rows * count)));
      out += 4;
    }
  }
}

/** Highest less lowest of the square of `reach` around each pixel; `line` has room for two rows and `reach` floats at all their ends. */
export function range(src: usize, dst: usize, width: i32, height: i32, reach: i32, line: usize): void {
  const row = <usize>width << 2;
  const margin = <usize>reach << 2;
  const low = line + margin;
  const high = low + row + 2 * margin + 16;
  for (let y = 0; y < height; y++) {
    const top = max(y - reach, 0);
    const bottom = min(y + reach, height - 1);
    for (let x: usize = 0; x < row; x += 16) {
      let least = v128.load(src + <usize>top * row + x);
      let most = least;
      for (let at = top + 1; at <= bottom; at++) {
        const value = v128.load(src + <usize>at * row + x);
        least = f32x4.pmin(least, value);
        most = f32x4.pmax(most, value);
      }
      v128.store(low + x, least);
      v128.store(high + x, most);
    }
    for (let n: usize = 4; n <= margin; n += 4) {
      store<f32>(low - n, load<f32>(low));
      store<f32>(low + row - 4 + n, load<f32>(low + row - 4));
      store<f32>(high - n, load<f32>(high));
      store<f32>(high + row - 4 + n, load<f32>(high + row - 4));
    }
    for (let x: usize = 0; x < row; x += 16) {
      let least = v128.load(low + x - margin);
      let most = v128.load(high + x - margin);
      for (let n: usize = 4; n <= 2 * margin; n += 4) {
        least = f32x4.pmin(least, v128.load(low + x - margin + n));
        most = f32x4.pmax(most, v128.load(high + x - margin + n));
      }
      v128.store(dst + <usize>y * row + x, f32x4.sub(most, least));
    }
  }
}
