/** CMYK JPEGs as other programs write them: a block of 16 x 16 pixels for each patch. */
import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { toTiff } from './chart-files.ts';

const EDGE = 16;

/** Each patch as a block; all in one row of blocks. */
export function toBlocks(patches: readonly (readonly number[])[]): { width: number; patches: number[][] } {
  const row = patches.flatMap((patch) => Array.from({ length: EDGE }, () => [...patch]));
  return { width: row.length, patches: Array.from({ length: EDGE }, () => row).flat() };
}

/** The middle of each block. */
export function fromBlocks(pixels: readonly number[][]): number[][] {
  const width = pixels.length / EDGE;
  const count = width / EDGE;
  return Array.from({ length: count }, (_, block) => pixels[(EDGE / 2) * width + block * EDGE + EDGE / 2]!);
}

/**
 * Ink inverted in all, as Photoshop has it. `ycck`: as luma and chroma, by ImageMagick. `adobe`: as it is; an `Adobe` segment says
 * which in both. `plain`: without that segment, which readers take for inverted too.
 */
export type JpegKind = 'ycck' | 'adobe' | 'plain';

export async function toCmykJpeg(
  kind: JpegKind,
  patches: readonly (readonly number[])[],
  icc: Buffer | null,
): Promise<Buffer> {
  const tiff = toTiff({ model: 'cmyk', depth: 8, ...toBlocks(patches), icc });
  if (kind === 'ycck') {
    const flags = ['tiff:-', '-quality', '100', '-sampling-factor', '1x1', 'jpeg:-'];
    const jpeg = execFileSync('/usr/bin/convert', flags, { input: tiff, stdio: ['pipe', 'pipe', 'ignore'] });
    if (adobeTransform(jpeg) !== 2) throw new Error('this is not YCCK');
    return jpeg;
  }
  const jpeg = await sharp(tiff)
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .keepIccProfile()
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
  if (adobeTransform(jpeg) !== 0) throw new Error('this has no Adobe segment for CMYK');
  const at = adobeSegment(jpeg);
  return kind === 'adobe'
    ? jpeg
    : Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))]);
}

/** The ink of each block as ImageMagick reads it, 0..255. */
export function readInks(jpeg: Buffer): number[][] {
  const raw = execFileSync('/usr/bin/convert', ['jpeg:-', '-depth', '8', 'cmyk:-'], { input: jpeg });
  return fromBlocks(
    Array.from({ length: raw.length / 4 }, (_, pixel) => [...raw.subarray(4 * pixel, 4 * pixel + 4)]),
  );
}

function adobeSegment(jpeg: Buffer): number {
  return jpeg.indexOf('Adobe\0', 0, 'latin1') - 4;
}

function adobeTransform(jpeg: Buffer): number | undefined {
  const at = adobeSegment(jpeg);
  return at < 0 ? undefined : jpeg[at + 15];
}
