/**
 * HaldCLUT pictures: an identity picture that somebody has developed, read back as a table (Eskil Steenberg's format, as ImageMagick
 * documents `-hald-clut`). A picture of level L is L^3 x L^3 pixels: a cube of L^2 nodes an axis, red fastest. Decodes nothing.
 */
import { BridgeError } from '../../errors.ts';
import type { LutTable } from './lut-table.ts';

const MIN_LEVEL = 2;
const MAX_LEVEL = 16;
const PNG_SIGNATURE = '89504e470d0a1a0a';

/** The level of a HaldCLUT by its picture size. Throws BridgeError `preset_invalid`. */
export function toHaldLevel({ width, height }: { width: number; height: number }): number {
  const level = Math.round(Math.cbrt(width));
  if (width === height && level ** 3 === width && level >= MIN_LEVEL && level <= MAX_LEVEL) return level;
  throw new BridgeError(
    'preset_invalid',
    `a HaldCLUT is a square picture of 8, 27, 64, ... ${MAX_LEVEL ** 3} pixels an edge; this one is ${width} x ${height}`,
  );
}

/** Width and height in the header of PNG bytes. Throws BridgeError `preset_invalid`. */
export function readPngSize(bytes: Uint8Array): { width: number; height: number } {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 33));
  if (
    head.length < 33 ||
    head.toString('hex', 0, 8) !== PNG_SIGNATURE ||
    head.toString('latin1', 12, 16) !== 'IHDR'
  )
    throw new BridgeError('preset_invalid', 'it is no PNG picture');
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

/** `data`: rows from the top, `channels` (3 or 4) a pixel, full range of its type. */
export function toHaldTable(picture: {
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels: number;
}): LutTable {
  const { data, channels } = picture;
  const size = toHaldLevel(picture) ** 2;
  const white = data instanceof Uint16Array ? 65_535 : 255;
  const values = new Float32Array(3 * size ** 3);
  for (let node = 0; node < size ** 3; node += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      values[3 * node + channel] = (data[channels * node + channel] ?? 0) / white;
  }
  return { title: null, notes: [], shaper: null, cube: { size, min: [0, 0, 0], max: [1, 1, 1], values } };
}
