/** HDR gain maps from JPEG to JPEG: read back by ExifTool (the index of pictures) and by libultrahdr (inside sharp). */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { OutputFormat } from '../../../../bridge/contract/failure.ts';
import type { Look } from '../../../../bridge/presets/look.ts';
import { develop } from '../../../../workers/pipeline/develop.ts';
import { sharedFolder } from '../../../helpers/shared-files.ts';
import { developTask, type TaskOptions } from '../../../helpers/tasks.ts';
import { extract, readTags, validate } from './exiftool.ts';
import { type HdrOptions, makeHdrPhoto, type Told } from './hdr-photo.ts';

const folder = mkdtempSync(join(tmpdir(), 'pb-gain-map-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let item = 0;

function put(file: Buffer): string {
  const path = join(folder, `source-${++item}.jpg`);
  writeFileSync(path, file);
  return path;
}

async function run(path: string, output: TaskOptions['output'] = {}, look: Look | null = null) {
  const task = developTask({ path, folder, item: ++item, output });
  const outcome = await develop(task, { look, onSize: () => undefined, mayWrite: () => true });
  if (!outcome.ok) throw new Error(outcome.failure.message);
  const made = outcome.output!.path;
  return { path: made, file: readFileSync(made), warnings: outcome.warnings };
}

/** The second picture of the index, as ExifTool finds it. */
const secondOf = (path: string) => extract(path, 'MPImage2');
/** What libultrahdr takes for the map. The product has that loader shut. */
async function seenByUltraHdr(file: Buffer): Promise<Buffer | undefined> {
  const operation = ['VipsForeignLoadUhdrBuffer'];
  sharp.unblock({ operation });
  try {
    return (await sharp(file).metadata()).gainMap?.image;
  } finally {
    sharp.block({ operation });
  }
}

async function greyOf(file: Buffer, width: number, height: number): Promise<Buffer> {
  return sharp(file, { ignoreIcc: true })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** Mean distance of brightness, 0 to 255, between a picture and its map. */
async function distance(picture: Buffer, map: Buffer): Promise<number> {
  const { width, height } = await sharp(map).metadata();
  const [a, b] = await Promise.all([greyOf(picture, width, height), greyOf(map, width, height)]);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

const grey = (value: number) => [value, value, value];
const corners = (node: (r: number, g: number, b: number) => number[]): Look => ({
  hash: 'test',
  curves: null,
  size: 2,
  lut: new Float32Array(Array.from({ length: 8 }, (_, i) => node(i & 1, (i >> 1) & 1, (i >> 2) & 1)).flat()),
});
const brighter = corners((r, g, b) => [r, g, b].map((value) => 0.1 + 0.9 * value));
const monochrome = corners((r, g, b) => grey(0.3 * r + 0.6 * g + 0.1 * b));

describe.each<Told>(['xmp', 'iso', 'both', 'apple', 'directory-only'])('a gain map told by %s', (told) => {
  it('is in the output byte for byte, whatever the look', async () => {
    const { file, map } = await makeHdrPhoto({ told });
    const source = put(file);
    const made = await run(source, {}, brighter);
    expect(made.warnings).toEqual([]);
    expect((await secondOf(made.path)).equals(map)).toBe(true);
    const tags = (await readTags(made.path)).get(made.path)!;
    expect(tags['MPF0:NumberOfImages']).toBe(2);
    expect(tags['MPImage2:MPImageLength']).toBe(map.length);
    expect(tags['MPImage1:MPImageLength']).toBe(made.file.length - map.length);
    const directory = tags['XMP-GContainer:ContainerDirectory'] as unknown[] | undefined;
    const isTold = told !== 'iso' && told !== 'apple';
    expect(directory?.at(-1)).toEqual(
      isTold ? { Item: { Length: map.length, Mime: 'image/jpeg', Semantic: 'GainMap' } } : undefined,
    );
    if (told !== 'apple') expect((await seenByUltraHdr(made.file))?.equals(map)).toBe(true);
    const complaints = await validate(source, made.path);
    expect(complaints.get(made.path)).toEqual(complaints.get(source));
  });
});

describe('a gain map', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is turned as the picture was: orientation %i', async (orientation) => {
    const { file, map } = await makeHdrPhoto({ orientation, told: 'both' });
    const made = await run(put(file));
    const kept = (await seenByUltraHdr(made.file)) ?? Buffer.alloc(0);
    expect(made.warnings).toEqual([]);
    const { width, height, channels } = await sharp(kept).metadata();
    const isOnSide = orientation >= 5;
    expect([width, height, channels]).toEqual(isOnSide ? [60, 80, 1] : [80, 60, 1]);
    const [off, before] = [await distance(made.file, kept), await distance(file, map)];
    expect(off).toBeLessThan(before + 2);
    expect(kept.includes('hdrgm:GainMapMax="2"')).toBe(true);
    expect(kept.includes('urn:iso:std:iso:ts:21496:-1')).toBe(true);
    expect((await sharp(made.file).metadata()).orientation).toBe(1);
  });

  it('stays at its size when the picture is made smaller but not below it, else follows', async () => {
    const { file, map } = await makeHdrPhoto({ width: 320, height: 240, shrink: 4 });
    const path = put(file);
    expect((await secondOf((await run(path, { long_edge: 100 })).path)).equals(map)).toBe(true);
    const small = await run(path, { long_edge: 40 });
    const kept = (await seenByUltraHdr(small.file)) ?? Buffer.alloc(0);
    const { width, height } = await sharp(kept).metadata();
    expect([width, height]).toEqual([40, 30]);
    expect(await distance(small.file, kept)).toBeLessThan(8);
  });

  it('of three channels keeps them when turned', async () => {
    const { file } = await makeHdrPhoto({ mapChannels: 3, orientation: 6 });
    const { channels } = await sharp(await secondOf((await run(put(file))).path)).metadata();
    expect(channels).toBe(3);
  });

  it('of three channels goes with a warning where the look takes the colours out; one of one channel stays', async () => {
    const coloured = put((await makeHdrPhoto({ mapChannels: 3 })).file);
    const made = await run(coloured, {}, monochrome);
    expect(made.warnings).toEqual([
      'The HDR gain map was not kept: it holds colours, and the photo has none any more.',
    ]);
    expect(await secondOf(made.path)).toHaveLength(0);
    expect((await run(coloured, {}, brighter)).warnings).toEqual([]);
    expect((await run(put((await makeHdrPhoto()).file), {}, monochrome)).warnings).toEqual([]);
  });

  it('stands beside an XMP packet too large for one segment', async () => {
    const long = `<dc:description xmlns:dc="http://purl.org/dc/elements/1.1/">${'words '.repeat(10_700)}</dc:description>`;
    const { file, map } = await makeHdrPhoto({
      told: 'xmp',
      xmp: { attributes: 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"', elements: long },
    });
    const made = await run(put(file));
    expect(made.warnings).toEqual([]);
    expect((await seenByUltraHdr(made.file))?.equals(map)).toBe(true);
    const tags = (await readTags(made.path)).get(made.path)!;
    expect(tags['XMP-xmp:Rating']).toBe(4);
    expect(String(tags['XMP-dc:Description'])).toMatch(/^words words/);
  });

  it.each<OutputFormat>(['png', 'webp', 'tiff', 'avif'])('is named as lost in a %s', async (format) => {
    const made = await run(put((await makeHdrPhoto()).file), { format });
    expect(made.warnings).toEqual(['The HDR gain map was not kept: this output format has no place for it.']);
    expect(made.file.includes('hdr-gain-map/1.0/" hdrgm:')).toBe(false);
  });

  it.each(['strip', 'copyright'] as const)(
    'is gone under the policy %s, without a word',
    async (metadata) => {
      const made = await run(put((await makeHdrPhoto({ xmp: rights })).file), { metadata });
      expect(made.warnings).toEqual([]);
      expect(await seenByUltraHdr(made.file)).toBeUndefined();
      const tags = (await readTags(made.path)).get(made.path)!;
      const groups = Object.keys(tags).filter((key) => /^(MPF|MPImage|XMP-(hdrgm|GContainer))/.test(key));
      expect(groups).toEqual([]);
      expect(tags['XMP-dc:Rights']).toBe(metadata === 'strip' ? undefined : '© Ann');
    },
  );
});

const rights: NonNullable<HdrOptions['xmp']> = {
  attributes: 'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  elements: '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">&#169; Ann</rdf:li></rdf:Alt></dc:rights>',
};

const photos = sharedFolder('photos');
describe.skipIf(photos === null)('a real Ultra HDR photo', () => {
  it('is one still after a resize: libultrahdr finds the very same map', async () => {
    const path = join(photos ?? '', 'odd/modern/ultrahdr2.jpg');
    const before = await seenByUltraHdr(readFileSync(path));
    const made = await run(path, { long_edge: 1600 }, brighter);
    expect(made.warnings).toEqual([]);
    expect(before?.equals((await seenByUltraHdr(made.file))!)).toBe(true);
    expect(await secondOf(made.path)).toEqual(before);
  });
});
