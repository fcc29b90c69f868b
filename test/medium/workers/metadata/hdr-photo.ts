/** Builds JPEGs of several pictures by hand: with HDR gain maps of each kind, depth maps, previews, videos, credentials. */
import { encode, makePixels, type RawPicture } from '../../../helpers/images.ts';

export type Told = 'xmp' | 'iso' | 'both' | 'apple' | 'directory-only';
export type HdrOptions = {
  told?: Told;
  width?: number;
  height?: number;
  orientation?: number;
  /** The map has this many of the picture's pixels an edge. */
  shrink?: number;
  mapChannels?: 1 | 3;
  byteOrder?: 'II' | 'MM';
  /** Further pictures after the map, by MPF type. */
  further?: readonly { type: number; jpeg: Buffer }[];
  /** Attributes and elements for the first picture's XMP. */
  xmp?: { attributes: string; elements: string };
  /** Segments of the first picture. */
  segments?: readonly Buffer[];
  /** Put behind everything. */
  trailer?: Buffer;
};

const namespace = {
  hdrgm: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  container: 'http://ns.google.com/photos/1.0/container/',
  item: 'http://ns.google.com/photos/1.0/container/item/',
} as const;

export function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

export const withSegments = (jpeg: Buffer, ...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

export function xmpSegment(attributes: string, elements = ''): Buffer {
  const text =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description rdf:about="" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta>`;
  return segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${text}`, 'latin1'));
}

export function orientationSegment(orientation: number): Buffer {
  const tiff = Buffer.from('49492a0008000000010012010300010000000000000000000000', 'hex');
  tiff.writeUInt16LE(orientation, 18);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

/** ISO 21496-1, annex C: versions, flags, headrooms, then for each channel min, max, gamma and the two offsets. */
function isoParameters(channels: 1 | 3): Buffer {
  const fraction = (numerator: number, denominator: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(numerator, 0);
    bytes.writeUInt32BE(denominator, 4);
    return bytes;
  };
  const each = [fraction(0, 1), fraction(2, 1), fraction(1, 1), fraction(1, 64), fraction(1, 64)];
  return Buffer.concat([
    Buffer.from([0, 0, 0, 0, channels === 3 ? 0xc0 : 0x40]),
    fraction(0, 1),
    fraction(2, 1),
    ...Array.from({ length: channels }, () => each).flat(),
  ]);
}

const isoSegment = (body: Buffer) =>
  segment(0xe2, Buffer.concat([Buffer.from('urn:iso:std:iso:ts:21496:-1\0', 'latin1'), body]));

function mapSegments(told: Told, channels: 1 | 3): Buffer[] {
  if (told === 'apple') {
    const aux =
      'xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/" xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"';
    return [
      xmpSegment(
        `${aux} HDRGainMap:HDRGainMapVersion="65536"`,
        '<apdi:AuxiliaryImageType>urn:com:apple:photo:2020:aux:hdrgainmap</apdi:AuxiliaryImageType>',
      ),
    ];
  }
  const xmp = xmpSegment(
    `xmlns:hdrgm="${namespace.hdrgm}" hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:Gamma="1" ` +
      'hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.015625" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2" ' +
      'hdrgm:BaseRenditionIsHDR="False"',
  );
  return [
    ...(told === 'iso' ? [] : [xmp]),
    ...(told === 'iso' || told === 'both' ? [isoSegment(isoParameters(channels))] : []),
  ];
}

/** Bright where the picture is: what it shows can be compared with the picture. */
function brightness(
  { data, width, height, channels }: RawPicture,
  shrink: number,
  mapChannels: 1 | 3,
): RawPicture {
  const size = { width: Math.round(width / shrink), height: Math.round(height / shrink) };
  const map = new Uint8Array(size.width * size.height * mapChannels);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const from = (Math.floor(y * shrink) * width + Math.floor(x * shrink)) * channels;
      const grey = 0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]!;
      map.fill(Math.round(grey), (y * size.width + x) * mapChannels, (y * size.width + x + 1) * mapChannels);
    }
  }
  return { data: map, ...size, channels: mapChannels };
}

export type HdrPhoto = { file: Buffer; primary: Buffer; map: Buffer };

