/** The sentences all containers share. */
import type { AttachResult } from './types.ts';

export const lost = {
  iptc: 'The IPTC data was not kept: this output format has no place for it.',
  gainMap: 'The HDR gain map was not kept: this output format has no place for it.',
  damagedGainMap: 'The HDR gain map is damaged and was not kept.',
  foreignGainMap: 'The HDR gain map was not kept: it is carried over only from JPEG to JPEG.',
  colouredGainMap: 'The HDR gain map was not kept: it holds colours, and the photo has none any more.',
  profile: 'The colour profile does not fit the channels of the output and was not embedded.',
} as const;

/** The answer for an encoded file whose structure is not the expected one. */
export function unchanged(encoded: Buffer): AttachResult {
  return {
    pieces: [encoded],
    warnings: ['The metadata was not kept: the encoded file has an unexpected structure.'],
  };
}
