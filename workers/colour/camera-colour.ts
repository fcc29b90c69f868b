/** The colour space that a camera names in EXIF instead of embedding a profile. Decides nothing else. */
import { tag } from '../metadata/exif-tags.ts';
import { readExifTree } from '../metadata/exif-tree.ts';
import { findEntry, openTiff } from '../metadata/tiff-structure.ts';

/**
 * True for a "DCF option file": interoperability index R03, which means Adobe RGB (DCF 2.0, JEITA CP-3461B). Many cameras set to
 * Adobe RGB write that and no profile.
 */
export function isAdobeRgbByExif(exif: Buffer | undefined): boolean {
  const isMarked = exif?.toString('latin1', 0, 6) === 'Exif\0\0';
  const tiff = exif === undefined ? null : openTiff(isMarked ? exif.subarray(6) : exif);
  const tree = tiff && readExifTree(tiff)?.tree;
  const index = tree?.interop && findEntry(tree.interop, tag.interopIndex);
  return index?.value.toString('latin1', 0, 3) === 'R03';
}
