/** Damaged preset files of every kind, read as the daemon reads them: a legal preset that compiles, or one sentence; soon, and in little memory. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { nativePresetSchema, settingsSchema } from '../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../bridge/executor/local-executor.ts';
import { createLog } from '../../bridge/log.ts';
import { builtInPresets } from '../../bridge/presets/built-in/all.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import { loadPresetFile } from '../../bridge/presets/load-preset-file.ts';
import { compileLut } from '../../bridge/presets/lut/compile-lut.ts';
import { parseCube } from '../../bridge/presets/lut/parse-cube.ts';
import { toPresetFormat } from '../../bridge/presets/preset-kinds.ts';
import { createRandom, type Random } from '../faults/random.ts';
import { makeImage } from '../helpers/images.ts';
import { filesBelow, sharedFolder } from '../helpers/shared-files.ts';
import { proofTask } from '../helpers/tasks.ts';
import { count, type FuzzCampaign, type FuzzFigures, noFigures } from './campaign.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateText } from './mutate-text.ts';

const LARGEST = 200_000;
/** Of CPU time, also on a slow machine. */
const MOST_CPU_MS = 5000;

export const presets: FuzzCampaign = {
  name: 'presets',
  what: 'damaged .json, .xmp, .lrtemplate, .cube and HaldCLUT files',
  missing: async () => null,
  async run({ seed, goesOn }) {
    const figures = noFigures();
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-fuzz-presets-'));
    const { executor: settings } = settingsSchema.parse({ executor: { threads: 1 } });
    const executor = createLocalExecutor({ settings, log: createLog('silent') });
    const photo = join(folder, 'photo.jpg');
    await writeFile(photo, await makeImage({ width: 64, height: 48 }));
    const seeds = await makeSeedPresets();
    try {
      while (goesOn(figures.cases) && figures.problems.length === 0) {
        await runCase({ seed: seed + figures.cases, seeds, folder, photo, executor, figures });
        figures.cases += 1;
      }
      if (executor.restarts > 0) figures.problems.push('a render host died');
    } finally {
      await executor.close();
    }
    if (figures.problems.length === 0) await rm(folder, { recursive: true, force: true });
    else console.log(`kept for a look: ${folder}`);
    return figures;
  },
};

export type SeedPreset = { name: string; bytes: Buffer };

async function makeSeedPresets(): Promise<SeedPreset[]> {
  const own = builtInPresets.slice(0, 6).map((preset) => ({
    name: `${preset.name}.json`,
    bytes: Buffer.from(JSON.stringify(preset, null, 2)),
  }));
  const hald = await makeImage({ width: 8, height: 8, format: 'png' });
  const cube = ['TITLE "own"', 'LUT_3D_SIZE 2', 'DOMAIN_MIN 0 0 0', 'DOMAIN_MAX 1 1 1'].concat(
    Array.from({ length: 8 }, (_, node) => `${node & 1} ${(node >> 1) & 1} ${node >> 2}`),
  );
  const made = [
    { name: 'own.png', bytes: hald },
    { name: 'own.cube', bytes: Buffer.from(cube.join('\n')) },
    { name: 'own.xmp', bytes: Buffer.from(OWN_XMP) },
    { name: 'own.lrtemplate', bytes: Buffer.from(OWN_TEMPLATE) },
  ];
  const folder = sharedFolder('presets');
  const real = (folder === null ? [] : filesBelow(folder))
    .filter((name) => toPresetFormat(name) !== null && statSync(join(folder ?? '', name)).size <= LARGEST)
    .map((name) => ({ name, bytes: readFileSync(join(folder ?? '', name)) }));
  return [...own, ...made, ...real];
}

const OWN_XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:PresetType="Normal" crs:ProcessVersion="11.0"
 crs:Exposure2012="+0.50" crs:Contrast2012="+12" crs:Saturation="-5" crs:HasSettings="True">
