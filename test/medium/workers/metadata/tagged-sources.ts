/** Small photos of every source format, with rich metadata that ExifTool wrote: none of it comes from the product. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../../../workers/engines/programs/find-program.ts';
import { encode, makePixels } from '../../../helpers/images.ts';
import { writeTags } from './exiftool.ts';

export const WIDTH = 96;
export const HEIGHT = 64;

const exif = [
  '-EXIF:Make=Acme',
  '-EXIF:Model=Acme One',
  '-EXIF:Software=Firmware 2.1',
  '-EXIF:Artist=Ann Author',
  '-EXIF:Copyright=2024 Ann Author',
  '-EXIF:ImageDescription=A field',
  '-EXIF:DateTimeOriginal=2024:05:06 07:08:09',
  '-EXIF:CreateDate=2024:05:06 07:08:09',
  '-EXIF:ModifyDate=2024:05:06 08:00:00',
  '-EXIF:OffsetTimeOriginal=+02:00',
  '-EXIF:SubSecTimeOriginal=123',
  '-EXIF:ExposureTime=1/250',
  '-EXIF:FNumber=2.8',
  '-EXIF:ISO=200',
  '-EXIF:FocalLength=35.5',
  '-EXIF:LensModel=Acme 35mm f/2',
  '-EXIF:LensInfo=35 35 2 2',
  '-EXIF:UserComment=Größe 写真',
  '-EXIF:ExifImageWidth=4000',
  '-EXIF:ExifImageHeight=3000',
  '-GPSLatitude=52.516312345',
  '-GPSLatitudeRef=N',
  '-GPSLongitude=13.377704321',
  '-GPSLongitudeRef=W',
  '-GPSAltitude=34.567',
  '-GPSAltitudeRef=1',
  '-GPSTimeStamp=05:08:09.25',
  '-GPSDateStamp=2024:05:06',
  '-GPSImgDirection=123.45',
  '-GPSImgDirectionRef=T',
  '-GPSProcessingMethod=GPS',
];
const xmp = [
  '-XMP-dc:Title=A field at noon',
  '-XMP-dc:Title-de=Ein Feld & <Mehr>',
  '-XMP-dc:Subject=field',
  '-XMP-dc:Subject=größe',
  '-XMP-dc:Creator=Ann Author',
  '-XMP-dc:Rights=© 2024 Ann',
  '-XMP-xmpRights:Marked=True',
  '-XMP-xmpRights:WebStatement=https://example.org/licence',
  '-XMP-xmpRights:UsageTerms=Ask first',
  '-XMP-xmp:Rating=4',
  '-XMP-xmp:Label=Green',
  '-XMP-photoshop:City=Zürich',
  '-XMP-lr:HierarchicalSubject=places|field',
  '-XMP-iptcExt:PersonInImage=Bob',
  '-XMP-mwg-rs:RegionInfo={AppliedToDimensions={W=96,H=64,Unit=pixel},RegionList=[{Area={X=0.25,Y=0.25,W=0.1,H=0.2,Unit=normalized},Name=Bob,Type=Face}]}',
];
const iptc = [
  '-IPTC:CodedCharacterSet=UTF8',
  '-IPTC:By-line=Ann Author',
  '-IPTC:CopyrightNotice=© 2024 Ann',
  '-IPTC:Keywords=field',
  '-IPTC:Keywords=größe 写真',
  '-IPTC:Caption-Abstract=A field',
  '-IPTC:City=Zürich',
];
const orientation = '-EXIF:Orientation#=6';
/** Containers in which ExifTool can write IPTC. */
const withIptc = /\.(jpeg|tiff|png|dng)$/;

