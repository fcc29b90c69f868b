/** Brings a source's metadata into one normal form, whatever its container. Decides nothing about what is kept. */
import { exifFromTiff } from './exif-edit.ts';
import { readGainMap } from './gain-map.ts';
import { toIim } from './iptc.ts';
import { leftBehindByBoxes, leftBehindByChunks, leftBehindByTiff, leftBehindByXmp } from './left-behind.ts';
import { readJpegMetadata } from './read-jpeg.ts';
import { readPngProfiles } from './read-png.ts';
import { openTiff } from './tiff-structure.ts';
import type { HeaderBlocks, SourceMetadata } from './types.ts';

const exifPrefix = Buffer.from('Exif\0\0', 'latin1');

/** `source`: the whole file. `header`: sharp's `metadata()` of it. Never throws on damaged bytes. */
export function readSourceMetadata(source: Buffer, header: HeaderBlocks): SourceMetadata {
  const found = readByContainer(source, header);
  const left = [...(header.leftBehind ?? []), ...leftBehindByXmp(found.xmp)];
  return { ...found, warnings: [...new Set([...found.warnings, ...left])] };
}

function readByContainer(source: Buffer, header: HeaderBlocks): SourceMetadata {
  const icc = header.icc ?? null;
  const jpeg = readJpegMetadata(source);
  if (jpeg !== null) return { ...jpeg, icc, gainMap: jpeg.gainMap ?? decodersGainMap(header) };
  const blocks = {
    xmp: header.xmp ?? null,
    iptc: header.iptc === undefined ? null : toIim(header.iptc),
    icc,
    gainMap: header.gainMap === undefined ? null : ('foreign' as const),
  };
  if (openTiff(source) !== null) {
    const { exif, warnings } = exifFromTiff(source);
    return { ...blocks, exif, warnings: [...warnings, ...leftBehindByTiff(source)] };
  }
  const png = readPngProfiles(source);
  if (png !== null) {
    const exif = bareExif(header.exif ?? png.exif ?? undefined);
    const iptc = blocks.iptc ?? (png.iptc && toIim(png.iptc));
    return { ...blocks, exif, iptc, warnings: leftBehindByChunks(source) };
  }
  const exif = bareExif(header.exif);
  if (source.toString('latin1', 4, 8) !== 'ftyp') {
    return { ...blocks, exif, warnings: leftBehindByChunks(source) };
  }
  const { gainMap, sentences } = leftBehindByBoxes(source);
  return { ...blocks, exif, gainMap: gainMap ? 'foreign' : blocks.gainMap, warnings: sentences };
}

/** A decoder may find a map that neither the index of pictures nor the XMP leads to. */
function decodersGainMap({ gainMap }: HeaderBlocks): SourceMetadata['gainMap'] {
  const image = typeof gainMap === 'object' && gainMap !== null && 'image' in gainMap ? gainMap.image : null;
  return Buffer.isBuffer(image) ? (readGainMap(image) ?? 'damaged') : null;
}

/** Containers differ in whether they put JPEG's prefix before the block. */
function bareExif(block: Buffer | undefined): Buffer | null {
  if (block === undefined) return null;
  return block.subarray(0, exifPrefix.length).equals(exifPrefix) ? block.subarray(exifPrefix.length) : block;
}
