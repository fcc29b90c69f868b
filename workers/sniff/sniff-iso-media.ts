/** Tells the ISO base media kinds (AVIF, HEIC, CR3, video) apart by the brands of their `ftyp` box. */
import { heif, image, raw, type Sniffed, unsupported } from './sniffed.ts';

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
  if (major === 'crx ') return raw('cr3', '.cr3', 'a Canon CR3 raw photo');
  if (heicBrands.has(major)) return heif;
  if (sequenceBrands.has(major)) return unsupported('a HEIC image sequence');
  if (major === 'jxl ') return unsupported('a JPEG XL photo');
  if (genericBrands.has(major)) {
    return compatible.has('avif') ? image('avif') : heif;
  }
  return unsupported('a video');
}

/** H.273 transfer characteristics of HDR pictures. */
const hdrTransfers: Readonly<Record<number, string>> = { 16: 'PQ', 18: 'HLG' };
const BT709 = 1;
const UNSPECIFIED = 2;

/**
 * What an AVIF's `colr` box says its pixels are in, when that is not plain sRGB and no ICC profile says it better: a
 * short name. Null when it is sRGB or says nothing.
 */
export function foreignAvifColour(file: Buffer): string | null {
  const at = file.subarray(0, 65_536).indexOf('colrnclx', 0, 'latin1');
  if (at === -1 || at + 12 > file.length) return null;
  const transfer = hdrTransfers[file.readUInt16BE(at + 10)];
  if (transfer !== undefined) return `HDR (${transfer})`;
  const primaries = file.readUInt16BE(at + 8);
  return primaries === BT709 || primaries === UNSPECIFIED ? null : 'a wide gamut';
}
