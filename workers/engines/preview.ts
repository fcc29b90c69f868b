/** The JPEG that a camera put into its raw file, as a photo of its own. */
import { readHeader } from '../pipeline/header.ts';
import type { OpenRequest, Picture } from '../pipeline/picture.ts';
import type { Preview, RawFile } from './raw-file/raw-file.ts';

/** Previews seldom say how they lie: the raw file does. Exif 2.32, 4.5.4. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const block = Buffer.from(
    'ffe1002245786966000049492a000800000001001201030001000000000000000000000000',
    'hex',
  );
  block.writeUInt16LE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), block.subarray(0, 36), jpeg.subarray(2)]);
}

/** The smallest that has `longEdge`; without one the largest. Null: none is large enough. */
export function pickPreview({ previews }: RawFile, longEdge: number | null): Preview | null {
  if (longEdge === null) return previews[0] ?? null;
  return previews.findLast(({ width, height }) => Math.max(width, height) >= longEdge) ?? null;
}

/** Throws TaskFailure `damaged_image`. */
export async function openPreview(
  preview: Preview,
  raw: RawFile,
  { bytes, limits }: Pick<OpenRequest, 'bytes' | 'limits'>,
): Promise<Picture> {
  const jpeg = Buffer.from(bytes.subarray(preview.start, preview.end));
  const plain = await readHeader(jpeg, limits);
  const isTold = plain.metadata.orientation !== undefined || raw.orientation === 1;
  const upright = isTold ? jpeg : withOrientation(jpeg, raw.orientation);
  const header = isTold ? plain : await readHeader(upright, limits);
  return { bytes: upright, header, blocks: raw.blocks, engine: 'preview', warnings: [] };
}
