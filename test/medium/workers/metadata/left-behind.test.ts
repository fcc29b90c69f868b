/** What a file carries beside its picture and no output can have is named under `keep`, and goes in silence otherwise. */
import { describe, expect, it } from 'vitest';
import type { metadataPolicies } from '../../../../bridge/contract/develop-config.ts';
import { type OutputFormat, outputFormats } from '../../../../bridge/contract/failure.ts';
import { box, u16, u32 } from '../../../../workers/metadata/isobmff.ts';
import { prepareMetadata } from '../../../../workers/metadata/prepare.ts';
import { readSourceMetadata } from '../../../../workers/metadata/read.ts';
import { encode, makeImage, makePixels } from '../../../helpers/images.ts';
import { indexed, makeHdrPhoto, segment, withSegments, xmpSegment } from './hdr-photo.ts';

const options = { width: 8, height: 8, colour: 'srgb' } as const;

function keptFrom(source: Buffer, policy: (typeof metadataPolicies)[number] = 'keep', xmp?: Buffer) {
  return prepareMetadata(readSourceMetadata(source, { xmp }), { ...options, policy });
}

const plain = await makeImage({ width: 16, height: 16 });
const small = await makeImage({ width: 8, height: 8 });
const aux = (type: string) =>
  withSegments(
    small,
    xmpSegment(
      'xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/"',
      `<apdi:AuxiliaryImageType>urn:com:apple:photo:${type}</apdi:AuxiliaryImageType>`,
    ),
  );
const album = (second: Buffer, type = 0) =>
  Buffer.concat([indexed(plain, [], [{ type, bytes: second.length }], 'II'), second]);
const video = Buffer.concat([
  box('ftyp', Buffer.from('mp42\0\0\0\0isommp42', 'latin1')),
  box('mdat', Buffer.alloc(64)),
]);
const camera = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"';
const jumbf = segment(
  0xeb,
  Buffer.concat([Buffer.from('JP\0\x01\0\0\0\x01', 'latin1'), box('jumb', box('jumd', Buffer.from('c2pa')))]),
);

const credentials = 'The content credentials (C2PA) were not kept: they vouch for the file as it was.';
const depth = 'The depth map was not kept.';
const motion = 'The video of the motion photo was not kept.';
const cases: [string, Buffer, string][] = [
  ['a depth map beside it', album(aux('2018:aux:depth')), depth],
  ['a disparity map beside it', album(aux('2018:aux:disparity')), depth],
  ['a disparity picture by its type', album(small, 0x020002), depth],
  [
    'a depth map in its XMP',
    withSegments(
      plain,
      xmpSegment('xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Data="AAAA"'),
    ),
    depth,
  ],
  [
    'a matte beside it',
    album(aux('2018:aux:portraiteffectsmatte')),
    'The masks of parts of the photo (mattes) were not kept.',
  ],
  ['a large preview', album(small, 0x010002), 'The large previews in the file were not kept.'],
  ['another picture', album(small, 0x020003), 'Only the first of several pictures in the file was kept.'],
  ['a video behind it', Buffer.concat([plain, video]), motion],
  [
    'a video behind a block of the maker',
    Buffer.concat([plain, Buffer.from('MotionPhoto_Data'), video]),
    motion,
  ],
  ['XMP that tells of a video', withSegments(plain, xmpSegment(`${camera} GCamera:MotionPhoto="1"`)), motion],
  [
    'the older XMP that tells of a video',
    withSegments(plain, xmpSegment(`${camera} GCamera:MicroVideo="1"`)),
    motion,
  ],
  ['content credentials', withSegments(plain, jumbf), credentials],
];

describe.each(cases)('a JPEG with %s', (_what, source, sentence) => {
  it('is named to have lost it, once, and only under keep', () => {
    expect(keptFrom(source).warnings).toEqual([sentence]);
    for (const policy of ['strip', 'copyright'] as const) {
      expect(keptFrom(source, policy).warnings).toEqual([]);
    }
  });

  it('leaves nothing of it in any output', async () => {
    const blocks = keptFrom(source);
    expect(blocks.gainMap).toBeNull();
    expect(blocks.xmp?.toString() ?? '').not.toMatch(/GDepth:|MotionPhoto|MicroVideo/);
  });
});

