/**
 * Tells a TIFF photo from the raw formats that dress as TIFF (DNG, NEF, CR2, ARW, KDC, PEF, SRW, 3FR, …), whose first
 * page is only a small preview. Reads directories only; loops and wild offsets end the walk.
 */
import { image, raw, type Sniffed } from './sniffed.ts';
import { createTiffReader, type TiffDirectory, type TiffReader } from './tiff-reader.ts';

const tag = {
  newSubfileType: 254,
  compression: 259,
  photometric: 262,
  make: 271,
  subIfds: 330,
  cfaPattern: 33422,
  dngVersion: 50706,
} as const;
const PHOTOMETRIC_CFA = 32803;
const PHOTOMETRIC_LINEAR_RAW = 34892;
/** Sony ARW, Nikon NEF, Kodak KDC and DCR, Pentax PEF, Samsung SRW (libtiff's and exiftool's lists of compressions). */
const rawCompressions = new Set([32767, 32769, 32770, 32772, 34713, 65000, 65535, 262]);

export function sniffTiff(file: Buffer): Sniffed {
  if (file.toString('latin1', 8, 10) === 'CR') return raw('tiff', '.cr2', 'a Canon CR2 raw photo');
  const reader = createTiffReader(file);
  const directories = reader.directories(tag.subIfds);
  const first = directories[0];
  if (first?.has(tag.dngVersion)) return raw('tiff', '.dng', 'a DNG raw photo');
  const isRaw =
    directories.some((directory) => isSensorData(reader, directory)) ||
    (first !== undefined && isPreview(reader, first));
  if (!isRaw) return image('tiff');
  const make = first === undefined ? '' : reader.text(first.get(tag.make));
  return raw('tiff', extensionOf(make), make ? `a raw photo (${make})` : 'a raw photo');
}

const extensions: readonly [RegExp, string][] = [
  [/nikon/i, '.nef'],
  [/sony/i, '.arw'],
  [/pentax|ricoh/i, '.pef'],
  [/samsung/i, '.srw'],
  [/kodak/i, '.kdc'],
  [/hasselblad/i, '.3fr'],
  [/mamiya/i, '.mef'],
  [/leaf/i, '.mos'],
  [/phase one/i, '.iiq'],
  [/epson/i, '.erf'],
  [/canon/i, '.cr2'],
];

function extensionOf(make: string): string {
  return extensions.find(([maker]) => maker.test(make))?.[1] ?? '.dng';
}

function isSensorData(reader: TiffReader, directory: TiffDirectory): boolean {
  const photometric = reader.number(directory.get(tag.photometric));
  const compression = reader.number(directory.get(tag.compression));
  return (
    photometric === PHOTOMETRIC_CFA ||
    photometric === PHOTOMETRIC_LINEAR_RAW ||
    directory.has(tag.cfaPattern) ||
    (compression !== undefined && rawCompressions.has(compression) && directory.has(tag.make))
  );
}

/** A camera's first page that says of itself it is the small version of one in a sub-directory. */
function isPreview(reader: TiffReader, first: TiffDirectory): boolean {
  const subfile = reader.number(first.get(tag.newSubfileType)) ?? 0;
  return (subfile & 1) === 1 && first.has(tag.make) && first.has(tag.subIfds);
}
