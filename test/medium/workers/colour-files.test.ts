/** Colours of the files that are not plain RGB: palettes, transparency, one bit, CMYK JPEGs, damaged profiles; and the profile in what is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { proof } from '../../../workers/pipeline/proof.ts';
import { fromBlocks, type JpegKind, readInks, toCmykJpeg } from '../../helpers/colour/blocks.ts';
import { type Chart, toPalettePng, toPng, toTiff } from '../../helpers/colour/chart-files.ts';
import { ChartRuns, type Developed, distance, seen } from '../../helpers/colour/chart-runs.ts';
import { cmykPatches, greyPatches, rgbPatches } from '../../helpers/colour/charts.ts';
import { debianProfiles, hasLittleCms, toLab, transicc } from '../../helpers/colour/little-cms.ts';
import { proofTask } from '../../helpers/tasks.ts';
import { readTags } from './metadata/exiftool.ts';

const canRun = hasLittleCms();
const runs = new ChartRuns();
afterAll(() => runs.close());

const targets = ['srgb', 'display-p3', 'adobe-rgb'] as const;
const jpegKinds: readonly JpegKind[] = ['ycck', 'adobe', 'plain'];
type Colours = readonly (readonly number[])[];
type Conversion = { from: string; intent?: 0 | 1; blackPoint?: boolean };

/** LittleCMS goes from the source's profile to the one in the output. Worst dE2000. */
function worst(colours: Colours, conversion: Conversion, developed: Developed): number {
  const wanted = transicc(colours, { ...conversion, to: developed.profile });
  return distance(toLab(wanted, developed.profile), seen(developed, colours.length)).worst;
}

const adobeRgb = { from: debianProfiles['adobe-rgb'] } as const;
const iccOf = ({ from }: { from: string }) => readFileSync(from);

describe.skipIf(!canRun).each(targets)('in %s', (colour) => {
  it.each([4, 8] as const)('a palette of %i bits has the colours of its profile', async (bits) => {
    const palette = rgbPatches(8).slice(0, 2 ** bits);
    const indexes = palette.map((_, index) => index);
    const file = toPalettePng({ width: 2 ** (bits / 2), bits, indexes, palette, icc: iccOf(adobeRgb) });
    expect(worst(palette, adobeRgb, await runs.run(file, { format: 'png', colour }))).toBeLessThan(2);
  });

  it('one bit is black and white', async () => {
    const indexes = Array.from({ length: 64 }, (_, index) => ((index * 7) % 3) & 1);
    const file = toPalettePng({ width: 8, bits: 1, indexes, palette: null, icc: null });
    const { patches } = await runs.run(file, { format: 'png', colour });
    expect(patches).toEqual(indexes.map((index) => [255 * index, 255 * index, 255 * index]));
  });

  it.each([8, 16] as const)(
    'transparency of %i bits stays as it is, and the colours under it too',
    async (depth) => {
      const top = depth === 8 ? 255 : 65535;
      const opaque = rgbPatches(depth);
      const alpha = opaque.map((_, index) => Math.round(((index % 32) / 31) * top));
      const patches = opaque.map((patch, index) => [...patch, alpha[index]!]);
      const prophoto = { from: debianProfiles.prophoto };
      const chart: Chart = { model: 'rgba', depth, width: 32, patches, icc: iccOf(prophoto) };
      for (const [file, format] of [
        [toPng(chart), 'tiff'],
        [toTiff(chart), 'png'],
      ] as const) {
        const developed = await runs.run(file, { format, colour });
        expect(developed.depth).toBe(depth);
        expect(developed.alpha!.slice(0, alpha.length)).toEqual(
          alpha.map((value) => value / (depth === 8 ? 1 : 257)),
        );
        const colours = opaque.map((patch) => patch.map((value) => (value / top) * 255));
        expect(worst(colours, prophoto, developed)).toBeLessThan(2);
      }
    },
  );

  it.each([8, 16] as const)('grey of %i bits without a profile is sRGB grey, and neutral', async (depth) => {
    const greys = greyPatches(depth);
    const file = toPng({ model: 'grey', depth, width: 32, patches: greys, icc: null });
    const developed = await runs.run(file, { format: 'png', colour });
    const colours = greys.map(([value]) => [0, 1, 2].map(() => value! / (depth === 8 ? 1 : 257)));
    expect(worst(colours, { from: '*sRGB' }, developed)).toBeLessThan(1.1);
    const tinge = developed.patches.map((patch) => Math.max(...patch) - Math.min(...patch));
    expect(Math.max(...tinge)).toBeLessThan(depth === 8 ? 0.5 : 2 / 257);
  });

  it.each(jpegKinds)('a CMYK JPEG has its colours, as %s', async (kind) => {
    const patches = cmykPatches(8).filter((_, index) => index % 3 === 0);
    const cmyk = { from: debianProfiles.cmyk, intent: 0, blackPoint: true } as const;
    const file = await toCmykJpeg(kind, patches, iccOf(cmyk));
    const developed = await runs.run(file, { format: 'png', colour });
    const blocks = { ...developed, patches: fromBlocks(developed.patches) };
    const inks = readInks(file).map((patch) => patch.map((value) => (value / 255) * 100));
    expect(worst(inks, cmyk, blocks)).toBeLessThan(2);
  });
});

