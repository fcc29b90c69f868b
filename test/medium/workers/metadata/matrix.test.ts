/** Every source format into every output format under every policy, through the whole pipeline, tag by tag by ExifTool. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataPolicies } from '../../../../bridge/contract/develop-config.ts';
import { type OutputFormat, outputFormats } from '../../../../bridge/contract/failure.ts';
import { develop } from '../../../../workers/pipeline/develop.ts';
import { developTask } from '../../../helpers/tasks.ts';
import { readTags, type Tags, validate } from './exiftool.ts';
import { lostTags } from './lost-tags.ts';
import { HEIGHT, makeTaggedSources, WIDTH } from './tagged-sources.ts';

/** The EXIF orientation of these counts; AVIF and HEIC say it in a box of their own. */
const sideways = new Set(['jpeg', 'tiff', 'png', 'webp', 'dng']);

type Policy = (typeof metadataPolicies)[number];
type Made = {
  from: string;
  source: string;
  path: string;
  format: OutputFormat;
  policy: Policy;
  warnings: string[];
};

const root = mkdtempSync(join(tmpdir(), 'pb-metadata-matrix-'));
const out = join(root, 'out');
const made: Made[] = [];
let before: Map<string, Tags>;
let after: Map<string, Tags>;

beforeAll(async () => {
  mkdirSync(out);
  const sources = await makeTaggedSources(root);
  for (const source of sources) {
    for (const format of outputFormats) {
      for (const policy of metadataPolicies) {
        const from = extname(source).slice(1);
        const name = `${from}-${policy}.${format}`;
        const output = { format, metadata: policy, long_edge: 48 };
        const task = developTask({ path: source, folder: out, item: made.length, name, output });
        const run = { look: null, onSize: () => undefined, mayWrite: () => true };
        const outcome = await develop({ ...task, raw_engine: 'libraw' }, run);
        if (!outcome.ok) throw new Error(`${name}: ${outcome.failure.message}`);
        const { warnings } = outcome;
        made.push({ from, source, path: join(out, name), format, policy, warnings });
      }
    }
  }
  [before, after] = await Promise.all([readTags(...sources), readTags(out)]);
}, 120_000);

afterAll(() => rm(root, { recursive: true, force: true }));

const under = (policy: Policy) => made.filter((file) => file.policy === policy);
const was = (file: Made): Tags => before.get(file.source) ?? {};
const is = (file: Made): Tags => after.get(file.path) ?? {};
/** What a policy is about: groups of tags that are the photo's, not the file's. */
const photoGroups = /^(IFD0|IFD1|ExifIFD|GPS|InteropIFD|IPTC|Photoshop|XMP-.*|MakerNotes|Acme|PNG):/;
const structural =
  /:(Image(Width|Height|Length)|BitsPerSample|Compression|Photometric\w*|Strip\w+|RowsPerStrip|SamplesPerPixel|PlanarConfiguration|Predictor|SubfileType|[XY]Resolution|ResolutionUnit|SampleFormat|ExtraSamples|PageNumber|ColorType|Filter|Interlace|BitDepth|SRGBRendering|PixelsPerUnit[XY]|PixelUnits|ProfileName|XMPToolkit|WhitePoint\w*|Red[XY]|Green[XY]|Blue[XY]|Gamma|YCbCrPositioning|YCbCr\w+|Orientation|ProfileCMMType)$/;
const photoTags = (file: Made) =>
  Object.keys(is(file)).filter((key) => photoGroups.test(key) && !structural.test(key));

/** ExifTool wants Photoshop's LONG; XMP specification part 3, 1.1.2 and libtiff have UNDEFINED, which no byte order swaps. */
const opinion = 'Non-standard format (undef) for IFD0 0x83bb IPTC-NAA';

