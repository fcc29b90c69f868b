/** How much memory the pixels of a photo take while it is developed. */
import type { SourceLimits } from '../../bridge/contract/host-messages.ts';

/** Decoded, handed over and encoded: measured as the growth of a render host's memory (`npm run bench -- --only memory`). */
const BYTES_PER_PIXEL = { 8: 8, 16: 16 } as const;

/** Bytes at the full size; a photo of more than `alone_pixels` takes whatever there is. */
export function toPixelBytes(pixels: number, depth: 8 | 16, { alone_pixels }: SourceLimits): number {
  return pixels > alone_pixels ? Number.MAX_SAFE_INTEGER : pixels * BYTES_PER_PIXEL[depth];
}
