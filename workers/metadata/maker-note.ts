/** Tells which maker notes survive being moved. Reads the first bytes only. */

/**
 * Signatures of maker notes whose inner offsets count from the note itself (or that have none). All others count from
 * the start of the EXIF block and break when moved. Source: ExifTool, `Image::ExifTool::MakerNotes`, fields Start/Base.
 */
const selfContained = [
  'Nikon\0\x02',
  'OLYMPUS\0',
  'OM SYSTEM\0',
  'FUJIFILM',
  'Apple iOS\0',
  'PENTAX \0',
  'HDRP\x02',
  'HDRP\x03',
] as const;

export function isMovableMakerNote(note: Buffer): boolean {
  const head = note.toString('latin1', 0, 16);
  return selfContained.some((signature) => head.startsWith(signature));
}
