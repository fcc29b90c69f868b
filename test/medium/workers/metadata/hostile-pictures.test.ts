/** Files whose further pictures are broken or lie: the photo is developed all the same, with a warning. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachMetadata } from '../../../../workers/metadata/attach.ts';
import { prepareMetadata } from '../../../../workers/metadata/prepare.ts';
import { readSourceMetadata } from '../../../../workers/metadata/read.ts';
import { develop } from '../../../../workers/pipeline/develop.ts';
import { fitGainMap } from '../../../../workers/pipeline/fit-gain-map.ts';
import { makeImage } from '../../../helpers/images.ts';
import { developTask } from '../../../helpers/tasks.ts';
import { damaged } from '../../../unit/workers/metadata/blocks.ts';
import { type HdrPhoto, indexed, makeHdrPhoto } from './hdr-photo.ts';

const folder = mkdtempSync(join(tmpdir(), 'pb-hostile-pictures-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let item = 0;

async function run(file: Buffer) {
  const path = join(folder, `source-${++item}.jpg`);
  writeFileSync(path, file);
  const task = developTask({ path, folder, item });
  const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
  if (!outcome.ok) throw new Error(outcome.failure.message);
  const made = readFileSync(outcome.output!.path);
  await sharp(made, { failOn: 'warning' }).raw().toBuffer();
  return { made, warnings: outcome.warnings };
}

const brokenMap = 'The HDR gain map is damaged and was not kept.';
const brokenIndex = 'The list of further pictures in the file is damaged; they were not kept.';

describe('a gain map', () => {
  let hdr: HdrPhoto;
  beforeAll(async () => {
    hdr = await makeHdrPhoto();
  });

  it.each<[string, (photo: HdrPhoto) => Buffer]>([
    ['cut off at half', ({ file, map }) => file.subarray(0, file.length - Math.floor(map.length / 2))],
    ['missing altogether', ({ primary }) => primary],
    ['of zeros', ({ primary, map }) => Buffer.concat([primary, Buffer.alloc(map.length)])],
    ['with no pixels behind its header', ({ primary, map }) => Buffer.concat([primary, withoutPixels(map)])],
    ['of noise behind its header', ({ primary, map }) => Buffer.concat([primary, noisy(map)])],
  ])('%s is named as damaged, once', async (_what, spoil) => {
    const { made, warnings } = await run(spoil(hdr));
    expect(warnings).toEqual([brokenMap]);
    expect(made.includes('MPF\0', 0, 'latin1')).toBe(false);
    expect(made.includes('GainMap')).toBe(false);
  });

  it('that claims more pixels than the limit is not decoded', async () => {
    const wide = Buffer.from(hdr.map);
    const frame = wide.indexOf(Buffer.from([0xff, 0xc0]));
    wide.writeUInt16BE(65_000, frame + 5);
    wide.writeUInt16BE(65_000, frame + 7);
    const { warnings } = await run(Buffer.concat([hdr.primary, wide]));
    expect(warnings).toEqual([brokenMap]);
  });
});

/** The header stays; the scan ends at once. */
function withoutPixels(map: Buffer): Buffer {
  const copy = Buffer.from(map);
  return copy.fill(0xd9, map.indexOf(Buffer.from([0xff, 0xda])) + 2);
}

function noisy(map: Buffer): Buffer {
  const copy = Buffer.from(map);
  const from = map.indexOf(Buffer.from([0xff, 0xda])) + 20;
  for (let at = from; at < copy.length - 2; at++) copy[at] = (at * 197) & 0xff;
  return copy;
}

