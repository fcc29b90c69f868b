/** Raw photos through every engine: whole pictures the right way up, the metadata of the camera, and no wrong picture called done. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RawEngine } from '../../../../bridge/contract/settings.ts';
import { findProgram } from '../../../../workers/engines/programs/find-program.ts';
import { develop as developNow } from '../../../../workers/pipeline/develop.ts';
import type { OnSize } from '../../../../workers/pipeline/picture.ts';
import { proof } from '../../../../workers/pipeline/proof.ts';
import { makeImage } from '../../../helpers/images.ts';
import { isStripped } from '../../../helpers/refused-photos.ts';
import { sharedFolder } from '../../../helpers/shared-files.ts';
import { developTask, proofTask } from '../../../helpers/tasks.ts';
import { readTags } from '../metadata/exiftool.ts';

const raws = sharedFolder('raw');
const names =
  raws === null ? [] : readdirSync(raws).filter((name) => !name.endsWith('.md') && !isStripped(name));
const root = mkdtempSync(join(tmpdir(), 'pb-raw-test-'));
const realPath = process.env.PATH;
const dng = raws === null ? '' : join(raws, 'synthetic-2mp.dng');
const turned = raws === null ? '' : join(raws, 'synthetic-12mp-orient6.dng');
let item = 0;

afterAll(() => rm(root, { recursive: true, force: true }));

async function run(path: string, raw_engine: RawEngine, develop = developNow) {
  const task = developTask({ path, folder: root, item: ++item, output: { long_edge: 512 } });
  const sizes: [number, number | undefined][] = [];
  const onSize: OnSize = (megapixels, more) => void sizes.push([megapixels, more?.extraSeconds]);
  const outcome = await develop({ ...task, raw_engine }, { look: null, onSize, mayWrite: () => true });
  return { outcome, sizes };
}

/** Mean difference of two pictures, 0..255, over a small version of each: exposure and all. */
async function difference(one: Buffer, other: Buffer): Promise<number> {
  const small = (from: Buffer) =>
    sharp(from)
      .autoOrient()
      .resize(64, 64, { fit: 'fill' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  const [a, b] = [await small(one), await small(other)];
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

/** The camera's own preview of the synthetic photos is the picture they were made from. */
async function previewOf(path: string): Promise<Buffer> {
  const answer = await proof(proofTask(path, { long_edge: 512 }), { look: null, onSize: () => undefined });
  if (!answer.ok) throw new Error(answer.failure.message);
  return Buffer.from(answer.jpeg);
}

describe.skipIf(raws === null)('LibRaw', () => {
  it.each(names)('develops %s', async (name) => {
    const { outcome } = await run(join(raws!, name), 'libraw');
    expect(outcome).toMatchObject({
      ok: true,
      engine: expect.stringMatching(/^libraw-wasm \d/),
      warnings: [],
    });
  });

  it('applies the orientation once, and keeps the tones of the picture', async () => {
    for (const [path, shape] of [
      [dng, [512, 341]],
      [turned, [341, 512]],
    ] as const) {
      const { outcome } = await run(path, 'libraw');
      const output = outcome.ok ? outcome.output : undefined;
      expect([output?.width, output?.height]).toEqual(shape);
      expect(await difference(readFileSync(output!.path), await previewOf(path))).toBeLessThan(25);
    }
  });

  it('hands over 16 bits', async () => {
    const output = { format: 'tiff', bit_depth: 16 } as const;
    const task = developTask({ path: dng, folder: root, item: ++item, name: 'deep.tif', output });
    const options = { look: null, onSize: () => undefined, mayWrite: () => true };
    await developNow({ ...task, raw_engine: 'libraw' }, options);
    const file = readFileSync(join(root, 'deep.tif'));
    const header = await sharp(file).metadata();
    expect(header).toMatchObject({ depth: 'ushort', width: 1800, height: 1198 });
    const { data } = await sharp(file).raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
    const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
    expect(values.some((value) => value % 257 !== 0)).toBe(true);
  });

  it('takes the photo for what its bytes are, not for what its name says', async () => {
    const jpeg = join(root, 'photo.nef');
    writeFileSync(jpeg, await makeImage({ width: 64, height: 48, format: 'jpeg' }));
    expect((await run(jpeg, 'libraw')).outcome).toMatchObject({ ok: true, engine: 'sharp' });
    const raw = join(root, 'photo.jpg');
    writeFileSync(raw, readFileSync(dng));
    expect((await run(raw, 'libraw')).outcome).toMatchObject({ ok: true, engine: /libraw/ });
  });

  it('keeps what the camera wrote of the photo', async () => {
    const { outcome } = await run(join(raws!, 'Canon-PowerShot-G2-CRW_0305.CRW'), 'libraw');
    const path = outcome.ok ? outcome.output!.path : '';
    expect((await readTags(path)).get(path)).toMatchObject({
      'IFD0:Make': 'Canon',
      'IFD0:Model': 'Canon PowerShot G2',
      'IFD0:Orientation': 1,
      'ExifIFD:DateTimeOriginal': expect.stringMatching(/^20\d\d:/),
    });
  });

  it('calls a raw photo damaged whose data were overwritten, or finds no fault in it', async () => {
    const file = Buffer.from(readFileSync(join(raws!, 'Kodak-DC0009L.KDC')));
    file.fill(0, 19_800);
    const path = join(root, 'zeroes.kdc');
    writeFileSync(path, file);
    expect((await run(path, 'libraw')).outcome).toMatchObject({
      ok: false,
      failure: { code: 'damaged_image' },
    });
  });
});

describe.skipIf(raws === null)('the embedded preview', () => {
  it('is used when it is asked for, upright, and says so', async () => {
    const { outcome } = await run(turned, 'preview');
    expect(outcome).toMatchObject({
      ok: true,
      engine: 'preview',
      output: { width: 342, height: 512 },
      warnings: [expect.stringMatching(/not developed: .* 683 x 1024 preview/)],
    });
  });

  it('is what a thumbnail is made of, when it is large enough', async () => {
    for (const long_edge of [256, 1024, 1200]) {
      const answer = await proof(proofTask(turned, { long_edge }), { look: null, onSize: () => undefined });
      expect(answer).toMatchObject({ ok: true, height: long_edge });
    }
  });
});

describe.skipIf(raws === null)('an installed program', () => {
  const bin = join(root, 'bin');
  const log = join(root, 'program.json');
  const program = `#!${process.execPath}
    const fs = require('node:fs');
    const args = process.argv.slice(2);
    if (args.includes('--version')) return void console.log('this is darktable 9.9.1');
    fs.writeFileSync(${JSON.stringify(log)}, JSON.stringify({ args, env: process.env, cwd: process.cwd(), pid: process.pid }));
    const [behaviour, answer] = fs.readFileSync(${JSON.stringify(join(root, 'behaviour'))}, 'utf8').split('\\n');
    if (behaviour === 'fail') { console.error('error: cannot read this camera'); process.exit(1); }
    if (behaviour === 'hang') return void setInterval(() => {}, 1000);
    if (behaviour !== 'nothing') fs.copyFileSync(answer, args[1]);
  `;
  const behave = (behaviour: string, answer = '') =>
    writeFileSync(join(root, 'behaviour'), `${behaviour}\n${answer}`);
  const picture = async (name: string, width: number, height: number, colour?: string) => {
    const path = join(root, name);
    const image = colour
      ? sharp({ create: { width, height, channels: 3, background: colour } })
      : sharp(await makeImage({ width, height, format: 'png' }));
    await image.tiff().toFile(path);
    return path;
  };
  const leftOvers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('photo-bridge-raw-'));
  let develop = developNow;

  beforeAll(async () => {
    mkdirSync(bin);
    writeFileSync(join(bin, 'darktable-cli'), program);
    chmodSync(join(bin, 'darktable-cli'), 0o755);
    process.env.PATH = bin;
    // What is installed is looked for once.
    vi.resetModules();
    ({ develop } = await import('../../../../workers/pipeline/develop.ts'));
  });
  afterAll(() => {
    process.env.PATH = realPath;
  });
  afterEach(() => {
    expect(leftOvers().filter((name) => existsSync(join(tmpdir(), name, 'photo.dng')))).toEqual([]);
  });

  it('develops the photo, under a name and in a home of its own', async () => {
    behave('good', await picture('good.tif', 1790, 1190));
    const { outcome, sizes } = await run(dng, 'auto', develop);
    expect(outcome).toMatchObject({ ok: true, engine: 'darktable 9.9.1', warnings: [] });
    const { args, env, cwd } = JSON.parse(readFileSync(log, 'utf8'));
    expect(args.slice(0, 2)).toEqual([join(cwd, 'photo.dng'), join(cwd, 'developed.tif')]);
    expect(args.join(' ')).toContain('--library :memory:');
    expect([env.HOME, env.XDG_CONFIG_HOME, env.RT_SETTINGS]).toEqual([cwd, cwd, cwd]);
    expect(existsSync(cwd)).toBe(false);
    // It may take longer than a photo of that size usually does.
    expect(sizes.some(([, extra]) => (extra ?? 0) > 60)).toBe(true);
  });

  it.each([
    ['fail', '', /did not develop it \(error: cannot read this camera\)/],
    ['nothing', '', /did not develop it \(exit code 0, no picture\)/],
    ['black', 'black.tif', /came out as one plain colour/],
    ['white', 'white.tif', /came out as one plain colour/],
    ['thumbnail', 'thumbnail.tif', /came out as 256 x 170 pixels/],
    ['squashed', 'squashed.tif', /came out as 1198 x 1198 pixels/],
  ])(
    'whose answer is no photo (%s) gives way to the next engine, with a warning',
    async (behaviour, answer, told) => {
      await picture('black.tif', 1800, 1198, '#000');
      await picture('white.tif', 1800, 1198, '#fff');
      await picture('thumbnail.tif', 256, 170);
      await picture('squashed.tif', 1198, 1198);
      behave(behaviour, join(root, answer));
      const { outcome } = await run(dng, 'auto', develop);
      expect(outcome).toMatchObject({ ok: true, engine: expect.stringMatching(/^libraw/) });
      expect(outcome.ok && outcome.warnings.join()).toMatch(told);
    },
  );

  it('that is asked for and not installed is told, and the others are tried', async () => {
    behave('good', await picture('good.tif', 1790, 1190));
    const { outcome } = await run(dng, 'rawtherapee', develop);
    expect(outcome).toMatchObject({ ok: true, engine: 'darktable 9.9.1' });
    expect(outcome.ok && outcome.warnings.join()).toMatch(/RawTherapee is not installed/);
  });

  it('ends with the thread that wanted the picture, and its folder goes', async () => {
    behave('hang');
    await rm(log, { force: true });
    const script = fileURLToPath(new URL('../../../fixtures/develop-thread.ts', import.meta.url));
    const task = developTask({ path: dng, folder: root, item: ++item });
    const thread = new Worker(script, { workerData: task });
    while (!existsSync(log) || readFileSync(log, 'utf8') === '') await new Promise((r) => setTimeout(r, 20));
    const { pid, cwd } = JSON.parse(readFileSync(log, 'utf8'));
    await thread.terminate();
    const isGone = () => !existsSync(cwd) && !existsSync(`/proc/${pid}`);
    while (!isGone()) await new Promise((r) => setTimeout(r, 20));
  });
});

describe.each([
  ['darktable', 'darktable-cli', /^darktable \d/],
  ['rawtherapee', 'rawtherapee-cli', /^RawTherapee \d/],
] as const)('%s, as installed', (engine, command, name) => {
  const isThere = findProgram(command) !== null;
  if (!isThere) console.log(`skipped: ${command} is not installed`);

  it.skipIf(!isThere || raws === null)('develops a raw photo the right way up, in its tones', async () => {
    for (const path of [dng, turned]) {
      const { outcome } = await run(path, engine);
      expect(outcome).toMatchObject({ ok: true, engine: expect.stringMatching(name), warnings: [] });
      const output = outcome.ok ? outcome.output : undefined;
      expect(await difference(readFileSync(output!.path), await previewOf(path))).toBeLessThan(40);
      expect((output?.height ?? 0) > (output?.width ?? 0)).toBe(path === turned);
    }
  });
});
