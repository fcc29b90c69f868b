/** How much memory the pixels of a photo take while it is developed. */
import type { SourceLimits } from '../../bridge/contract/host-messages.ts';

/**
 * Raw pixels are 3 bytes a pixel, 6 with 16 bits (`render.ts`; measured in `photo-memory.test.ts`); besides them there are the
 * source file, which an engine or 16 bits make as large as the pixels, and the output file.
 */
const BYTES_PER_PIXEL = { 8: 4, 16: 12 } as const;

/** Bytes at the full size; a photo of more than `alone_pixels` takes whatever there is. */
export function toPixelBytes(pixels: number, depth: 8 | 16, { alone_pixels }: SourceLimits): number {
  return pixels > alone_pixels ? Number.MAX_SAFE_INTEGER : pixels * BYTES_PER_PIXEL[depth];
}