export async function makeHdrPhoto(options: HdrOptions = {}): Promise<HdrPhoto> {
  const { told = 'both', width = 160, height = 120, shrink = 2, mapChannels = 1, further = [] } = options;
  const picture = makePixels({ width, height });
  const plainMap = await encode(brightness(picture, shrink, mapChannels));
  const map = withSegments(plainMap, ...mapSegments(told, mapChannels));
  const hasXmp = told !== 'iso' && told !== 'apple';
  const others = [{ type: 0, jpeg: map }, ...further];
  const own = options.xmp ?? { attributes: '', elements: '' };
  const xmp = hasXmp
    ? xmpSegment(
        `xmlns:hdrgm="${namespace.hdrgm}" xmlns:Container="${namespace.container}" xmlns:Item="${namespace.item}" ` +
          `hdrgm:Version="1.0" ${own.attributes}`,
        `${own.elements}${directory(map.length, further)}`,
      )
    : xmpSegment(own.attributes, own.elements);
  const front = [
    ...(options.orientation === undefined ? [] : [orientationSegment(options.orientation)]),
    ...(hasXmp || options.xmp !== undefined ? [xmp] : []),
    ...(told === 'iso' || told === 'both' ? [isoSegment(Buffer.alloc(4))] : []),
    ...(options.segments ?? []),
  ];
  const bare = withSegments(await encode(picture), ...front);
  const primary =
    told === 'directory-only'
      ? bare
      : indexed(
          bare,
          front,
          others.map((it) => ({ type: it.type, bytes: it.jpeg.length })),
          options.byteOrder ?? 'MM',
        );
  const file = Buffer.concat([
    primary,
    ...others.map(({ jpeg }) => jpeg),
    options.trailer ?? Buffer.alloc(0),
  ]);
  return { file, primary, map };
}

function directory(mapBytes: number, further: readonly { jpeg: Buffer }[]): string {
  const item = (attributes: string) =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" ${attributes}/></rdf:li>`;
  return (
    `<Container:Directory><rdf:Seq>${item('Item:Semantic="Primary"')}` +
    item(`Item:Semantic="GainMap" Item:Length="${mapBytes}"`) +
    further.map(({ jpeg }) => item(`Item:Semantic="Other" Item:Length="${jpeg.length}"`)).join('') +
    '</rdf:Seq></Container:Directory>'
  );
}

export type IndexRow = { type: number; bytes: number; offset?: number };

/** An MPF segment (CIPA DC-007, 5.2) behind the segments given. Rows without an offset lie behind one another. */
export function indexed(
  bare: Buffer,
  front: readonly Buffer[],
  rows: readonly IndexRow[],
  order: 'II' | 'MM',
): Buffer {
  const at = 2 + front.reduce((sum, part) => sum + part.length, 0);
  const number = (bytes: Buffer) => (order === 'II' ? bytes.reverse() : bytes);
  const u16 = (value: number) => number(Buffer.from([value >> 8, value & 255]));
  const u32 = (value: number) =>
    number(Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]));
  const tableBytes = 16 * (rows.length + 1);
  const length = 4 + 4 + 50 + tableBytes;
  const primaryBytes = bare.length + length;
  const base = at + 8;
  let next = primaryBytes;
  const entries = rows.map(({ type, bytes, offset }) => {
    const start = offset ?? next - base;
    next += bytes;
    return Buffer.concat([u32(type), u32(bytes), u32(start), u32(0)]);
  });
  const field = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([u16(tag), u16(type), u32(count), value]);
  const payload = Buffer.concat([
    Buffer.from(`MPF\0${order}`, 'latin1'),
    u16(42),
    u32(8),
    u16(3),
    field(0xb000, 7, 4, Buffer.from('0100', 'latin1')),
    field(0xb001, 4, 1, u32(rows.length + 1)),
    field(0xb002, 7, tableBytes, u32(50)),
    u32(0),
    Buffer.concat([u32(0x030000), u32(primaryBytes), u32(0), u32(0)]),
    ...entries,
  ]);
  return Buffer.concat([bare.subarray(0, at), segment(0xe2, payload), bare.subarray(at)]);
}