describe('a plain JPEG', () => {
  it('has lost nothing', () => {
    expect(keptFrom(plain).warnings).toEqual([]);
    const still = withSegments(plain, xmpSegment(`${camera} GCamera:MotionPhoto="0"`));
    expect(keptFrom(still).warnings).toEqual([]);
  });

  it('with a gain map and a video has lost only the video', async () => {
    const { file, map } = await makeHdrPhoto({ trailer: video });
    const kept = keptFrom(file);
    expect(kept.warnings).toEqual([motion]);
    expect(kept.gainMap?.jpeg.equals(map)).toBe(true);
  });
});

const crc = Buffer.alloc(4);
const uuid = box('uuid', Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex'), Buffer.alloc(8));
/** Puts credentials where each container keeps them. C2PA 2.1, appendix A. */
const signed: Record<OutputFormat, (file: Buffer) => Buffer> = {
  jpeg: (file) => withSegments(file, jumbf),
  png: (file) => {
    const chunk = Buffer.concat([u32(4), Buffer.from('caBXjumb', 'latin1'), crc]);
    return Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]);
  },
  webp: (file) => Buffer.concat([file, Buffer.from('C2PA\x04\0\0\0jumb', 'latin1')]),
  tiff: withTag,
  avif: (file) => Buffer.concat([file, uuid]),
};

/** The directory once more, at the end, with tag 0xCD41. */
function withTag(file: Buffer): Buffer {
  const at = file.readUInt32LE(4);
  const count = file.readUInt16LE(at);
  const entry = Buffer.from('41cd07000400000001020304', 'hex');
  const table = Buffer.concat([u16(count + 1).reverse(), file.subarray(at + 2, at + 2 + 12 * count), entry]);
  const moved = Buffer.concat([file, table, Buffer.alloc(4)]);
  moved.writeUInt32LE(file.length, 4);
  return moved;
}

describe.each(outputFormats)('content credentials of a %s', (format) => {
  it('are named as lost', async () => {
    const file = await encode(makePixels({ width: 16, height: 16 }), { format });
    expect(keptFrom(file).warnings).not.toContain(credentials);
    expect(keptFrom(signed[format](file)).warnings).toContain(credentials);
  });
});

describe('an AVIF with a gain map (a `tmap` item)', () => {
  it('is told that the map goes only from JPEG to JPEG', async () => {
    const file = await encode(makePixels({ width: 16, height: 16 }), { format: 'avif' });
    expect(keptFrom(file).warnings).toEqual([]);
    const entry = (type: string) =>
      box('infe', Buffer.from([2, 0, 0, 0]), u16(3), u16(0), Buffer.from(`${type}\0`, 'latin1'));
    const withItem = (type: string) =>
      Buffer.concat([
        box('ftyp', Buffer.from('avif\0\0\0\0', 'latin1')),
        box('meta', u32(0), box('iinf', u32(0), u16(1), entry(type))),
      ]);
    expect(keptFrom(withItem('av01')).warnings).toEqual([]);
    expect(keptFrom(withItem('tmap')).warnings).toEqual([
      'The HDR gain map was not kept: it is carried over only from JPEG to JPEG.',
    ]);
  });
});

describe('XMP that waits to be applied by Camera Raw', () => {
  it('is marked as applied: the next program leaves the developed photo alone', () => {
    const crs = 'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"';
    const source = withSegments(
      plain,
      xmpSegment(`${crs} crs:Exposure2012="+1.00" crs:AlreadyApplied="False"`),
    );
    const text = keptFrom(source).xmp?.toString() ?? '';
    expect(text).toContain('crs:AlreadyApplied="True"');
    expect(text).toContain('crs:Exposure2012="+1.00"');
  });
});

describe('a pointer to credentials inside of the file', () => {
  it('goes with them; one to the network stays', () => {
    const terms = (value: string) =>
      withSegments(
        plain,
        xmpSegment(`xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="${value}"`),
      );
    expect(keptFrom(terms('self#jumbf=/c2pa/x')).xmp?.toString()).not.toContain('self#');
    expect(keptFrom(terms('https://example.org/a')).xmp?.toString()).toContain('example.org');
  });
});
