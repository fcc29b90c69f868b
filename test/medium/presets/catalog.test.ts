/** The preset catalog on a real, watched folder. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedPreset } from '../../../bridge/batch/ports.ts';
import { createLog } from '../../../bridge/log.ts';
import { builtInPresets } from '../../../bridge/presets/built-in/all.ts';
import { createPresetCatalog, type PresetCatalog } from '../../../bridge/presets/catalog.ts';
import type { ShelfChange } from '../../../bridge/presets/preset-shelf.ts';
import { createRecipeFiles } from '../../../bridge/store/recipe-files.ts';
import { writeXmp } from '../../unit/presets/camera-raw/write-xmp.ts';

let folder: string;
let catalog: PresetCatalog | undefined;
let changes: ShelfChange[];
let wake: () => void;

const recipesFolder = () => `${folder}-recipes`;

async function start(): Promise<PresetCatalog> {
  changes = [];
  catalog = await createPresetCatalog({
    folder,
    recipes: createRecipeFiles(recipesFolder()),
    log: createLog('silent'),
    settleMs: 40,
    onChange: (change) => {
      changes.push(change);
      wake?.();
    },
  });
  return catalog;
}

async function nextChange(): Promise<ShelfChange> {
  while (changes.length === 0) await new Promise<void>((resolve) => (wake = resolve));
  return changes.shift()!;
}

const save = (name: string, content: unknown) =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
/** What a refusal says, for tests that look into it. */
const refusalOf = async (action: () => Promise<unknown>) => {
  try {
    await action();
  } catch (error) {
    return error as { code: string; message: string; extensions: { suggestions?: string[] } };
  }
  throw new Error('nothing was refused');
};

const controlsOf = ({ recipe }: ResolvedPreset) => (recipe.kind === 'native' ? recipe.preset : null);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-presets-'));
});
afterEach(async () => {
  await catalog?.close();
  catalog = undefined;
  for (const made of [folder, recipesFolder()]) await rm(made, { recursive: true, force: true });
});

