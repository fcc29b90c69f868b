/** Every shared sample photo is either developed or refused with the right code. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { filesBelow, sharedFolder } from '../../helpers/shared-files.ts';
import { brightRecipe, developTask } from '../../helpers/tasks.ts';

/** What is refused, and how; every other photo must be developed. */
const refused: Readonly<Record<string, string>> = {
  'odd/anim/loop3.webp': 'unsupported_format',
  'odd/anim/rotating.gif': 'unsupported_format',
  'odd/bad/bad_iteminfobox.heif': 'unsupported_format',
  'odd/bad/corrupt-header.jpg': 'damaged_image',
  'odd/bad/crash_test.gif': 'unsupported_format',
  'odd/bad/invalid_multiframe.gif': 'unsupported_format',
  'odd/bad/premature-end.jpg': 'damaged_image',
  'odd/bad/truncated.jpg': 'damaged_image',
  'odd/bad/truncated.png': 'damaged_image',
  'odd/bomb/17000x17000.avif': 'source_too_large',
  'odd/bomb/65536-uint32-limit.png': 'source_too_large',
  'odd/bomb/big-height.webp': 'unsupported_format',
  'odd/bomb/giant-image.jpg': 'source_too_large',
  'odd/icc/displayp3_iphone.heic': 'unsupported_format',
  'odd/made/bad_tiff_ifdloop.tif': 'damaged_image',
  'odd/made/bomb_20000x20000_rgb.png': 'source_too_large',
  'odd/made/bomb_30000x30000_1bit.png': 'source_too_large',
  'odd/made/bomb_gif_65535.gif': 'unsupported_format',
  'odd/made/bomb_header_100000x100000.png': 'source_too_large',
  'odd/made/bomb_jpeg_sof_65500.jpg': 'source_too_large',
  'odd/made/empty.jpg': 'not_an_image',
  'odd/made/half.jpg': 'damaged_image',
  'odd/made/one_byte.png': 'not_an_image',
  'odd/made/photo.bmp': 'unsupported_format',
  'odd/made/svg_external_ref_huge.svg': 'unsupported_format',
  'odd/made/text_named.jpg': 'not_an_image',
  'odd/modern/jxl_8bit.jxl': 'unsupported_format',
  'odd/modern/motionphoto_samsung.heic': 'unsupported_format',
};
/** What could not be done as well as wished is told. */
const told: Readonly<Record<string, RegExp>> = {
  'odd/depth/multipage_bilevel.tif': /first of 2 pages/,
  'odd/depth/graya16.png': /no transparency/,
  'odd/modern/avif_10bit_hdr_p3.avif': /HDR \((PQ|HLG)\)/,
};
const texts = new Set(['SOURCES.md', 'EXPECTED.txt']);

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

  it.each(names)('%s is refused as a raw photo, not taken for its preview', async (name) => {
    const outcome = await run(join(raws!, name), 20_000);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'unsupported_format' } });
  });
});
