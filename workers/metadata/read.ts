/** Brings a source's metadata into one normal form, whatever its container. Decides nothing about what is kept. */
import { exifFromTiff } from './exif-edit.ts';
import { toIim } from './iptc.ts';
import { readJpegMetadata } from './read-jpeg.ts';
import { openTiff } from './tiff-structure.ts';
import type { HeaderBlocks, SourceMetadata } from './types.ts';

const exifPrefix = Buffer.from('Exif\0\0', 'latin1');

/** `source`: the whole file. `header`: sharp's `metadata()` of it. Never throws on damaged bytes. */
export function readSourceMetadata(source: Buffer, header: HeaderBlocks): SourceMetadata {
  const icc = header.icc ?? null;
  const jpeg = readJpegMetadata(source);
  if (jpeg !== null) {
    return { ...jpeg, icc, gainMap: jpeg.gainMap || header.gainMap !== undefined };
  }
  const blocks = {
    xmp: header.xmp ?? null,
    iptc: header.iptc === undefined ? null : toIim(header.iptc),
    icc,
    gainMap: header.gainMap !== undefined,
  };
  if (openTiff(source) === null) return { ...blocks, exif: bareExif(header.exif), warnings: [] };
  return { ...blocks, ...exifFromTiff(source) };
}

/** Containers differ in whether they put JPEG's prefix before the block. */
function bareExif(block: Buffer | undefined): Buffer | null {
  if (block === undefined) return null;
  return block.subarray(0, exifPrefix.length).equals(exifPrefix) ? block.subarray(exifPrefix.length) : block;
}
