/** Canon CR3: ISO base media boxes with EXIF directories, JPEGs and the sensor's data as tracks. Layout as published by lclevy/canon_cr3. */
import { copyExifTree, type ExifTree, readExifTree, writeExifBlock } from '../../metadata/exif-tree.ts';
import { openTiff } from '../../metadata/tiff-structure.ts';
import type { Size } from '../../pipeline/target-size.ts';
import { type Box, findBoxes, readBoxesWithin } from './boxes.ts';
import { findPreview } from './jpeg-place.ts';
import { byArea, cutShort, type Preview, type RawFile, toSizeFault } from './raw-file.ts';
import { orientationOf } from './read-raf.ts';

const uuid = {
  canon: '85c0b687820f11e08111f4ce462b6a48',
  xmp: 'be7acfcb97a942e89c71999491e3afac',
  preview: 'eaf42b5e1c984b88b9fbb7dc406e4d16',
} as const;

type Track = Size & { start: number; length: number };

export function readCr3(file: Buffer): RawFile {
  const top = readBoxesWithin(file, 0, file.length);
  const moov = top.boxes.find(({ type }) => type === 'moov');
  if (moov === undefined) {
    return { size: null, orientation: 1, previews: [], blocks: {}, fault: 'its directory is missing' };
  }
  const inMoov = readBoxesWithin(file, moov.start, moov.end).boxes;
  const tracks = inMoov.filter(({ type }) => type === 'trak').flatMap((box) => readTrack(file, box) ?? []);
  const isPhoto = (track: Track) => findPreview(file, track.start, track.length);
  const sensor = tracks
    .filter((track) => isPhoto(track) === null)
    .sort((a, b) => b.width * b.height - a.width * a.height)[0];
  const canon = uuidBox(file, inMoov, uuid.canon);
  const exif = canon && readDirectories(file, canon);
  const xmp = uuidBox(file, top.boxes, uuid.xmp);
  const preview = uuidBox(file, top.boxes, uuid.preview);
  return {
    size: sensor === undefined ? null : { width: sensor.width, height: sensor.height },
    orientation: orientationOf(exif ?? null),
    previews: byArea([
      ...tracks.flatMap((track) => isPhoto(track) ?? []),
      ...(preview === null ? [] : previewIn(file, preview)),
    ]),
    blocks: {
      ...(exif ? { exif } : {}),
      ...(xmp === null ? {} : { xmp: file.subarray(xmp.start, xmp.end) }),
    },
    fault: top.isWhole ? faultOf(file, sensor) : cutShort,
  };
}

function faultOf(file: Buffer, sensor: Track | undefined): string | null {
  if (sensor === undefined) return 'it has no picture data';
  return sensor.start + sensor.length > file.length ? cutShort : toSizeFault(sensor.length, sensor);
}

/** Its payload without the identifier. */
function uuidBox(file: Buffer, boxes: readonly Box[], id: string): Box | null {
  const found = boxes.find(
    ({ type, start, end }) =>
      type === 'uuid' && end - start >= 16 && file.toString('hex', start, start + 16) === id,
  );
  return found === undefined ? null : { ...found, start: found.start + 16 };
}

function readTrack(file: Buffer, track: Box): Track | null {
  const [table] = findBoxes(file, track, ['mdia', 'minf', 'stbl']);
  if (table === undefined) return null;
  const boxes = readBoxesWithin(file, table.start, table.end).boxes;
  const of = (type: string) => boxes.find((box) => box.type === type);
  const [entry, sizes] = [of('stsd'), of('stsz')];
  const places = of('co64') ?? of('stco');
  if (entry === undefined || sizes === undefined || places === undefined) return null;
  // stsd: 8 bytes, then the sample entry, whose width stands 32 bytes in. stsz: one size for all, or a list.
  if (entry.end - entry.start < 44 || sizes.end - sizes.start < 12 || places.end - places.start < 12)
    return null;
  const common = file.readUInt32BE(sizes.start + 4);
  const length = common > 0 || sizes.end - sizes.start < 16 ? common : file.readUInt32BE(sizes.start + 12);
  const isWide = places.type === 'co64' && places.end - places.start >= 16;
  const start = isWide ? Number(file.readBigUInt64BE(places.start + 8)) : file.readUInt32BE(places.start + 8);
  const [width, height] = [file.readUInt16BE(entry.start + 40), file.readUInt16BE(entry.start + 42)];
  return { width, height, start, length };
}

/** The JPEG follows a short head of fixed fields. */
function previewIn(file: Buffer, box: Box): Preview[] {
  const start = file
    .subarray(box.start, Math.min(box.end, box.start + 64))
    .indexOf('\xff\xd8\xff', 0, 'latin1');
  const found = start === -1 ? null : findPreview(file, box.start + start, box.end - box.start - start);
  return found === null ? [] : [found];
}

/** The directories are TIFFs of their own; one EXIF block is made of them. Maker notes stay behind. */
function readDirectories(file: Buffer, canon: Box): Buffer | null {
  const boxes = readBoxesWithin(file, canon.start, canon.end).boxes;
  const read = (type: string): ExifTree | null => {
    const box = boxes.find((candidate) => candidate.type === type);
    const tiff = box === undefined ? null : openTiff(file.subarray(box.start, box.end));
    const tree = tiff && readExifTree(tiff)?.tree;
    return tree ? copyExifTree(tree, { order: 'II', makerNote: 'drop' }).tree : null;
  };
  const main = read('CMT1');
  if (main === null) return null;
  const [exif, gps] = [read('CMT2')?.ifd0 ?? null, read('CMT4')?.ifd0 ?? null];
  return writeExifBlock({ order: 'II', ifd0: main.ifd0, exif, gps, interop: null });
}
