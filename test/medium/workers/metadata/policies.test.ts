import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataPolicies } from '../../../../bridge/contract/develop-config.ts';
import { outputFormats } from '../../../../bridge/contract/failure.ts';
import { attachMetadata } from '../../../../workers/metadata/attach.ts';
import { makeImage } from '../../../helpers/images.ts';
import { cameraExif, iimDataset, xmpPacket } from '../../../unit/workers/metadata/blocks.ts';
import { readTags, type Tags } from './exiftool.ts';
import { graft, shrink } from './graft.ts';

const blocks = {
  exif: cameraExif('MM'),
  xmp: Buffer.from(
    xmpPacket(
      'xmp:Rating="4" tiff:Orientation="6"',
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ann</rdf:li></rdf:Alt></dc:rights>' +
        '<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>',
    ),
  ),
  iptc: Buffer.concat([
    iimDataset(2, 25, 'keyword'),
    iimDataset(2, 80, 'Ann'),
    iimDataset(2, 116, '(c) Ann'),
  ]),
};

describe.each(outputFormats)('metadata policies into %s', (format) => {
  let folder: string;
  const tags = new Map<string, Tags>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'photo-bridge-policies-'));
    const picture = await makeImage({ width: 64, height: 48 });
    const source = Buffer.concat(
      attachMetadata({ encoded: picture, format: 'jpeg', blocks, icc: null }).pieces,
    );
    const small = await shrink(source);
    for (const policy of metadataPolicies) {
      await writeFile(join(folder, `${policy}.${format}`), (await graft(small, format, policy)).file);
    }
    for (const [path, row] of await readTags(folder)) tags.set(basename(path, `.${format}`), row);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('keep carries camera, date, position, rating and maker notes', () => {
    const row = tags.get('keep') ?? {};
    expect(row).toMatchObject({
      'IFD0:Model': 'Canon EOS 5D',
      'IFD0:Orientation': 1,
      'IFD0:Software': 'Photo Bridge',
      'ExifIFD:DateTimeOriginal': '2024:05:06 07:08:09',
      'GPS:GPSLatitudeRef': 'N',
      'XMP-xmp:Rating': 4,
      'XMP-tiff:Orientation': 1,
      'XMP-dc:Creator': ['Ann', 'Bob'],
      'ICC_Profile:ProfileDescription': 'sRGB',
    });
    expect(row['ExifIFD:ExifImageWidth']).toBe(format === 'tiff' ? undefined : 32);
    const hasPlaceForIptc = format !== 'webp' && format !== 'avif';
    expect(row['IPTC:Keywords']).toBe(hasPlaceForIptc ? 'keyword' : undefined);
  });

  it('copyright carries only who made it and whose it is', () => {
    const row = tags.get('copyright') ?? {};
    expect(row).toMatchObject({
      'IFD0:Artist': 'Ann Author',
      'IFD0:Copyright': '2024 Ann Author',
      'XMP-dc:Creator': ['Ann', 'Bob'],
      'ICC_Profile:ProfileDescription': 'sRGB',
    });
    const groups = Object.keys(row).filter((key) =>
      /^(ExifIFD|GPS|InteropIFD|IFD1|Canon|XMP-xmp|XMP-tiff):/.test(key),
    );
    expect(groups).toEqual([]);
    expect([row['IFD0:Model'], row['IPTC:Keywords']]).toEqual([undefined, undefined]);
  });

  it('strip leaves the colour profile and nothing else', () => {
    const row = tags.get('strip') ?? {};
    expect(row['ICC_Profile:ProfileDescription']).toBe('sRGB');
    expect(Object.keys(row).filter((key) => /^(ExifIFD|GPS|XMP.*|IPTC|Photoshop|IFD1):/.test(key))).toEqual(
      [],
    );
    expect([row['IFD0:Model'], row['IFD0:Artist'], row['IFD0:Software']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
