/** Seeded randomness and smooth noise for the demo's pictures: the same seed gives the same picture. Pure. */

/** Uniform in 0..1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Heights around 0 (about -1..1) at `length` places: octaves of value noise, the first `wave` places long. */
export function createRidge(
  random: () => number,
  length: number,
  wave: number,
  roughness: number,
): Float32Array {
  const heights = new Float32Array(length);
  let amplitude = 1;
  for (let step = wave; step >= 2; step /= 2) {
    const knots = Float32Array.from({ length: Math.ceil(length / step) + 2 }, () => random() * 2 - 1);
    for (let index = 0; index < length; index += 1) {
      heights[index] = (heights[index] ?? 0) + amplitude * toSmooth(knots, index / step);
    }
    amplitude *= roughness;
  }
  return heights;
}

function toSmooth(knots: Float32Array, at: number): number {
  const left = Math.floor(at);
  const t = at - left;
  const blend = t * t * (3 - 2 * t);
  return (knots[left] ?? 0) * (1 - blend) + (knots[left + 1] ?? 0) * blend;
}

/** A field of `width` x `height` values around 0, for clouds and ground: octaves of smooth two-dimensional noise. */
export function createField(random: () => number, width: number, height: number, wave: number): Float32Array {
  const field = new Float32Array(width * height);
  let amplitude = 1;
  for (let step = wave; step >= 2; step /= 2) {
    const columns = Math.ceil(width / step) + 2;
    const knots = Float32Array.from(
      { length: columns * (Math.ceil(height / step) + 2) },
      () => random() * 2 - 1,
    );
    for (let y = 0; y < height; y += 1) {
      const row = Math.floor(y / step);
      const above = knots.subarray(row * columns, (row + 1) * columns);
      const below = knots.subarray((row + 1) * columns, (row + 2) * columns);
      const t = y / step - row;
      const blend = t * t * (3 - 2 * t);
      for (let x = 0; x < width; x += 1) {
        const value = toSmooth(above, x / step) * (1 - blend) + toSmooth(below, x / step) * blend;
        field[y * width + x] = (field[y * width + x] ?? 0) + amplitude * value;
      }
    }
    amplitude *= 0.55;
  }
  return field;
}

/** 65,536 values of a normal distribution with deviation 1: the grain of a sensor. */
export function createGrain(random: () => number): Float32Array {
  return Float32Array.from({ length: 65_536 }, () => {
    const sum = random() + random() + random() + random();
    return (sum - 2) * Math.sqrt(3);
  });
}