describe('the matrix of sources, formats and policies', () => {
  it('is whole, and the sources have what it is about', () => {
    expect(made.length % (outputFormats.length * metadataPolicies.length)).toBe(0);
    for (const [path, tags] of before) {
      expect([
        basename(path),
        tags['GPS:GPSLatitude'],
        tags['XMP-xmp:Rating'],
        tags['ExifIFD:UserComment'],
      ]).toEqual([basename(path), expect.closeTo(52.516312345, 8), 4, 'Größe 写真']);
    }
    const withIptc = [...before.values()].filter((tags) => tags['IPTC:City'] === 'Zürich');
    expect(withIptc).toHaveLength(4);
    expect([...before.values()].some((tags) => tags['IFD1:ThumbnailImage'] !== undefined)).toBe(true);
  });

  it('keeps every tag under keep', () => {
    const lost = under('keep').flatMap((file) =>
      lostTags(was(file), is(file), file.format).map(
        (key) => `${basename(file.path)} ${key}: ${was(file)[key]} -> ${is(file)[key]}`,
      ),
    );
    expect(lost).toEqual([]);
  });

  it('says under keep what is true of the new file', () => {
    for (const file of under('keep')) {
      const turned = sideways.has(file.from);
      const size = turned ? [Math.round((48 * HEIGHT) / WIDTH), 48] : [48, Math.round((48 * HEIGHT) / WIDTH)];
      const tags = is(file);
      expect([
        basename(file.path),
        tags[file.format === 'tiff' ? 'IFD0:ImageWidth' : 'ExifIFD:ExifImageWidth'],
        tags[file.format === 'tiff' ? 'IFD0:ImageHeight' : 'ExifIFD:ExifImageHeight'],
        tags['IFD0:Orientation'],
        tags['IFD0:Software'],
        tags['ExifIFD:ColorSpace'],
        tags['ICC_Profile:ProfileDescription'],
        tags['IFD1:ThumbnailImage'],
      ]).toEqual([basename(file.path), ...size, 1, 'Photo Bridge', 1, 'sRGB', undefined]);
    }
  });

  it('turns under keep the regions of faces with the photo', () => {
    for (const file of under('keep')) {
      const [w, h] = sideways.has(file.from) ? [32, 48] : [48, 32];
      const area = sideways.has(file.from)
        ? { X: 0.75, Y: 0.25, W: 0.2, H: 0.1, Unit: 'normalized' }
        : { X: 0.25, Y: 0.25, W: 0.1, H: 0.2, Unit: 'normalized' };
      expect([basename(file.path), is(file)['XMP-mwg-rs:RegionInfo']]).toEqual([
        basename(file.path),
        {
          AppliedToDimensions: { W: w, H: h, Unit: 'pixel' },
          RegionList: [{ Area: area, Name: 'Bob', Type: 'Face' }],
        },
      ]);
    }
  });

  it('leaves under strip nothing but the colour profile, and says nothing', () => {
    for (const file of under('strip')) {
      expect([basename(file.path), photoTags(file), file.warnings]).toEqual([basename(file.path), [], []]);
      expect(is(file)['ICC_Profile:ProfileDescription']).toBe('sRGB');
    }
  });

  it('leaves under copyright whose the photo is, and nothing else', () => {
    const xmp = [
      'XMP-dc:Creator',
      'XMP-dc:Rights',
      'XMP-xmpRights:Marked',
      'XMP-xmpRights:UsageTerms',
      'XMP-xmpRights:WebStatement',
    ];
    const exif = ['IFD0:Artist', 'IFD0:Copyright'];
    const iptc = [
      'IPTC:ApplicationRecordVersion',
      'IPTC:By-line',
      'IPTC:CodedCharacterSet',
      'IPTC:CopyrightNotice',
    ];
    for (const file of under('copyright')) {
      const holdsIptc = was(file)['IPTC:By-line'] !== undefined && !/webp|avif/.test(file.format);
      expect([basename(file.path), photoTags(file).sort()]).toEqual([
        basename(file.path),
        [...exif, ...(holdsIptc ? iptc : []), ...xmp].sort(),
      ]);
      for (const key of [...exif, ...xmp]) expect(is(file)[key]).toEqual(was(file)[key]);
    }
  });

  it('warns under keep of IPTC where the format has no place for it, and of nothing else', () => {
    for (const file of under('keep')) {
      const hasIptc = was(file)['IPTC:By-line'] !== undefined;
      const lost = hasIptc && /webp|avif/.test(file.format);
      expect([basename(file.path), file.warnings]).toEqual([
        basename(file.path),
        lost ? ['The IPTC data was not kept: this output format has no place for it.'] : [],
      ]);
    }
  });

  it('gives the validator nothing to complain of that the source did not', async () => {
    const paths = [...before.keys()];
    const outputs = made.filter(({ policy }) => policy !== 'strip');
    const complaints = await validate(...paths, ...outputs.map(({ path }) => path));
    const fresh = outputs.flatMap(({ path, source }) => {
      const known = new Set(complaints.get(source));
      const found = complaints.get(path) ?? ['not read at all'];
      return found
        .filter((text) => !known.has(text) && text !== opinion)
        .map((text) => `${basename(path)}: ${text}`);
    });
    expect(fresh).toEqual([]);
  });
});