<crs:Name><rdf:Alt><rdf:li xml:lang="x-default">Own</rdf:li></rdf:Alt></crs:Name>
<crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>64, 60</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
</rdf:Description></rdf:RDF></x:xmpmeta>`;
const OWN_TEMPLATE = `s = { id = "A-B", internalName = "Own", title = "Own", type = "Develop",
  value = { settings = { Exposure2012 = 0.5, Contrast2012 = 12, ProcessVersion = "11.0",
    ToneCurvePV2012 = { 0, 0, 64, 60, 255, 255 }, ConvertToGrayscale = false }, uuid = "A" }, version = 0 }`;

type Case = {
  seed: number;
  seeds: readonly SeedPreset[];
  folder: string;
  photo: string;
  executor: LocalExecutor;
  figures: FuzzFigures;
};

async function runCase({ seed, seeds, folder, photo, executor, figures }: Case): Promise<void> {
  const random = createRandom(seed);
  const { name, bytes } = makePresetCase(seeds, random);
  const path = join(folder, `${seed}-${name.replaceAll('/', '_')}`);
  await writeFile(path, bytes);
  const format = toPresetFormat(path);
  if (format === null) return;
  const cpu = process.cpuUsage();
  const say = (problem: string) => figures.problems.push(`seed ${seed}: ${path}: ${problem}`);
  try {
    const loaded = await loadPresetFile(path, format);
    count(figures, `${format.kind} ${loaded.kind}`);
    if (loaded.kind === 'gone') say('is gone');
    if (loaded.kind === 'refused') checkSentence(loaded.problem, say);
    if (loaded.kind === 'loaded') {
      const { recipe } = loaded;
      if (recipe.kind === 'native') {
        nativePresetSchema.parse(recipe.preset);
        checkNumbers(compileLook(recipe).lut, say);
      } else if (recipe.format === 'cube') {
        checkNumbers(compileLut(await parseCube(bytes.toString('utf8')), 'x').lut, say);
      }
      if (recipe.kind === 'lut')
        await prove({ executor, photo, recipe: { ...recipe, file: path }, say, bytes });
    }
  } catch (thrown) {
    say(`threw ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  if ((user + system) / 1000 > MOST_CPU_MS) say(`took ${(user + system) / 1000} ms of CPU time`);
  if (figures.problems.length === 0) await rm(path);
}

function makePresetCase(seeds: readonly SeedPreset[], random: Random): SeedPreset {
  // A kind first: there are many more files of one than of the others.
  const kinds = [...new Set(seeds.map(({ name }) => extname(name)))];
  const kind = kinds[random.whole(0, kinds.length)];
  const ofKind = seeds.filter(({ name }) => extname(name) === kind);
  const pick = (from: readonly SeedPreset[]) => from[random.whole(0, from.length)] as SeedPreset;
  const { name, bytes } = pick(ofKind);
  const isText = kind !== '.png' && random.whole(0, 3) > 0;
  const spoilt = isText
    ? Buffer.from(mutateText(bytes.toString('utf8'), pick(ofKind).bytes.toString('utf8'), random))
    : mutateBytes(bytes, pick(ofKind).bytes, random);
  return { name, bytes: spoilt };
}

type Say = (problem: string) => unknown;

/** For people: no stack, no path into the program, of a bearable length. */
function checkSentence(text: string, say: Say): void {
  if (text === '' || text.length > 4000) say(`a sentence of ${text.length} characters`);
  if (/\bat .+:\d+:\d+|undefined|\[object|is not a function|Cannot read/.test(text)) say(`says: ${text}`);
}

function checkNumbers(values: ArrayLike<number>, say: Say): void {
  for (let at = 0; at < values.length; at += 1) {
    if (!Number.isFinite(values[at])) return void say(`compiles to ${values[at]} at ${at}`);
  }
}

type Proof = {
  executor: LocalExecutor;
  photo: string;
  recipe:
    | Parameters<typeof compileLook>[0]
    | { kind: 'lut'; name: string; format: 'cube' | 'hald'; sha256: string; file: string };
  bytes: Buffer;
  say: Say;
};

/** Through the render host, which decodes the pictures among them. */
async function prove({ executor, photo, recipe, bytes, say }: Proof): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (recipe.kind === 'lut' && recipe.sha256 !== sha256) say('is known by another checksum than its own');
  const end = await executor.proof(proofTask(photo, { recipe, recipe_hash: sha256 } as object), {});
  if (end.kind !== 'outcome') say(`ended ${JSON.stringify(end)}`);
  else if (!end.outcome.ok && end.outcome.failure.code !== 'preset_invalid')
    say(`failed as ${JSON.stringify(end.outcome.failure)}`);
}
