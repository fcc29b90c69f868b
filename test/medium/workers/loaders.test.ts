/** Which files libvips may be given: held against every loader that is built into the library here. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import plain from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImage } from '../../helpers/images.ts';

const allowed = ['Heif', 'Jpeg', 'Png', 'Tiff', 'Webp'];
/** In this build and refused; a new one has to be thought about. */
const blocked = ['Csv', 'Matrix', 'Nsgif', 'Raw', 'Svg', 'Uhdr', 'Vips'];
/** Named in the library's own lists of what it does not trust, but not built in. */
const absent = ['Jp2k', 'Openslide', 'Pdf'];

function libraryFile(): string | null {
  const require = createRequire(createRequire(import.meta.url).resolve('sharp'));
  for (const system of ['linux', 'linuxmusl', 'darwin']) {
    try {
      const folder = dirname(require.resolve(`@img/sharp-libvips-${system}-${process.arch}/package`));
      const found = readdirSync(join(folder, 'lib')).find((name) => /^libvips-cpp/.test(name));
      if (found !== undefined) return join(folder, 'lib', found);
    } catch {}
  }
  return null;
}

const library = libraryFile();
let folder = '';
let kinds: Record<string, Buffer> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-loaders-'));
  // Made and kept by a sharp on which nothing is blocked yet.
  const jpeg = await makeImage({ width: 32, height: 24 });
  const vips = join(folder, 'made.v');
  await plain(jpeg).toFile(vips);
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const header = Buffer.alloc(6);
  kinds = {
    'photo.gif': await plain(jpeg).gif().toBuffer(),
    'photo.svg': Buffer.from(svg),
    'photo.svgz': gzipSync(svg),
    'photo.v': readFileSync(vips),
    'photo.csv': Buffer.from('1,2,3\n4,5,6\n'),
    'photo.mat': Buffer.from('2 2\n1 2\n3 4\n'),
    'photo.ppm': Buffer.from('P6 1 1 255\nabc'),
    'photo.pdf': Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n'),
    'photo.hdr': Buffer.from('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\nabcd'),
    'photo.fits': Buffer.from('SIMPLE  =                    T'.padEnd(2880)),
    'photo.jp2': Buffer.concat([Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), header]),
    'photo.jxl': Buffer.from('\xff\x0a\0\0\0', 'latin1'),
    'photo.bmp': Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]),
    'photo.ico': Buffer.from('\0\0\x01\0\x01\0', 'latin1'),
    'photo.exr': Buffer.concat([Buffer.from('\x76\x2f\x31\x01', 'latin1'), Buffer.alloc(20)]),
    'photo.nii': deflateSync(Buffer.alloc(400)),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.runIf(library !== null)('the library of this build', () => {
  it('has no loader that nobody has thought about', () => {
    const names = readFileSync(library ?? '', 'latin1').matchAll(/VipsForeignLoad([A-Z]\w+)/g);
    const bases = new Set([...names].map(([, name = '']) => name.replace(/(Buffer|File|Source)$/, '')));
    // Names in the library's text may run into one another.
    const known = [...allowed, ...blocked, ...absent];
    expect([...bases].filter((name) => !known.includes(name))).toEqual([]);
    for (const name of [...allowed, ...blocked]) expect(bases, name).toContain(name);
  });

  it('offers of them only the known formats to sharp', () => {
    const offered = Object.entries(plain.format).flatMap(([name, { input }]) =>
      input.buffer || input.file || input.stream ? [name] : [],
    );
    expect(offered.sort()).toEqual(['gif', 'heif', 'jpeg', 'png', 'raw', 'svg', 'tiff', 'vips', 'webp']);
  });
});

describe('the decoder of the render host', () => {
  it('reads the five formats from memory, and nothing else, from memory or from a file', async () => {
    // Before the list is in force some of the others can be read: the files are good ones.
    expect((await plain(kinds['photo.svg']).metadata()).format).toBe('svg');
    expect((await plain(kinds['photo.gif']).metadata()).format).toBe('gif');
    const { sharp } = await import('../../../workers/pipeline/sharp-setup.ts');
    for (const format of ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const) {
      const bytes = await makeImage({ width: 32, height: 24, format });
      expect((await sharp(bytes).raw().toBuffer()).length, format).toBeGreaterThan(2000);
      const path = join(folder, `good.${format}`);
      await writeFile(path, bytes);
      await expect(sharp(path).metadata(), `${format} by its path`).rejects.toThrow(/unsupported|missing/i);
    }
    for (const [name, bytes] of Object.entries(kinds)) {
      await expect(sharp(bytes).metadata(), name).rejects.toThrow(/unsupported/i);
      const path = join(folder, name);
      await writeFile(path, bytes);
      await expect(sharp(path).metadata(), `${name} by its path`).rejects.toThrow(/unsupported|missing/i);
    }
  });

  it('is the only way to sharp for whatever reads a photo', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const importing = ['bridge', 'workers'].flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(top, name))
        .filter((name) =>
          /(^import (?!type).*|import\(|require\()'sharp'/m.test(readFileSync(join(root, name), 'utf8')),
        ),
    );
    // The others make pictures of their own, or join what the render host has made.
    expect(importing.filter((name) => !/^workers.(compare|demo)./.test(name))).toEqual([
      join('workers', 'pipeline', 'sharp-setup.ts'),
    ]);
  });
});
