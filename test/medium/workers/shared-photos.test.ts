/** Every shared sample photo is either developed or refused with the right code. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { isStripped, refused, texts } from '../../helpers/refused-photos.ts';
import { filesBelow, sharedFolder } from '../../helpers/shared-files.ts';
import { brightRecipe, developTask } from '../../helpers/tasks.ts';

/** What could not be done as well as wished is told. */
const told: Readonly<Record<string, RegExp>> = {
  'odd/depth/multipage_bilevel.tif': /first of 2 pages/,
  'odd/depth/graya16.png': /no transparency/,
  'odd/modern/avif_10bit_hdr_p3.avif': /HDR \((PQ|HLG)\)/,
};

const photos = sharedFolder('photos');
const raws = sharedFolder('raw');
const look = compileLook(brightRecipe);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-shared-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(path: string, item: number) {
  const task = developTask({
    path,
    folder,
    item,
    name: `${item}.jpg`,
    output: { long_edge: 160 },
    recipe: brightRecipe,
  });
  return develop(task, { look, onSize: () => undefined, mayWrite: () => true });
}

describe.skipIf(photos === null)('the shared photos', () => {
  const names = photos === null ? [] : filesBelow(photos).filter((name) => !texts.has(basename(name)));

  it.each(names.map((name, index) => [name, index] as const))('%s', async (name, index) => {
    const outcome = await run(join(photos!, name), index);
    const expected = refused[name];
    if (expected !== undefined) {
      expect(outcome).toMatchObject({ ok: false, failure: { code: expected, retryable: false } });
      expect(await readdir(folder)).not.toContain(`${index}.jpg`);
      return;
    }
    expect(outcome).toMatchObject({ ok: true, skipped: false });
    if (told[name] !== undefined) expect(outcome.ok && outcome.warnings.join()).toMatch(told[name]);
    const output = outcome.ok ? outcome.output : undefined;
    const header = await sharp(await readFile(output!.path)).metadata();
    expect(header).toMatchObject({
      format: 'jpeg',
      width: output!.width,
      height: output!.height,
      channels: 3,
    });
    expect(header.orientation ?? 1).toBe(1);
    expect(header.icc).toBeDefined();
  });

  it('are refused by their header alone when they are bombs', async () => {
    const bombs = names.filter((name) => name.includes('bomb') && refused[name] === 'source_too_large');
    expect(bombs.length).toBeGreaterThan(5);
    const before = process.memoryUsage.rss();
    for (const bomb of bombs) await run(join(photos!, bomb), 10_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });
});

describe.skipIf(raws === null)('the shared raw photos', () => {
  const names = raws === null ? [] : filesBelow(raws).filter((name) => !texts.has(basename(name)));

  it.each(names.filter(isStripped))('%s is damaged: its preview is not taken for the photo', async (name) => {
    const outcome = await run(join(raws!, name), 20_000);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'damaged_image', stage: 'decode' } });
  });
});
