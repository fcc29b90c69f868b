import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutputFormat, outputFormats } from '../../../../bridge/contract/failure.ts';
import { filesBelow, sharedFolder } from '../../../helpers/shared-files.ts';
import { readTags, type Tags, validate } from './exiftool.ts';
import { graft, pixelsOf, shrink } from './graft.ts';
import { lostTags } from './lost-tags.ts';

const folder = sharedFolder('photos');
/** With XMP, IPTC, ratings, positions, TIFF and PNG and WebP and AVIF and HEIC containers, damage, gain maps. */
const odd = [
  'odd/depth/adobergb_16bit.tiff',
  'odd/depth/graya16.png',
  'odd/icc/adobergb_canon7d.jpg',
  'odd/modern/denali.webp',
  'odd/modern/ultrahdr2.jpg',
  'odd/orient/avif_orient6.avif',
  'odd/orient/landscape_6.jpg',
  'odd/orient/landscape_9_invalid.jpg',
  'odd/real/gps.jpg',
  'odd/real/picasa_tags.jpg',
  'odd/real/tanners_ridge.jpg',
  'odd/real/xmp_rating.jpg',
];
/** One of each maker's ways to write maker notes, and the known difficult ones; the other cameras are more of the same. */
const cameras =
  /apple-iphone-6|5d|lightroom|a85|finepix|htc|sp360|leica|minolta|nikon|oppo|lz2|s7-edge|sigma|ericsson/;
const plain = folder === null ? [] : filesBelow(join(folder, 'plain')).filter((name) => cameras.test(name));
const sources = [...plain.map((name) => `plain/${name}`), ...odd];
/** All formats for some cameras; for the others the two in which offsets are handled differently. */
const formatsOf = (index: number): readonly OutputFormat[] =>
  index % 4 === 0 || index >= sources.length - odd.length ? outputFormats : ['jpeg', 'tiff'];

type Made = { source: string; path: string; format: OutputFormat; samePixels: boolean; warnings: string[] };

const isGainMap = (warning: string) =>
  warning === 'The HDR gain map was not kept: this output format has no place for it.';

describe.skipIf(folder === null)('metadata of real photos', () => {
  const made: Made[] = [];
  let out: string;
  let before: Map<string, Tags>;
  let after: Map<string, Tags>;

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'photo-bridge-metadata-'));
    for (const [index, name] of sources.entries()) {
      const source = join(folder ?? '', name);
      const small = await shrink(await readFile(source));
      for (const format of formatsOf(index)) {
        const { file, encoded, warnings } = await graft(small, format);
        const path = join(out, `${index}-${basename(name)}.${format}`);
        await writeFile(path, file);
        const samePixels = (await pixelsOf(file)).equals(await pixelsOf(encoded));
        made.push({ source, path, format, samePixels, warnings });
      }
    }
    [before, after] = await Promise.all([
      readTags(...sources.map((name) => join(folder ?? '', name))),
      readTags(out),
    ]);
  }, 240_000);

  afterAll(() => rm(out, { recursive: true, force: true }));

  const tagsOf = (file: Made) => ({ was: before.get(file.source) ?? {}, is: after.get(file.path) ?? {} });

  it('are all in the output: EXIF, maker notes, position, XMP, IPTC', () => {
    const lost = made.flatMap((file) => {
      const { was, is } = tagsOf(file);
      return lostTags(was, is, file.format).map(
        (key) => `${basename(file.path)} ${key}: ${was[key]} -> ${is[key]}`,
      );
    });
    expect(lost).toEqual([]);
  });

  it('are really looked at: cameras, dates, maker notes, positions, ratings, keywords and profiles are among them', () => {
    const seen = new Set(made.flatMap((file) => Object.keys(tagsOf(file).is)));
    const expected = [
      'IFD0:Make',
      'IFD0:Model',
      'ExifIFD:DateTimeOriginal',
      'GPS:GPSLatitude',
      'Canon:LensType',
    ];
    expected.push(
      'Nikon:ShutterCount',
      'Apple:RunTimeValue',
      'XMP-xmp:Rating',
      'IPTC:Keywords',
      'InteropIFD:InteropIndex',
    );
    expect(expected.filter((key) => !seen.has(key))).toEqual([]);
  });

  it('say orientation 1, our software, and name the new profile', () => {
    for (const file of made) {
      const { is } = tagsOf(file);
      const found = [is['IFD0:Orientation'] ?? 1, is['XMP-tiff:Orientation'] ?? 1, is['IFD0:Software']];
      expect([basename(file.path), ...found, is['ICC_Profile:ProfileDescription']]).toEqual([
        basename(file.path),
        1,
        1,
        'Photo Bridge',
        'sRGB',
      ]);
    }
  });

  it('hold no thumbnail of the photo as it was', () => {
    const stale = made.filter((file) => tagsOf(file).is['IFD1:ThumbnailImage'] !== undefined);
    expect(stale).toEqual([]);
  });

  it('leave the pixels as the encoder wrote them', () => {
    expect(made.filter((file) => !file.samePixels).map((file) => basename(file.path))).toEqual([]);
  });

  it('warn only of what the container cannot hold', () => {
    const unexpected = made.flatMap(({ source, format, warnings }) =>
      warnings.filter(
        (warning) =>
          !(warning.startsWith('The IPTC data was not kept') && (format === 'webp' || format === 'avif')) &&
          !(isGainMap(warning) && source.includes('ultrahdr') && format !== 'jpeg'),
      ),
    );
    expect(unexpected).toEqual([]);
    expect(made.some(({ warnings }) => warnings.some(isGainMap))).toBe(true);
  });

  it('give the validator nothing to complain of that the source did not', async () => {
    const jpegs = made
      .filter(({ format, source }) => format === 'jpeg' && source.endsWith('.jpg'))
      .filter((_file, index) => index % 3 === 0);
    // Sources first: ExifTool names an unknown XMP property once a run.
    const complaints = await validate(...jpegs.map(({ source }) => source), ...jpegs.map(({ path }) => path));
    const fresh = jpegs.flatMap(({ path, source }) => {
      const known = new Set(complaints.get(source));
      return (complaints.get(path) ?? [])
        .filter((text) => !known.has(text))
        .map((text) => `${path}: ${text}`);
    });
    expect(fresh).toEqual([]);
  });
});
