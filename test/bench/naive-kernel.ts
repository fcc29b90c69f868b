/** What one would write first: a Look run pixel by pixel in floats. Only a measure for the kernel. */

import { evaluateLook } from '../../bridge/presets/evaluate-look.ts';
import type { Look } from '../../bridge/presets/look.ts';

/** `blend` 0..100; 8-bit pixels. */
export function applyNaively(
  look: Look,
  blend: number,
  pixels: Uint8Array | Uint16Array,
  channels: 3 | 4,
): void {
  for (let at = 0; at < pixels.length; at += channels) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    const shown = evaluateLook(look, [red / 255, green / 255, blue / 255], blend / 100);
    for (let c = 0; c < 3; c++) pixels[at + c] = Math.round((shown[c] ?? 0) * 255);
  }
}