/** Writes one file a format and answers their paths. Without heif-enc there is no HEIC, which is said (in CI: an error). */
export async function makeTaggedSources(folder: string): Promise<string[]> {
  const pixels = makePixels({ width: WIDTH, height: HEIGHT });
  const paths: string[] = [];
  const put = (name: string, bytes: Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    paths.push(path);
  };
  for (const format of ['jpeg', 'tiff', 'png', 'webp', 'avif'] as const) {
    put(`source.${format}`, await encode(pixels, { format }));
  }
  put('source.dng', makeDng());
  const encoder = findProgram('heif-enc');
  if (encoder === null && process.env.CI) throw new Error('heif-enc is missing');
  if (encoder === null) console.log('skipped: heif-enc is not installed');
  else {
    const heic = join(folder, 'source.heic');
    await promisify(execFile)(encoder, ['-q', '90', join(folder, 'source.png'), '-o', heic]);
    paths.push(heic);
  }
  const thumbnail = join(folder, 'thumbnail.bin');
  writeFileSync(thumbnail, await encode(makePixels({ width: 24, height: 16, seed: 3 })));
  await writeTags([...exif, ...xmp, orientation], ...paths);
  await writeTags(iptc, ...paths.filter((path) => withIptc.test(path)));
  await writeTags([`-ThumbnailImage<=${thumbnail}`], ...paths.filter((path) => path.endsWith('.jpeg')));
  return paths;
}

/** A flat raw photo with the least tags a DNG needs. DNG specification 1.4. */
function makeDng(): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 2);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    pixels.writeUInt16LE(512 + ((i * 37) % 4000) + 40 * (i % WIDTH), i * 2);
  }
  const values: [tag: number, type: 1 | 2 | 3 | 4 | 5 | 10, value: readonly number[]][] = [
    [254, 4, [0]],
    [256, 4, [WIDTH]],
    [257, 4, [HEIGHT]],
    [258, 3, [16]],
    [259, 3, [1]],
    [262, 3, [32803]],
    [271, 2, [...Buffer.from('Acme\0')]],
    [272, 2, [...Buffer.from('Acme One\0')]],
    [273, 4, [0]],
    [277, 3, [1]],
    [278, 4, [HEIGHT]],
    [279, 4, [pixels.length]],
    [284, 3, [1]],
    [33421, 3, [2, 2]],
    [33422, 1, [0, 1, 1, 2]],
    [50706, 1, [1, 4, 0, 0]],
    [50707, 1, [1, 1, 0, 0]],
    [50708, 2, [...Buffer.from('Acme One\0')]],
    [50714, 4, [512]],
    [50717, 4, [16383]],
    [50721, 10, [3, 1, -1, 1, 0, 1, -1, 1, 2, 1, 0, 1, 0, 1, 0, 1, 1, 1]],
    [50728, 5, [1, 2, 1, 1, 2, 3]],
    [50778, 3, [21]],
  ];
  const sizes = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 10: 4 } as const;
  const table = Buffer.alloc(2 + 12 * values.length + 4);
  table.writeUInt16LE(values.length, 0);
  let end = 8 + table.length;
  const extra: Buffer[] = [];
  values.forEach(([tag, type, list], i) => {
    const bytes = Buffer.alloc(list.length * sizes[type]);
    list.forEach((value, k) => {
      if (type === 10) bytes.writeInt32LE(value, 4 * k);
      else bytes.writeUIntLE(value, k * sizes[type], sizes[type]);
    });
    const at = 2 + 12 * i;
    table.writeUInt16LE(tag, at);
    table.writeUInt16LE(type, at + 2);
    table.writeUInt32LE(type === 5 || type === 10 ? list.length / 2 : list.length, at + 4);
    if (bytes.length <= 4) bytes.copy(table, at + 8);
    else {
      const even = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
      table.writeUInt32LE(end, at + 8);
      extra.push(even);
      end += even.length;
    }
  });
  const strip = values.findIndex(([tag]) => tag === 273);
  table.writeUInt32LE(end, 2 + 12 * strip + 8);
  return Buffer.concat([Buffer.from('49492a0008000000', 'hex'), table, ...extra, pixels]);
}
