/** The structure of raw files: what it tells of the samples, and that no damage of it goes unseen or throws. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPreview, readFrame } from '../../../../workers/engines/raw-file/jpeg-place.ts';
import { readRawFile } from '../../../../workers/engines/raw-file/read-raw-file.ts';
import { sniffFormat } from '../../../../workers/sniff/sniff-format.ts';
import type { RawFamily } from '../../../../workers/sniff/sniffed.ts';
import { makeImage } from '../../../helpers/images.ts';
import { isStripped } from '../../../helpers/refused-photos.ts';
import { sharedFolder } from '../../../helpers/shared-files.ts';

const raws = sharedFolder('raw');
const names = raws === null ? [] : readdirSync(raws).filter((name) => !name.endsWith('.md'));
const load = (name: string) => readFileSync(join(raws!, name));
const read = (file: Buffer) => {
  const sniffed = sniffFormat(file);
  if (sniffed.kind !== 'raw') throw new Error(`taken for ${sniffed.kind}`);
  return readRawFile(file, sniffed.family);
};

/** Pixels as stored, orientation, the largest preview. */
const expected: Readonly<Record<string, [string, number, string]>> = {
  'Canon-PowerShot-G2-CRW_0305.CRW': ['2272x1704', 1, '640x480'],
  'Canon-PowerShot-S40-CRW_0104.CRW': ['2272x1704', 1, '640x480'],
  'Kodak-DC0009L.KDC': ['756x504', 1, ''],
  'Kodak-P003908.KDC': ['1280x960', 1, ''],
  'Kodak-P003911.KDC': ['1280x960', 1, ''],
  'exiftool-stripped-CanonRaw.cr3': ['6288x4056', 1, ''],
  'exiftool-stripped-DNG.dng': ['3516x2328', 1, ''],
  'exiftool-stripped-FujiFilm.raf': ['4256x2848', 1, '8x8'],
  'exiftool-stripped-Nikon.nef': ['3040x2014', 1, ''],
  'exiftool-stripped-Panasonic.rw2': ['3648x2736', 1, '8x8'],
  'synthetic-12mp-orient6.dng': ['4000x2666', 6, '1024x683'],
  'synthetic-2mp.dng': ['1800x1198', 1, '1024x682'],
};

describe.skipIf(raws === null)('the structure of a raw file', () => {
  const size = (of: { width: number; height: number } | null | undefined) =>
    of ? `${of.width}x${of.height}` : '';

  it.each(Object.entries(expected))('tells of %s', (name, facts) => {
    const raw = read(load(name));
    expect([size(raw.size), raw.orientation, size(raw.previews[0])]).toEqual(facts);
  });

  it.each(names)('finds %s whole, or its picture data missing', (name) => {
    const { fault } = read(load(name));
    if (isStripped(name)) expect(fault).toMatch(/picture data/);
    else expect(fault).toBeNull();
  });

  it.each(names.filter((name) => !isStripped(name)))('finds %s cut short, wherever it is cut', (name) => {
    const file = load(name);
    for (const share of [0.02, 0.3, 0.7, 0.95, 0.9999]) {
      const cut = file.subarray(0, Math.floor(file.length * share));
      // Without its directory it may not even be known for a raw file: then it is nothing that is developed.
      const { kind } = sniffFormat(cut);
      if (kind === 'raw') expect(read(cut).fault, `${share}`).not.toBeNull();
    }
  });

  it('has EXIF of the containers that are no TIFF', () => {
    for (const name of names.filter((wanted) => /\.(crw|cr3|raf|rw2)$/i.test(wanted))) {
      expect(read(load(name)).blocks.exif?.toString('latin1'), name).toMatch(/Canon|FUJIFILM|Panasonic/);
    }
  });

  it('never throws on damaged bytes, and never points outside of the file', () => {
    const heads = names.map((name) => load(name).subarray(0, 60_000));
    const families: RawFamily[] = ['tiff', 'orf', 'rw2', 'raf', 'crw', 'cr3', 'mrw', 'x3f'];
    const change = fc.tuple(fc.nat(60_000), fc.integer({ min: 0, max: 255 }));
    const cases = [fc.nat(heads.length - 1), fc.constantFrom(...families), fc.array(change)] as const;
    fc.assert(
      fc.property(...cases, (index, family, changes) => {
        const file = Buffer.from(heads[index]!);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        const raw = readRawFile(file, family);
        for (const { start, end } of raw.previews) expect(start < end && end <= file.length).toBe(true);
        expect(raw.orientation).toBeGreaterThanOrEqual(1);
        expect(raw.orientation).toBeLessThanOrEqual(8);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a JPEG inside another file', () => {
  it('is found where it lies, with the size of its own header', async () => {
    const jpeg = await makeImage({ width: 120, height: 80, format: 'jpeg' });
    const file = Buffer.concat([Buffer.alloc(33, 0xff), jpeg, Buffer.alloc(9)]);
    const preview = { start: 33, end: 33 + jpeg.length, width: 120, height: 80 };
    expect(findPreview(file, 33, jpeg.length)).toEqual(preview);
    expect(findPreview(file, 32, jpeg.length)).toBeNull();
    expect(findPreview(file, 33, file.length)).toBeNull();
    expect(findPreview(file, -1, 10)).toBeNull();
  });

  it('is no preview when it is the lossless kind of raw data', async () => {
    const jpeg = Buffer.from(await makeImage({ width: 16, height: 16, format: 'jpeg' }));
    const frame = jpeg.indexOf('\xff\xc0', 0, 'latin1');
    jpeg[frame + 1] = 0xc3;
    expect(readFrame(jpeg, 0, jpeg.length)).toMatchObject({ width: 16, isPhoto: false });
    expect(findPreview(jpeg, 0, jpeg.length)).toBeNull();
  });
});
