/** The patches of test charts: saturated, near-neutral, dark; CMYK; a grey ramp. Deterministic. */

/** Values 0..top, as integers. Between the 8-bit levels where `top` is 65535: a different step for each patch. */
function spread(patches: readonly (readonly number[])[], top: number): number[][] {
  return patches.map((patch, index) =>
    patch.map((value, channel) => {
      const between = top === 255 ? 0 : ((index * 37 + channel * 101) % 255) - 127;
      const isEnd = value === 0 || value === 1;
      return Math.min(Math.max(Math.round(value * top) + (isEnd ? 0 : between), 0), top);
    }),
  );
}

function grid(levels: readonly number[], channels: number): number[][] {
  if (channels === 0) return [[]];
  return grid(levels, channels - 1).flatMap((rest) => levels.map((level) => [...rest, level]));
}

const even = (steps: number) => Array.from({ length: steps + 1 }, (_, step) => step / steps);

/** A cube of 6 levels a channel with its saturated corners, greys with a tinge, and the darkest colours. */
export function rgbPatches(depth: 8 | 16): number[][] {
  const top = depth === 8 ? 255 : 65535;
  const tinge = 3 / 255;
  const neutrals = even(24).flatMap((level) => {
    const inside = Math.min(Math.max(level, tinge), 1 - tinge);
    return [
      [level, level, level],
      [inside + tinge, inside, inside],
      [inside, inside, inside + tinge],
      [inside, inside + tinge, inside - tinge],
    ];
  });
  const darks = grid([0, 2 / 255, 6 / 255, 14 / 255], 3);
  return spread([...grid(even(5), 3), ...neutrals, ...darks], top);
}

/** Ink from none to full, three levels each of C, M, Y, K, and the ramp of black alone. */
export function cmykPatches(depth: 8 | 16): number[][] {
  const ramp = even(20).map((level) => [0, 0, 0, level]);
  return spread([...grid([0, 0.35, 0.7, 1], 4), ...ramp], depth === 8 ? 255 : 65535);
}

export function greyPatches(depth: 8 | 16): number[][] {
  return spread(
    even(depth === 8 ? 255 : 500).map((level) => [level]),
    depth === 8 ? 255 : 65535,
  );
}
