/** Opens a HEIC or HEIF photo: its primary picture, by libheif in the engine thread. */
import { readHeader } from '../pipeline/header.ts';
import type { OpenRequest, Picture } from '../pipeline/picture.ts';
import { decodeInThread } from './engine-thread.ts';

/** Throws TaskFailure. */
export async function openHeif(request: OpenRequest): Promise<Picture> {
  const { bytes, limits, longEdge } = request;
  const image = await decodeInThread(
    { kind: 'heif', bytes, maxPixels: limits.max_pixels, longEdge },
    ({ width, height }) => request.onSize((width * height) / 1e6, { depth: 8 }),
  );
  const file = toBuffer(image.file);
  const { exif, xmp, gainMap, leftBehind, version, warnings } = image;
  return {
    bytes: file,
    header: await readHeader(file, limits),
    blocks: {
      ...(exif === null ? {} : { exif: toBuffer(exif) }),
      ...(xmp === null ? {} : { xmp: toBuffer(xmp) }),
      ...(gainMap ? { gainMap } : {}),
      leftBehind,
    },
    engine: version,
    warnings,
  };
}

/** The same memory. */
export function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
