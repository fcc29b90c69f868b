/** Tells the ISO base media kinds (AVIF, HEIC, CR3, video) apart by the brands of their `ftyp` box. */
import { image, raw, type Sniffed, unsupported } from './sniffed.ts';

const heicBrands = new Set(['heic', 'heix', 'heim', 'heis']);
const sequenceBrands = new Set(['hevc', 'hevx', 'hevm', 'hevs', 'msf1']);
const genericBrands = new Set(['mif1', 'mif2', 'miaf']);

export function sniffIsoMedia(file: Buffer): Sniffed {
  const size = Math.min(file.readUInt32BE(0), file.length, 1024);
  const major = file.toString('latin1', 8, 12);
  const compatible = new Set<string>();
  for (let at = 16; at + 4 <= size; at += 4) compatible.add(file.toString('latin1', at, at + 4));
  if (major === 'avif') return image('avif');
  if (major === 'avis') return unsupported('an animated AVIF');
  if (major === 'crx ') return raw('a Canon CR3 raw photo');
  if (heicBrands.has(major)) return unsupported('a HEIC photo');
  if (sequenceBrands.has(major)) return unsupported('a HEIC image sequence');
  if (major === 'jxl ') return unsupported('a JPEG XL photo');
  if (genericBrands.has(major)) {
    return compatible.has('avif') ? image('avif') : unsupported('a HEIC photo');
  }
  return unsupported('a video');
}