describe('the preset catalog', () => {
  it('offers the built-in presets, WhiteLayer_v4 among them, and makes its folder', async () => {
    folder = join(folder, 'not', 'yet');
    const { list, get, resolve } = await start();
    expect(list()).toHaveLength(builtInPresets.length);
    expect(get('WhiteLayer_v4')).toMatchObject({ source: 'built-in', kind: 'native', problem: null });
    expect((await resolve('WhiteLayer_v4')).notHonoured).toEqual([]);
    await save('Late.json', { contrast: 5 });
    expect(await nextChange()).toEqual({ preset: 'Late', change: 'added' });
  });

  it('has read every file of its folder when it is there, and announces none of them', async () => {
    await save('one.json', { name: 'Evening Walk', contrast: 10, clarity: 20 });
    await save('Two.json', { exposure: 0.5 });
    const { get, resolve } = await start();
    expect(get('Evening Walk')).toMatchObject({
      source: 'file',
      path: join(folder, 'one.json'),
      settings: { contrast: 10, clarity: 20 },
      not_honoured: [],
    });
    expect((await resolve('Two')).recipe).toEqual({ kind: 'native', name: 'Two', preset: { exposure: 0.5 } });
    expect(changes).toEqual([]);
  });

  it('finds a name exactly first, then whatever its case', async () => {
    await save('a.json', { name: 'look', contrast: 1 });
    await save('b.json', { name: 'Look', contrast: 2 });
    const { resolve } = await start();
    expect(controlsOf(await resolve('Look'))?.contrast).toBe(2);
    expect(controlsOf(await resolve('look'))?.contrast).toBe(1);
    expect((await resolve('whitelayer_V4')).recipe.name).toBe('WhiteLayer_v4');
  });

  it('reloads a changed file, and forgets a removed one', async () => {
    await save('Mine.json', { contrast: 1 });
    const { resolve } = await start();
    const before = (await resolve('Mine')).hash;
    await save('Mine.json', { contrast: 25 });
    expect(await nextChange()).toEqual({ preset: 'Mine', change: 'changed' });
    expect(controlsOf(await resolve('Mine'))).toEqual({ contrast: 25 });
    expect((await resolve('Mine')).hash).not.toBe(before);
    await rm(join(folder, 'Mine.json'));
    expect(await nextChange()).toEqual({ preset: 'Mine', change: 'removed' });
    expect((await refusalOf(() => resolve('Mine'))).code).toBe('unknown_preset');
  });

  it('keeps the last good version of a file that turns bad, says why, and takes it back when it is good again', async () => {
    await save('Mine.json', { contrast: 1 });
    const { resolve, get } = await start();
    await save('Mine.json', { contrast: 500 });
    const broken = await nextChange();
    expect(broken).toMatchObject({ preset: 'Mine', change: 'broken' });
    expect(broken.message).toBe('contrast must be at most 100; got 500');
    expect(controlsOf(await resolve('Mine'))).toEqual({ contrast: 1 });
    expect(get('Mine').problem).toBe(broken.message);
    await save('Mine.json', { contrast: 2 });
    expect(await nextChange()).toEqual({ preset: 'Mine', change: 'changed' });
    expect(get('Mine').problem).toBeNull();
  });

  it('lists a file that was never good, and refuses to use it', async () => {
    await save('Bad.json', '{"contrast": ');
    const { list, resolve, get } = await start();
    expect(list().find((preset) => preset.name === 'Bad')?.problem).toMatch(/^not valid JSON/);
    expect(get('Bad').settings).toEqual({});
    expect(await refusalOf(() => resolve('Bad'))).toMatchObject({ code: 'preset_invalid' });
  });

  it('lets a file take the place of a built-in preset and give it back', async () => {
    const { resolve, get } = await start();
    const builtIn = (await resolve('Matte')).hash;
    await save('own.json', { name: 'Matte', contrast: -20 });
    expect(await nextChange()).toEqual({ preset: 'Matte', change: 'changed' });
    expect(get('Matte')).toMatchObject({ source: 'file' });
    await rm(join(folder, 'own.json'));
    expect(await nextChange()).toEqual({ preset: 'Matte', change: 'changed' });
    expect((await resolve('Matte')).hash).toBe(builtIn);
  });

  it('uses the first of two files with one name and reports the other', async () => {
    await save('a.json', { name: 'Twin', contrast: 1 });
    await save('b.json', { name: 'Twin', contrast: 2 });
    const { resolve, get } = await start();
    expect(controlsOf(await resolve('Twin'))?.contrast).toBe(1);
    expect(get('b').problem).toContain('a.json');
  });

  it('names the nearest presets for an unknown name', async () => {
    const { resolve, get } = await start();
    const refused = await refusalOf(() => resolve('WhiteLayr_v4'));
    expect(refused.code).toBe('unknown_preset');
    expect(refused.message).toBe('no preset is named "WhiteLayr_v4"; did you mean "WhiteLayer_v4"?');
    expect(refused.extensions.suggestions).toEqual(['WhiteLayer_v4']);
    expect((await refusalOf(async () => get('nothing like it'))).code).toBe('preset_not_found');
  });

  it('takes an inline preset as it is', async () => {
    const { resolve } = await start();
    const inline = await resolve({
      contrast: 5,
      dehaze: 10,
      grain: { size: 20 },
      sharpening: { amount: 30 },
    });
    expect(inline.recipe.name).toBe('inline');
    expect(inline.notHonoured).toEqual([]);
  });

  it('reads Lightroom presets, and says what of them is not honoured and what was understood differently', async () => {
    await save(
      'film.xmp',
      writeXmp({ Name: 'Film', Group: 'Mine', Contrast2012: '+400', Dehaze: '9', HasCrop: 'True' }),
    );
    await save(
      'old.lrtemplate',
      's = { title = "Old", type = "Develop", value = { settings = { Vibrance = 5 } } }',
    );
    const { list, get, resolve } = await start();
    expect(list().find(({ name }) => name === 'Film')).toMatchObject({
      kind: 'xmp',
      group: 'Mine',
      source: 'file',
    });
    expect(get('Film')).toMatchObject({
      settings: { contrast: 100, dehaze: 9 },
      notes: ['Contrast2012 +400 is out of range; 100 was taken'],
    });
    expect(get('Film').not_honoured).toContain('crop and straighten');
    expect((await resolve('Film')).notHonoured).toEqual(get('Film').not_honoured);
    expect((await resolve('Old')).recipe).toEqual({
      kind: 'native',
      name: 'Old',
      preset: { name: 'Old', vibrance: 5 },
    });
    expect(get('Old')).toMatchObject({ kind: 'lrtemplate', not_honoured: [], notes: [] });
  });

  it('says what is wrong with broken presets of other programs, and overlooks all other files', async () => {
    await save('film.xmp', '<x/>');
    await save('grade.cube', 'LUT_3D_SIZE 2');
    await save('readme.txt', 'hello');
    await mkdir(join(folder, 'sub.json'));
    const { list, resolve } = await start();
    const files = list().filter((preset) => preset.source === 'file');
    expect(files.map(({ name, kind }) => [name, kind])).toEqual([
      ['film', 'xmp'],
      ['grade', 'cube'],
    ]);
    expect((await refusalOf(() => resolve('film'))).message).toMatch(/line 1: not an XMP file/);
  });

  it('refuses files that are too large or not text', async () => {
    await save('Large.json', ' '.repeat(1024 * 1024 + 1));
    await writeFile(join(folder, 'Binary.json'), new Uint8Array([0xff, 0xfe, 0x00]));
    const { get } = await start();
    expect(get('Large').problem).toMatch(/at most 1048576/);
    expect(get('Binary').problem).toMatch(/UTF-8/);
  });

  it('tells nothing after it was closed', async () => {
    await start();
    await catalog?.close();
    await save('Late.json', { contrast: 5 });
    const other = await createPresetCatalog({
      folder,
      recipes: createRecipeFiles(recipesFolder()),
      log: createLog('silent'),
      onChange: () => undefined,
    });
    expect(other.get('Late').problem).toBeNull();
    await other.close();
    expect(changes).toEqual([]);
  });

  it('keeps a copy of a lookup table for the batches that use it, whatever becomes of its file', async () => {
    const corners = [0, 1].flatMap((b) => [0, 1].flatMap((g) => [0, 1].map((r) => `${r} ${g} ${b}`)));
    const text = ['TITLE "Nothing much"', 'LUT_3D_SIZE 2', 'LUT_IN_VIDEO_RANGE', ...corners].join('\n');
    await save('Plain.cube', text);
    const { resolve, get, toTask } = await start();
    expect(get('Plain')).toMatchObject({
      kind: 'cube',
      description: 'Nothing much',
      settings: { nodes_per_axis: 2 },
      not_honoured: ['LUT_IN_VIDEO_RANGE of the .cube file'],
    });
    const { recipe, hash } = await resolve('Plain');
    await save('Plain.cube', `${text}\n# another comment`);
    expect(await nextChange()).toEqual({ preset: 'Plain', change: 'changed' });
    expect((await resolve('Plain')).hash).not.toBe(hash);
    const inTask = toTask(recipe);
    expect(inTask.kind === 'lut' && (await readFile(inTask.file, 'utf8'))).toBe(text);
    await save('Plain.cube', 'LUT_3D_SIZE 2\n0 0 0');
    expect(await nextChange()).toMatchObject({ change: 'broken', message: expect.stringMatching(/1 rows/) });
    expect((await resolve('Plain')).recipe).toMatchObject({ kind: 'lut' });
  });

  it('refuses a HaldCLUT of a wrong size, and what is no picture', async () => {
    await save('bad.png', 'no picture');
    const { get } = await start();
    expect(get('bad')).toMatchObject({ kind: 'hald', problem: 'it is no PNG picture' });
  });
});
