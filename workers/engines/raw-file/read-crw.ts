/** Canon CRW: a heap of records with their directory at its end. CIFF specification 1.0. */
import { writeExifBlock } from '../../metadata/exif-tree.ts';
import { asciiEntry } from '../../metadata/tiff-writer.ts';
import { findPreview } from './jpeg-place.ts';
import { type Preview, type RawFile, toSizeFault } from './raw-file.ts';

type Entry = { type: number; start: number; size: number };

const record = { sensor: 0x2005, jpeg: 0x2007, camera: 0x080a, image: 0x1810, time: 0x180e } as const;
const exifTag = { make: 0x010f, model: 0x0110, dateTime: 0x0132, dateTimeOriginal: 0x9003 } as const;
const MAX_ENTRIES = 1000;
const MAX_DEPTH = 6;

export function readCrw(file: Buffer): RawFile {
  const entries = file.length < 26 ? null : readHeap(file, { start: file.readUInt32LE(2), end: file.length });
  const sensor = entries?.find(({ type }) => type === record.sensor);
  if (entries === null || sensor === undefined) {
    const fault = 'the directory at its end is missing';
    return { size: null, orientation: 1, previews: [], blocks: {}, fault };
  }
  const image = entries.find(({ type, size }) => type === record.image && size >= 16)?.start;
  const size =
    image === undefined ? null : { width: file.readUInt32LE(image), height: file.readUInt32LE(image + 4) };
  return {
    size,
    orientation: image === undefined ? 1 : toOrientation(file.readInt32LE(image + 12)),
    previews: entries.flatMap((entry): Preview[] =>
      entry.type === record.jpeg ? [findPreview(file, entry.start, entry.size)].filter(isFound) : [],
    ),
    blocks: { exif: toExif(file, entries) },
    fault: size === null ? null : toSizeFault(sensor.size, size),
  };
}

const isFound = (preview: Preview | null): preview is Preview => preview !== null;

/** Null when a record would lie outside of its heap. */
function readHeap(file: Buffer, heap: { start: number; end: number }, depth = 0): Entry[] | null {
  const { start, end } = heap;
  if (end - start < 6 || depth > MAX_DEPTH) return null;
  const at = start + file.readUInt32LE(end - 4);
  if (at < start || at + 2 > end - 4) return null;
  const count = file.readUInt16LE(at);
  if (count > MAX_ENTRIES || at + 2 + 10 * count > end) return null;
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    const row = at + 2 + 10 * index;
    const type = file.readUInt16LE(row);
    // Two bits say where the value lies: in the row itself or in the heap.
    const isInRow = (type & 0x4000) !== 0;
    const size = isInRow ? 8 : file.readUInt32LE(row + 2);
    const from = isInRow ? row + 2 : start + file.readUInt32LE(row + 6);
    if (from + size > end) return null;
    const isHeap = !isInRow && [0x2800, 0x3000].includes(type & 0x3800);
    const inner = isHeap ? (readHeap(file, { start: from, end: from + size }, depth + 1) ?? []) : [];
    entries.push({ type: type & 0x3fff, start: from, size }, ...inner);
  }
  return entries;
}

function toOrientation(degrees: number): number {
  return { 90: 6, 180: 3, 270: 8, [-90]: 8 }[degrees] ?? 1;
}

/** What CIFF says and EXIF has a tag for: the camera and the time. */
function toExif(file: Buffer, entries: readonly Entry[]): Buffer {
  const camera = entries.find(({ type }) => type === record.camera);
  const time = entries.find(({ type, size }) => type === record.time && size >= 4);
  const names = camera === undefined ? '' : file.toString('latin1', camera.start, camera.start + camera.size);
  const [make = '', model = ''] = names.split('\0').map(toPlain);
  const taken = time === undefined ? '' : toExifTime(file.readUInt32LE(time.start));
  const texts = (pairs: [number, string][]) =>
    pairs.filter(([, text]) => text !== '').map(([tag, text]) => asciiEntry(tag, text));
  return writeExifBlock({
    order: 'II',
    ifd0: texts([
      [exifTag.make, make],
      [exifTag.model, model],
      [exifTag.dateTime, taken],
    ]),
    exif: texts([[exifTag.dateTimeOriginal, taken]]),
    gps: null,
    interop: null,
  });
}

const toPlain = (text: string) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 64);

/** The camera's clock, which knows no time zone: seconds since 1970 as if they were UTC. */
function toExifTime(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', ':')} ${iso.slice(11, 19)}`;
}
