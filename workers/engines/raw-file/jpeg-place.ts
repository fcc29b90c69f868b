/** Recognises a JPEG photo at a place inside another file by its own frame header. Decodes nothing. */
import type { Preview } from './raw-file.ts';

const SOI = 0xffd8;
/** Baseline, extended, progressive; the lossless frames of raw data are none of them. ITU-T T.81, table B.1. */
const photoFrames = new Set([0xc0, 0xc1, 0xc2]);
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

export type JpegFrame = { width: number; height: number; components: number; isPhoto: boolean };

/** The frame header of the JPEG that begins at `start`; null when there is none before `end`. */
export function readFrame(file: Buffer, start: number, end: number): JpegFrame | null {
  const limit = Math.min(end, file.length);
  if (start < 0 || start + 4 > limit || file.readUInt16BE(start) !== SOI) return null;
  for (let at = start + 2; at + 10 <= limit; ) {
    if (file[at] !== 0xff) return null;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (isFrame(marker)) {
      const [height, width] = [file.readUInt16BE(at + 5), file.readUInt16BE(at + 7)];
      const isPhoto = photoFrames.has(marker) && file[at + 4] === 8;
      return { width, height, components: file[at + 9] ?? 1, isPhoto };
    } else at += 2 + file.readUInt16BE(at + 2);
  }
  return null;
}

/** The JPEG photo that fills `start`..`start + length`, if one lies there whole. */
export function findPreview(file: Buffer, start: number, length: number): Preview | null {
  const end = start + length;
  if (!Number.isSafeInteger(end) || length <= 0 || end > file.length) return null;
  const frame = readFrame(file, start, end);
  if (frame === null || !frame.isPhoto || frame.width === 0 || frame.height === 0) return null;
  return { start, end, width: frame.width, height: frame.height };
}
