/** Tells animated PNG and WebP files from still ones by their chunk lists. Bounded by the file's length. */

/** True when an `acTL` chunk comes before the pixels (PNG third edition, 11.3.6.1). */
export function isAnimatedPng(file: Buffer): boolean {
  let at = 8;
  while (at + 8 <= file.length) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT' || type === 'IEND') return false;
    at += 12 + file.readUInt32BE(at);
  }
  return false;
}

/** True when the extended header's animation flag is set (WebP container specification, "Extended file format"). */
export function isAnimatedWebp(file: Buffer): boolean {
  return file.length > 20 && file.toString('latin1', 12, 16) === 'VP8X' && ((file[20] ?? 0) & 0x02) !== 0;
}
