import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutputFormat, outputFormats } from '../../../../bridge/contract/failure.ts';
import { attachMetadata } from '../../../../workers/metadata/attach.ts';
import { displayP3Profile, srgbProfile } from '../../../../workers/metadata/profiles.ts';
import { readSourceMetadata } from '../../../../workers/metadata/read.ts';
import type { MetadataBlocks } from '../../../../workers/metadata/types.ts';
import { encode, makePixels, type PictureOptions } from '../../../helpers/images.ts';
import { cameraExif, iimDataset, makerNote, xmpPacket } from '../../../unit/workers/metadata/blocks.ts';
import { readTags } from './exiftool.ts';
import { pixelsOf } from './graft.ts';

const kinds: readonly PictureOptions[] = [
  { channels: 1 },
  { channels: 3 },
  { channels: 4 },
  { channels: 1, depth: 16 },
  { channels: 3, depth: 16 },
  { channels: 4, depth: 16 },
];
const cases = outputFormats.flatMap((format) =>
  (['II', 'MM'] as const).flatMap((order) => kinds.map((kind) => ({ format, order, ...kind }))),
);
const full = (order: 'II' | 'MM'): MetadataBlocks => ({
  exif: cameraExif(order),
  xmp: Buffer.from(xmpPacket('xmp:Rating="4"')),
  iptc: iimDataset(2, 25, 'odd'),
});

function graftOnto(encoded: Buffer, format: OutputFormat, blocks: MetadataBlocks, icc: Buffer | null = null) {
  const { pieces, warnings } = attachMetadata({ encoded, format, blocks, icc });
  return { file: Buffer.concat(pieces), warnings };
}

describe.each(cases)(
  '$format, $channels channels, $depth bits, EXIF $order',
  ({ format, order, ...kind }) => {
    it('decodes to the same pixels, with metadata and profile in it', async () => {
      const encoded = await encode(makePixels({ width: 61, height: 47, ...kind }), { format });
      const { file } = graftOnto(encoded, format, full(order), srgbProfile());
      expect((await pixelsOf(file)).equals(await pixelsOf(encoded))).toBe(true);
      const before = await sharp(encoded).metadata();
      const after = await sharp(file).metadata();
      expect([after.channels, after.depth, after.space]).toEqual([
        before.channels,
        before.depth,
        before.space,
      ]);
      expect(after.icc?.toString('latin1', 16, 20)).toBe((before.channels ?? 3) <= 2 ? 'GRAY' : 'RGB ');
      const again = readSourceMetadata(file, after);
      expect(again.xmp?.includes('xmp:Rating="4"')).toBe(true);
      expect(again.exif?.includes('Canon EOS 5D')).toBe(true);
      if (format === 'tiff') expect(again.warnings).toEqual(['The maker notes could not be kept.']);
      if (format === 'tiff') expect(file.indexOf(makerNote)).toBe(cameraExif(order).indexOf(makerNote));
    });
  },
);

describe.each(outputFormats)('a %s that has metadata already', (format) => {
  it('gets the new in their place', async () => {
    const encoded = await encode(makePixels({ width: 61, height: 47 }), { format });
    const first = graftOnto(encoded, format, { ...full('II'), iptc: null }, srgbProfile()).file;
    const blocks = { exif: cameraExif('II', { software: false }), xmp: null, iptc: null };
    const second = graftOnto(first, format, blocks, displayP3Profile()).file;
    expect((await pixelsOf(second)).equals(await pixelsOf(encoded))).toBe(true);
    expect((await sharp(second).metadata()).icc).toEqual(displayP3Profile());
  });
});

describe('an AVIF with transparency and metadata', () => {
  it('keeps the link between picture and transparency', async () => {
    const encoded = await encode(makePixels({ width: 61, height: 47, channels: 4 }), { format: 'avif' });
    const { file } = graftOnto(encoded, 'avif', full('II'), displayP3Profile());
    const metadata = await sharp(file).metadata();
    expect([metadata.hasAlpha, metadata.icc?.equals(displayP3Profile())]).toEqual([true, true]);
  });
});

describe('blocks too large for one JPEG segment', () => {
  const rating = xmpPacket('xmp:Rating="4"', `<dc:title>${'long title '.repeat(9000)}</dc:title>`);
  const note = Buffer.alloc(70_000, 'note');
  let picture: Buffer;
  let folder: string;
  beforeAll(async () => {
    picture = await encode(makePixels({ width: 61, height: 47 }));
    folder = await mkdtemp(join(tmpdir(), 'photo-bridge-containers-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('put XMP into an extension that ExifTool and we read back', async () => {
    const { file, warnings } = graftOnto(picture, 'jpeg', {
      exif: null,
      xmp: Buffer.from(rating),
      iptc: null,
    });
    await writeFile(join(folder, 'xmp.jpg'), file);
    const row = (await readTags(join(folder, 'xmp.jpg'))).values().next().value;
    expect([warnings, row?.['XMP-xmp:Rating']]).toEqual([[], 4]);
    const again = readSourceMetadata(file, {});
    expect([again.warnings, again.xmp?.includes('xmp:Rating="4"')]).toEqual([[], true]);
  });

  it('drop the maker notes of EXIF with a warning, and keep the rest', async () => {
    const blocks = { exif: cameraExif('II', { note }), xmp: null, iptc: null };
    const { file, warnings } = graftOnto(picture, 'jpeg', blocks);
    expect(warnings).toEqual(['The EXIF data is too large for a JPEG: its maker notes were not kept.']);
    await writeFile(join(folder, 'exif.jpg'), file);
    const row = (await readTags(join(folder, 'exif.jpg'))).values().next().value;
    expect(row).toMatchObject({ 'IFD0:Model': 'Canon EOS 5D', 'GPS:GPSLatitudeRef': 'N' });
  });

  it('drop IPTC with a warning', () => {
    const iptc = Buffer.concat(Array.from({ length: 80 }, () => iimDataset(2, 120, 'x'.repeat(1000))));
    expect(graftOnto(picture, 'jpeg', { exif: null, xmp: null, iptc }).warnings).toHaveLength(1);
  });

  it('split a large profile', async () => {
    const large = Buffer.concat([srgbProfile(), Buffer.alloc(150_000)]);
    large.writeUInt32BE(large.length, 0);
    const { file } = graftOnto(picture, 'jpeg', { exif: null, xmp: null, iptc: null }, large);
    expect((await sharp(file).metadata()).icc).toEqual(large);
  });
});

describe('our profiles', () => {
  it('convert to sRGB as the built-in profile of the same name does', async () => {
    const { data, width, height } = makePixels({ width: 40, height: 30 });
    const inP3 = await sharp(data, { raw: { width, height, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const blocks = { exif: null, xmp: null, iptc: null };
    const retagged = graftOnto(inP3, 'png', blocks, displayP3Profile()).file;
    const back = await sharp(retagged).toColourspace('srgb').raw().toBuffer();
    const worst = Array.from(data).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (back[i] ?? 0))),
      0,
    );
    expect(worst).toBeLessThanOrEqual(2);
    const stored = await sharp(inP3, { ignoreIcc: true }).raw().toBuffer();
    expect(stored.equals(Buffer.from(data.buffer))).toBe(false);
  });
});
