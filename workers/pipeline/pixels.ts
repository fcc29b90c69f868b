/** Decoded pixels as they travel through the pipeline. Types and views only. */

/** Interleaved rows without padding: R G B (A), encoded values, 0..255 or 0..65535. */
export type Pixels = {
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels: 3 | 4;
};

/** The highest value of a channel. */
export function maxValue(pixels: Pixels): 255 | 65535 {
  return pixels.data instanceof Uint16Array ? 65535 : 255;
}

/** True when there is no alpha channel or every pixel of it is fully opaque. */
export function isOpaque(pixels: Pixels): boolean {
  if (pixels.channels === 3) return true;
  const { data } = pixels;
  const full = maxValue(pixels);
  for (let at = 3; at < data.length; at += 4) {
    if (data[at] !== full) return false;
  }
  return true;
}

/** 16-bit pixels as 8-bit ones, rounded to the nearest level; 8-bit pixels as they are. */
export function toEightBits(pixels: Pixels): Pixels {
  const { data } = pixels;
  if (data instanceof Uint8Array) return pixels;
  const reduced = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) reduced[at] = ((data[at] ?? 0) + 128) / 257;
  return { ...pixels, data: reduced };
}
