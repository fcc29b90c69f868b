/** What the structure of a raw file says, whatever its family: size, orientation, previews, metadata, and whether it is whole. */
import type { HeaderBlocks } from '../../metadata/types.ts';
import type { Size } from '../../pipeline/target-size.ts';

/** A JPEG inside the file; size as its own header states it, not turned. */
export type Preview = Size & { start: number; end: number };

export type RawFile = {
  /** Pixels of the picture as stored (not turned); null when the structure does not say. */
  size: Size | null;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** Largest first. */
  previews: readonly Preview[];
  blocks: HeaderBlocks;
  /** Why the file cannot be whole, as the end of a sentence; null when nothing is missing. */
  fault: string | null;
};

/** Less than a sixth of a bit a pixel holds no photo: the hardest raw compressions keep above one bit. */
const LEAST_BYTES_PER_PIXEL = 0.02;

/** Null when `bytes` of compressed sensor data can be a picture of that size. */
export function toSizeFault(bytes: number, { width, height }: Size): string | null {
  return bytes >= width * height * LEAST_BYTES_PER_PIXEL
    ? null
    : `there are only ${bytes} bytes of picture data for at least ${width} x ${height} pixels`;
}

export const cutShort = 'its picture data end beyond the end of the file';

/** EXIF orientations 5 to 8 lie on their side. */
export function toUpright({ width, height }: Size, orientation: number): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

export function byArea(previews: readonly Preview[]): Preview[] {
  return [...previews].sort((a, b) => b.width * b.height - a.width * a.height);
}
