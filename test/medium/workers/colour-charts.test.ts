/** Colours of charts in the spaces that cameras and editors write, as LittleCMS converts them by profiles that are not ours. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { OutputConfig } from '../../../bridge/contract/develop-config.ts';
import { buildProfile } from '../../../workers/metadata/icc-builder.ts';
import { type Chart, toPng, toTiff } from '../../helpers/colour/chart-files.ts';
import { ChartRuns, type Distance, distance, seen } from '../../helpers/colour/chart-runs.ts';
import { cmykPatches, greyPatches, rgbPatches } from '../../helpers/colour/charts.ts';
import type { Lab } from '../../helpers/colour/delta-e.ts';
import { debianProfiles, hasLittleCms, toLab, transicc } from '../../helpers/colour/little-cms.ts';
import { brightRecipe } from '../../helpers/tasks.ts';

const canRun = hasLittleCms();
const runs = new ChartRuns();
const table = new Map<string, string[]>();
afterAll(() => {
  runs.close();
  if (table.size === 0) return;
  const lines = [...table].map(([row, cells]) => `${row.padEnd(22)}${cells.join('  ')}`);
  console.log(`dE2000 against LittleCMS, mean / worst:\n${lines.join('\n')}`);
});

type Colour = OutputConfig['colour'];
const targets: readonly Colour[] = ['srgb', 'display-p3', 'adobe-rgb', 'keep'];
const depths = [8, 16] as const;
const containers = { png: toPng, tiff: toTiff } as const;

/** libvips has a Display P3 of its own making; no Debian package has one. */
async function displayP3(): Promise<string> {
  const red = { create: { width: 8, height: 8, channels: 3, background: 'red' } } as const;
  const tagged = await sharp(red).withIccProfile('p3').png().toBuffer();
  return runs.save((await sharp(tagged).metadata()).icc!, 'icc');
}
const profiles: Record<string, string> = { ...debianProfiles, 'display-p3': await displayP3() };

/** Inks: perceptual with black point compensation. All else relative colorimetric; black is black in every such profile. */
const renderings = { cmyk: { intent: 0, blackPoint: true }, rgb: {}, grey: {} } as const;

const rows = new Map<string, Lab[]>();
/** What LittleCMS makes of the patches in the target, and how that looks. */
function reference(source: Source, depth: 8 | 16, target: Colour): Lab[] {
  const key = `${source.name}/${depth}/${target}`;
  const known = rows.get(key);
  if (known !== undefined) return known;
  const top = depth === 8 ? 255 : 65535;
  const colours = source.patches(depth).map((patch) => patch.map((value) => (value / top) * source.full));
  const isKept = target === 'keep' && source.model === 'rgb';
  const to = isKept ? source.from : profiles[target === 'keep' ? 'srgb' : target]!;
  const converted = isKept
    ? colours
    : transicc(colours, { from: source.from, to, ...renderings[source.model] });
  const lab = toLab(converted, to);
  rows.set(key, lab);
  return lab;
}

type Source = {
  name: string;
  model: 'rgb' | 'grey' | 'cmyk';
  patches: (depth: 8 | 16) => number[][];
  /** What LittleCMS reads, and the profile in the file. */
  from: string;
  icc: () => Buffer | null;
  /** LittleCMS's number for the highest value. */
  full: 255 | 100;
};

function rgbSource(name: string): Source {
  const from = profiles[name]!;
  return { name, model: 'rgb', patches: rgbPatches, from, icc: () => readFileSync(from), full: 255 };
}

function chartOf(source: Source, depth: 8 | 16): Chart {
  return { model: source.model, depth, width: 32, patches: source.patches(depth), icc: source.icc() };
}

function note(row: string, target: string, { mean, worst }: Distance) {
  const cell = `${target} ${mean.toFixed(3)} / ${worst.toFixed(3)}`;
  table.set(row, [...(table.get(row) ?? []), cell]);
}

function tableSource(name: 'cmyk' | 'cmyk by xyz'): Source {
  const from = debianProfiles[name];
  return { name, model: 'cmyk', patches: cmykPatches, from, icc: () => readFileSync(from), full: 100 };
}

/** LittleCMS has its own gamma 2.2, and linear grey comes with Debian. */
function greySources(): Source[] {
  const grey = { model: 'grey', patches: greyPatches, full: 255 } as const;
  const curve = { type: 0, parameters: [2.2] };
  const gamma = buildProfile({ description: 'Grey, gamma 2.2', curve, primaries: null });
  const linear = debianProfiles['linear-grey'];
  return [
    { ...grey, name: 'grey gamma 2.2', from: '*Gray22', icc: () => gamma },
    { ...grey, name: 'grey linear', from: linear, icc: () => readFileSync(linear) },
  ];
}

const rgbSources = ['srgb', 'adobe-rgb', 'display-p3', 'prophoto'].map(rgbSource);
const untagged: Source = { ...rgbSource('srgb'), name: 'untagged', icc: () => null };
/** Tone curves by table, and red in the place of green. */
const oddSources = ['l-star', 'swapped'].map(rgbSource);
const inkSources = [tableSource('cmyk'), tableSource('cmyk by xyz')];
const sources = [...rgbSources, ...oddSources, ...inkSources, ...greySources(), untagged];

