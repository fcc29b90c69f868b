/** What a HEIC photo carries beside its picture: colours by code points, auxiliary pictures, XMP. Made by heif-enc. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../../workers/engines/programs/find-program.ts';
import { associate } from '../../../../workers/metadata/avif-items.ts';
import { box, readBoxes } from '../../../../workers/metadata/isobmff.ts';
import { develop } from '../../../../workers/pipeline/develop.ts';
import { encode, makePixels } from '../../../helpers/images.ts';
import { developTask, type TaskOptions } from '../../../helpers/tasks.ts';
import { readTags, writeTags } from './exiftool.ts';

const encoder = findProgram('heif-enc');
if (encoder === null && process.env.CI) throw new Error('heif-enc is missing');
if (encoder === null) console.log('skipped: heif-enc is not installed');

const folder = mkdtempSync(join(tmpdir(), 'pb-heic-extras-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let item = 0;

async function makeHeic(channels: 3 | 4): Promise<string> {
  const png = join(folder, `${++item}.png`);
  const heic = join(folder, `${item}.heic`);
  writeFileSync(png, await encode(makePixels({ width: 96, height: 64, channels }), { format: 'png' }));
  await promisify(execFile)(encoder ?? '', ['-q', '95', png, '-o', heic]);
  return heic;
}

async function run(path: string, output: TaskOptions['output'] = {}) {
  const task = developTask({ path, folder, item: ++item, output });
  const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return { path: outcome.output!.path, warnings: outcome.warnings };
}

type Change = (type: string, body: Buffer) => Buffer | null;

/** Rewrites boxes inside of `meta`; what heif-enc put behind it moves by as much as that grew. */
function rewrite(path: string, change: Change): void {
  const file = readFileSync(path);
  const withShift = (shift: number) =>
    readBoxes(file)!.map(({ type, payload, start, end }) => {
      if (type !== 'meta') return file.subarray(start, end);
      return box('meta', payload.subarray(0, 4), ...inner(payload.subarray(4), change, shift));
    });
  const grown = Buffer.concat(withShift(0)).length - file.length;
  writeFileSync(path, Buffer.concat(withShift(grown)));
}

function inner(payload: Buffer, change: Change, shift: number): Buffer[] {
  return readBoxes(payload)!.map(({ type, payload: body }) => {
    const own = type === 'iprp' || type === 'ipco' ? Buffer.concat(inner(body, change, shift)) : body;
    if (type !== 'iloc') return box(type, change(type, own) ?? own);
    // heif-enc writes version 0: items of 18 bytes, each with its base offset 4 bytes in.
    const moved = Buffer.from(body);
    for (let at = 8; at < moved.length; at += 18) {
      moved.writeUInt32BE(moved.readUInt32BE(at + 4) + shift, at + 4);
    }
    return box(type, moved);
  });
}

/** The picture that heif-enc made of the transparency, as one of another use. */
async function makeAuxiliary(urn: string): Promise<string> {
  const path = await makeHeic(4);
  rewrite(path, (type, body) =>
    type === 'auxC'
      ? Buffer.from(body.toString('latin1').replace('urn:mpeg:hevc:2015:auxid:1', urn), 'latin1')
      : null,
  );
  return path;
}

/** H.273 code points of the primaries and the tone curve, for the first picture. */
async function makeColoured(primaries: number, transfer: number): Promise<string> {
  const path = await makeHeic(3);
  let count = 0;
  rewrite(path, (type, body) => {
    if (type === 'ipco') {
      const property = Buffer.from([0, primaries, 0, transfer, 0, 6, 0x80]);
      count = readBoxes(body)!.length + 1;
      return Buffer.concat([body, box('colr', Buffer.from('nclx', 'latin1'), property)]);
    }
    return type === 'ipma' ? associate(body, 1, count) : null;
  });
  return path;
}

describe.skipIf(encoder === null)('a HEIC photo', () => {
  it.each([
    [
      'urn:com:apple:photo:2020:aux:hdrgainmap',
      'The HDR gain map was not kept: it is carried over only from JPEG to JPEG.',
    ],
    ['urn:mpeg:hevc:2015:auxid:2', 'The depth map was not kept.'],
    [
      'urn:com:apple:photo:2018:aux:portraiteffectsmatte',
      'The masks of parts of the photo (mattes) were not kept.',
    ],
    [
      'urn:com:apple:photo:2019:aux:semanticskinmatte',
      'The masks of parts of the photo (mattes) were not kept.',
    ],
  ])('with an auxiliary picture %s is named to have lost it, only under keep', async (urn, sentence) => {
    const path = await makeAuxiliary(urn);
    for (const format of ['jpeg', 'avif'] as const)
      expect((await run(path, { format })).warnings).toEqual([sentence]);
    for (const metadata of ['strip', 'copyright'] as const) {
      expect((await run(path, { metadata })).warnings).toEqual([]);
    }
  });

  it('in the colours of Display P3 by code points alone is converted, or keeps them', async () => {
    const path = await makeColoured(12, 13);
    const plain = await makeHeic(3);
    const [converted, kept, asIs] = [
      await run(path, { format: 'png' }),
      await run(path, { format: 'png', colour: 'keep' }),
      await run(plain, { format: 'png' }),
    ];
    const pixels = (file: string) => sharp(readFileSync(file), { ignoreIcc: true }).raw().toBuffer();
    expect((await pixels(kept.path)).equals(await pixels(asIs.path))).toBe(true);
    const reference = await sharp(readFileSync(kept.path)).toColourspace('srgb').raw().toBuffer();
    const made = await pixels(converted.path);
    const worst = made.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(3);
    expect(made.equals(await pixels(kept.path))).toBe(false);
    const tags = await readTags(kept.path, converted.path);
    expect(tags.get(kept.path)?.['ICC_Profile:ProfileDescription']).toBe('Display P3');
    expect(tags.get(converted.path)?.['ICC_Profile:ProfileDescription']).toBe('sRGB');
    expect(kept.warnings).toEqual([]);
  });

  it.each([
    ['HDR (PQ)', 9, 16],
    ['HDR (HLG)', 9, 18],
    ['a wide gamut', 9, 1],
  ] as const)('in %s by code points is told to be approximate', async (what, primaries, transfer) => {
    expect((await run(await makeColoured(primaries, transfer))).warnings).toEqual([
      `The photo is in ${what} and was read as sRGB: its colours are approximate.`,
    ]);
  });

  it('keeps XMP and EXIF that another program put into it', async () => {
    const path = await makeHeic(3);
    await writeTags(
      ['-XMP-dc:Title=Ein Feld', '-XMP-xmp:Rating=3', '-EXIF:Model=Acme', '-XMP-GCamera:MotionPhoto=1'],
      path,
    );
    const made = await run(path);
    expect(made.warnings).toEqual(['The video of the motion photo was not kept.']);
    expect((await readTags(made.path)).get(made.path)).toMatchObject({
      'XMP-dc:Title': 'Ein Feld',
      'XMP-xmp:Rating': 3,
      'IFD0:Model': 'Acme',
    });
  });
});
