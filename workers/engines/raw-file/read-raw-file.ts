/** Reads the structure of a raw file by its family. Never decodes the sensor's data, never throws on damage. */
import { exifFromTiff } from '../../metadata/exif-edit.ts';
import type { RawFamily } from '../../sniff/sniffed.ts';
import { cutShort, type RawFile } from './raw-file.ts';
import { readCr3 } from './read-cr3.ts';
import { readCrw } from './read-crw.ts';
import { orientationOf, readRaf } from './read-raf.ts';
import { readTiffRaw } from './read-tiff-raw.ts';

const readers: Readonly<Record<RawFamily, (file: Buffer) => RawFile>> = {
  tiff: readTiffRaw,
  orf: readTiffRaw,
  rw2: readTiffRaw,
  raf: readRaf,
  crw: readCrw,
  cr3: readCr3,
  mrw: readMrw,
  x3f: readX3f,
};

export function readRawFile(file: Buffer, family: RawFamily): RawFile {
  try {
    return readers[family](file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A place that a header names lies outside of the file.
    return { size: null, orientation: 1, previews: [], blocks: {}, fault: cutShort };
  }
}

/** Minolta: blocks up to the data, one of facts (`PRD`) and one TIFF (`TTW`). Layout as ExifTool lists it. */
function readMrw(file: Buffer): RawFile {
  const dataAt = 8 + file.readUInt32BE(4);
  let size: RawFile['size'] = null;
  let bits = 16;
  let exif: Buffer | null = null;
  for (let at = 8; at + 8 <= dataAt; at += 8 + file.readUInt32BE(at + 4)) {
    const name = file.toString('latin1', at + 1, at + 4);
    if (name === 'PRD') {
      size = { width: file.readUInt16BE(at + 18), height: file.readUInt16BE(at + 16) };
      bits = file[at + 24] ?? 16;
    }
    if (name === 'TTW') exif = exifFromTiff(file.subarray(at + 8, at + 8 + file.readUInt32BE(at + 4))).exif;
  }
  const wanted = size === null ? 0 : (size.width * size.height * bits) / 8;
  const fault = dataAt + wanted > file.length ? cutShort : null;
  return { size, orientation: orientationOf(exif), previews: [], blocks: exif ? { exif } : {}, fault };
}

/** Sigma: only that the directory its last four bytes point to is there. */
function readX3f(file: Buffer): RawFile {
  const at = file.readUInt32LE(file.length - 4);
  const isThere = at + 4 <= file.length && file.toString('latin1', at, at + 4) === 'SECd';
  const fault = isThere ? null : 'the directory at its end is missing';
  return { size: null, orientation: 1, previews: [], blocks: {}, fault };
}