describe.skipIf(!canRun)('a camera that names Adobe RGB in EXIF and embeds no profile', () => {
  it.each([...targets, 'keep'] as const)('is believed, in %s', async (colour) => {
    const patches = rgbPatches(8);
    const chart = toPng({ model: 'rgb', depth: 8, width: 32, patches, icc: null });
    const exif = { IFD2: { ColorSpace: '65535' }, IFD4: { InteroperabilityIndex: 'R03' } };
    const file = await sharp(chart)
      .withExif(exif as object)
      .png()
      .toBuffer();
    const developed = await runs.run(file, { format: 'png', colour });
    expect(worst(patches, adobeRgb, developed)).toBeLessThan(2);
    if (colour === 'keep' || colour === 'adobe-rgb') expect(developed.patches.slice(0, 380)).toEqual(patches);
    const inJpeg = await sharp(chart)
      .withExif(exif as object)
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const { patches: jpegPatches } = await runs.run(inJpeg, { format: 'png', colour });
    const off = jpegPatches.flatMap((patch, at) =>
      patch.map((v, c) => Math.abs(v - developed.patches[at]![c]!)),
    );
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(3);
    const path = runs.save(developed.file, 'png');
    const tags = (await readTags(path)).get(path)!;
    expect(tags['InteropIFD:InteropIndex']).toBe(colour === 'keep' || colour === 'adobe-rgb' ? 'R03' : 'R98');
  });
});

describe.skipIf(!canRun)('a thumbnail or preview', () => {
  const cases: {
    name: string;
    chart: Omit<Chart, 'width' | 'patches'>;
    colour: number[];
    from: Conversion;
    full: number;
  }[] = [
    {
      name: 'inks',
      chart: { model: 'cmyk', depth: 8, icc: canRun ? readFileSync(debianProfiles.cmyk) : null },
      colour: [200, 40, 90, 30],
      from: { from: debianProfiles.cmyk, intent: 0, blackPoint: true },
      full: 100 / 255,
    },
    {
      name: '16-bit ProPhoto',
      chart: { model: 'rgb', depth: 16, icc: canRun ? readFileSync(debianProfiles.prophoto) : null },
      colour: [40000, 30000, 20000],
      from: { from: debianProfiles.prophoto },
      full: 1 / 257,
    },
    {
      name: 'linear grey',
      chart: { model: 'grey', depth: 8, icc: canRun ? readFileSync(debianProfiles['linear-grey']) : null },
      colour: [40],
      from: { from: debianProfiles['linear-grey'] },
      full: 1,
    },
  ];

  it.each(cases)('of $name has its colours', async ({ chart, colour, from, full }) => {
    const flat = toTiff({ ...chart, width: 32, patches: Array.from({ length: 1024 }, () => colour) });
    const task = proofTask(runs.save(flat, 'tif'), { quality: 100 });
    const outcome = await proof(task, { look: null, onSize: () => undefined });
    if (!outcome.ok) throw new Error(outcome.failure.message);
    const [pixel] = await sharp(outcome.jpeg)
      .raw()
      .toBuffer()
      .then((data) => [[...data.subarray(0, 3)]]);
    const wanted = transicc([colour.map((value) => value * full)], { ...from, to: '*sRGB' });
    expect(distance(toLab(wanted, '*sRGB'), toLab([pixel!], '*sRGB')).worst).toBeLessThan(2);
  });
});