describe.skipIf(!canRun)('a chart without a look', () => {
  const cases = sources.flatMap((source) =>
    depths.flatMap((depth) => targets.map((target) => ({ name: source.name, source, depth, target }))),
  );
  it.each(cases)('in $name with $depth bits comes out in $target as LittleCMS has it', async (one) => {
    const { source, depth, target } = one;
    const wanted = reference(source, depth, target);
    const worst: Distance = { mean: 0, worst: 0, at: 0 };
    for (const [container, format] of [
      ['png', 'tiff'],
      ['tiff', 'png'],
    ] as const) {
      if (source.model === 'cmyk' && container === 'png') continue;
      const file = containers[container](chartOf(source, depth));
      const developed = await runs.run(file, { format, colour: target });
      const got = distance(wanted, seen(developed, wanted.length));
      if (got.worst > worst.worst) Object.assign(worst, got);
    }
    note(`${source.name} ${depth}`, target, worst);
    expect(worst.mean).toBeLessThan(0.5);
    expect(worst.worst).toBeLessThan(2);
  });
});

describe.skipIf(!canRun)('a chart whose profile is taken off', () => {
  it.each([...rgbSources.slice(1), ...greySources()])(
    'in $name is far from what LittleCMS has',
    async (source) => {
      const file = toPng({ ...chartOf(source, 8), icc: null });
      const developed = await runs.run(file, { format: 'png', colour: 'srgb' });
      const wanted = reference(source, 8, 'srgb');
      const got = distance(wanted, seen(developed, wanted.length));
      expect(got.worst).toBeGreaterThan(2);
      expect(got.mean).toBeGreaterThan(0.5);
    },
  );
});

describe.skipIf(!canRun)('16 bits', () => {
  /** Steps of the 16 bits between what comes out and what LittleCMS makes of the same numbers by the same two profiles. */
  const greatestStep = (wanted: readonly (readonly number[])[], got: readonly (readonly number[])[]) =>
    Math.max(...wanted.flatMap((colour, index) => colour.map((v, c) => Math.abs(v - got[index]![c]!) * 257)));
  const levels = 3000;
  const ramp = Array.from({ length: levels }, (_, index) => {
    const value = Math.round((index / (levels - 1)) * 65535);
    return [value, Math.max(value - 300, 0), Math.min(value + 200, 65535)];
  });

  it.each(
    [...rgbSources, untagged].flatMap((source) =>
      targets.map((target) => ({ name: source.name, source, target })),
    ),
  )('of $name stay 16 bits in $target: each level its own, none more than 5 steps off', async (one) => {
    const { source, target } = one;
    const file = toTiff({ model: 'rgb', depth: 16, width: 100, patches: ramp, icc: source.icc() });
    const { depth, patches, profile } = await runs.run(file, { format: 'tiff', colour: target });
    expect(depth).toBe(16);
    const colours = ramp.map((patch) => patch.map((value) => value / 257));
    // Debian's sRGB is a table of 1024 steps, up to 13 of 65535 off the standard's formula.
    const from = source.from === profiles.srgb ? '*sRGB' : source.from;
    const wanted = transicc(colours, { from, to: profile });
    const distinct = (channel: number, of: readonly (readonly number[])[]) =>
      new Set(of.map((patch) => Math.round(patch[channel]! * 257))).size;
    for (const channel of [0, 1, 2]) {
      expect(distinct(channel, patches)).toBeGreaterThanOrEqual(distinct(channel, wanted) * 0.99);
    }
    expect(greatestStep(wanted, patches)).toBeLessThanOrEqual(5);
  });
});

describe.skipIf(!canRun)('a chart with a look', () => {
  type Stored = { name: string; depth: 8 | 16; model: 'rgb' | 'cmyk'; patches: number[][] };
  const toSrgb = ({ name, depth, model, patches }: Stored): number[][] => {
    const [top, full] = [depth === 8 ? 255 : 65535, model === 'cmyk' ? 100 : 255];
    const colours = patches.map((patch) => patch.map((value) => (value / top) * full));
    return transicc(colours, { from: profiles[name]!, to: '*sRGB', ...renderings[model] });
  };
  /** Colours within sRGB as another space has them: none is clipped on the way. */
  const within = (name: string, depth: 8 | 16): Stored => {
    const inner = rgbPatches(16).map((patch) => patch.map((value) => value / 257));
    const top = depth === 8 ? 255 : 65535;
    const patches = transicc(inner, { from: '*sRGB', to: profiles[name]! }).map((colour) =>
      colour.map((value) => Math.round((value / 255) * top)),
    );
    return { name, depth, model: 'rgb', patches };
  };
  const stored = (depth: 8 | 16): Stored[] => [
    ...['adobe-rgb', 'display-p3', 'prophoto'].map((name) => within(name, depth)),
    { name: 'cmyk', depth, model: 'cmyk', patches: cmykPatches(depth) },
  ];

  it.each(canRun ? depths.flatMap(stored) : [])(
    'in $name with $depth bits comes out as the same chart that LittleCMS brought to sRGB before',
    async (chart) => {
      const { name, depth } = chart;
      const before = toSrgb(chart).map((colour) => colour.map((value) => Math.round(value * 257)));
      const tagged = toTiff({ ...chart, width: 32, icc: readFileSync(profiles[name]!) });
      const converted = toTiff({ model: 'rgb', depth: 16, width: 32, patches: before, icc: null });
      const output = { format: 'tiff', colour: 'srgb' } as const;
      const got = seen(await runs.run(tagged, output, brightRecipe), before.length);
      const wanted = seen(await runs.run(converted, output, brightRecipe), before.length);
      const difference = distance(wanted, got);
      note(`${name} ${depth}`, 'with a look', difference);
      expect(difference.mean).toBeLessThan(depth === 8 ? 0.5 : 0.05);
      expect(difference.worst).toBeLessThan(depth === 8 ? 2 : 0.2);
    },
  );
});