describe('an index of pictures', () => {
  let plain: Buffer;
  let second: Buffer;
  beforeAll(async () => {
    plain = await makeImage({ width: 32, height: 24 });
    second = await makeImage({ width: 8, height: 8 });
  });
  const row = { type: 0, bytes: 100 };

  it.each<[string, { bytes: number; offset: number }]>([
    ['an offset beyond the file', { bytes: 100, offset: 10_000_000 }],
    ['the largest offset and length', { bytes: 0xffffffff, offset: 0xffffffff }],
    ['a length beyond the file', { bytes: 0xfffffff0, offset: 900 }],
    ['a picture of no length', { bytes: 0, offset: 900 }],
    ['itself', { bytes: 200, offset: 0 }],
    ['the first picture', { bytes: 200, offset: 0xffffffff - 7 }],
  ])('with %s is named as damaged', async (_what, { bytes, offset }) => {
    const file = Buffer.concat([indexed(plain, [], [{ type: 0, bytes, offset }], 'MM'), second]);
    expect((await run(file)).warnings).toEqual([brokenIndex]);
  });

  it('with a picture that begins in the file and ends beyond it is named as damaged', async () => {
    const rows = [{ type: 0, bytes: second.length + 1000 }];
    const file = Buffer.concat([indexed(plain, [], rows, 'MM'), second]);
    expect((await run(file)).warnings).toEqual([brokenIndex]);
  });

  it('whose table lies outside of it, whose directory is itself, or of a huge count, is named as damaged', async () => {
    const whole = Buffer.concat([indexed(plain, [], [row], 'MM'), second]);
    const base = whole.indexOf('MPF\0', 0, 'latin1') + 4;
    const spoilt = (change: (file: Buffer) => void) => {
      const copy = Buffer.from(whole);
      change(copy);
      return copy;
    };
    const hostile = [
      spoilt((file) => file.writeUInt32BE(0xfffffff0, base + 42)),
      spoilt((file) => file.writeUInt32BE(0, base + 4)),
      spoilt((file) => file.writeUInt32BE(0xffffffff, base + 38)),
      spoilt((file) => file.writeUInt32BE(0xffffffff, base + 30)),
    ];
    for (const file of hostile) expect((await run(file)).warnings[0]).toBe(brokenIndex);
  });

  it('whose next directory is itself is read once', async () => {
    const file = Buffer.concat([
      indexed(plain, [], [{ type: 0x010001, bytes: second.length }], 'MM'),
      second,
    ]);
    file.writeUInt32BE(8, file.indexOf('MPF\0', 0, 'latin1') + 4 + 46);
    expect((await run(file)).warnings).toEqual(['The large previews in the file were not kept.']);
  });

  it('that names one picture thousands of times costs no more than a few', () => {
    const rows = Array.from({ length: 4000 }, () => ({ type: 0, bytes: second.length, offset: 0x10000 }));
    const first = indexed(plain, [], rows, 'MM');
    const at = first.indexOf('MPF\0', 0, 'latin1') + 4 + 0x10000;
    const file = Buffer.alloc(Math.max(at + second.length, first.length));
    first.copy(file);
    second.copy(file, at);
    expect(readSourceMetadata(file, {}).warnings).toEqual([
      brokenIndex,
      'Only the first of several pictures in the file was kept.',
    ]);
  });
});

describe('any damage to a photo with a gain map', () => {
  it('never throws: what is read can be prepared, fitted and attached', async () => {
    const { file } = await makeHdrPhoto({ width: 40, height: 30, orientation: 6 });
    const encoded = await makeImage({ width: 30, height: 40 });
    await fc.assert(
      fc.asyncProperty(damaged(file), fc.integer({ min: 1, max: 8 }), async (bytes, orientation) => {
        const found = readSourceMetadata(bytes, {});
        const size = { width: 30, height: 40 };
        const blocks = prepareMetadata(found, { policy: 'keep', ...size, colour: 'srgb' });
        const fit = { format: 'jpeg', orientation, size, look: null, maxPixels: 1e6 } as const;
        const { gainMap } = await fitGainMap(blocks.gainMap, fit);
        const { pieces } = attachMetadata({ encoded, format: 'jpeg', blocks, icc: null, gainMap });
        await sharp(Buffer.concat(pieces)).raw().toBuffer();
      }),
      { numRuns: 100 },
    );
  });
});