describe.skipIf(!canRun)('CMYK without a profile', () => {
  it.each(jpegKinds)('has white paper and dark ink, as %s', async (kind) => {
    const patches = [
      [0, 0, 0, 0],
      [255, 255, 255, 255],
      [255, 0, 0, 0],
      [0, 0, 255, 0],
    ];
    const file = await toCmykJpeg(kind, patches, null);
    const [paper, ink, cyan, yellow] = fromBlocks((await runs.run(file, { format: 'png' })).patches);
    expect(Math.min(...paper!)).toBeGreaterThan(245);
    expect(Math.max(...ink!)).toBeLessThan(40);
    expect(cyan![2]! - cyan![0]!).toBeGreaterThan(100);
    expect(yellow![0]! - yellow![2]!).toBeGreaterThan(100);
  });
});

describe.skipIf(!canRun)('a damaged profile', () => {
  const charts = { rgb: rgbPatches, grey: greyPatches, cmyk: cmykPatches } as const;
  const sound = {
    rgb: debianProfiles['adobe-rgb'],
    grey: debianProfiles['linear-grey'],
    cmyk: debianProfiles.cmyk,
  };
  const damages: Record<string, (icc: Buffer) => Buffer> = {
    'cut short': (icc) => icc.subarray(0, icc.length / 2),
    'of noise': (icc) => Buffer.from(icc.map((_, index) => (index * 151) % 256)),
    'without its contents': (icc) => Buffer.from(icc).fill(0, 128),
    'with a tag beyond its end': (icc) => Buffer.from(icc).fill(0xff, 136, 140),
    'with nonsense in its tags': (icc) => Buffer.from(icc).fill(0x41, 132 + 12 * icc.readUInt32BE(128)),
    'of another model': () =>
      readFileSync(debianProfiles.cmyk === sound.cmyk ? '/usr/share/color/icc/ITULab.icc' : ''),
  };
  const cases = Object.keys(damages).flatMap((damage) =>
    (['rgb', 'grey', 'cmyk'] as const).flatMap((model) =>
      ([8, 16] as const).map((depth) => ({ damage, model, depth })),
    ),
  );

  it.each(cases)(
    '$damage in $depth-bit $model is a warning, and the photo is as without one',
    async (one) => {
      const { damage, model, depth } = one;
      const chart = { model, depth, width: 32, patches: charts[model](depth) } as const;
      const icc = damages[damage]!(readFileSync(sound[model]));
      for (const colour of ['srgb', 'display-p3'] as const) {
        const [damaged, plain] = [
          await runs.run(toTiff({ ...chart, icc }), { format: 'png', colour }),
          await runs.run(toTiff({ ...chart, icc: null }), { format: 'png', colour }),
        ];
        expect(damaged.warnings.join()).toMatch(/colour profile/);
        expect(damaged.patches).toEqual(plain.patches);
        expect(readFileSync(damaged.profile)).toEqual(readFileSync(plain.profile));
      }
    },
  );
});

describe.skipIf(!canRun)('the profile in an output', () => {
  it('is named and made as ExifTool reads it, in every format', async () => {
    const file = toPng({ model: 'rgb', depth: 8, width: 32, patches: rgbPatches(8), icc: iccOf(adobeRgb) });
    const names = {
      srgb: 'sRGB',
      'display-p3': 'Display P3',
      'adobe-rgb': 'Compatible with Adobe RGB (1998)',
    };
    const wanted = new Map<string, string>();
    for (const format of ['jpeg', 'png', 'tiff', 'webp', 'avif'] as const) {
      for (const colour of [...targets, 'keep'] as const) {
        const path = join(runs.folder, `${colour}.${format}`);
        writeFileSync(path, (await runs.run(file, { format, colour })).file);
        const kept = /Adobe RGB/;
        wanted.set(path, colour === 'keep' ? kept.source : names[colour]);
      }
    }
    const tags = await readTags(...wanted.keys());
    for (const [path, name] of wanted) {
      const read = tags.get(path)!;
      expect(read['ICC_Profile:ProfileDescription'] ?? read['ICC-header:ProfileDescription'], path).toContain(
        name,
      );
      expect(read['ICC-header:ColorSpaceData'], path).toBe('RGB ');
    }
  });
});
