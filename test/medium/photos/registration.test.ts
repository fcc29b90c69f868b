import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPhotoSource } from '../../../bridge/photos/registration.ts';
import { jpegBytes, openTempLibrary, type TempLibrary } from './temp-library.ts';

let library: TempLibrary;
beforeEach(async () => {
  library = await openTempLibrary();
});
afterEach(() => library.remove());

const reasonOf = async (path: string) => {
  const [result] = await library.registration.check([path]);
  return result?.ok ? null : result?.reason;
};

describe('what can be registered', () => {
  it('is the same photo by every way that leads to it', async () => {
    const path = library.photo('a/one.jpg');
    symlinkSync(join(library.root, 'a'), join(library.root, 'linked-folder'));
    symlinkSync(path, join(library.root, 'linked.jpg'));
    const ways = [
      path,
      join(library.root, 'linked-folder/one.jpg'),
      join(library.root, 'linked.jpg'),
      `${library.root}/a/../a//./one.jpg`,
    ];
    const { photos } = await library.registration.addPaths(ways, 'all');
    expect(photos.map(({ id }) => id)).toEqual([1, 1, 1, 1]);
    expect(new Set(photos.map((photo) => photo.path))).toEqual(new Set([path]));
    linkSync(path, join(library.root, 'hard.jpg'));
    const hard = await library.registration.addPaths([join(library.root, 'hard.jpg')], 'all');
    expect(hard.photos[0]?.id).toBe(2);
  });

  it('is a damaged photo too, but no text, no empty file and nothing relative', async () => {
    const path = library.photo('half.jpg');
    expect(await reasonOf(path)).toBeNull();
    writeFileSync(join(library.root, 'text.jpg'), 'this is not a jpeg');
    writeFileSync(join(library.root, 'empty.jpg'), '');
    expect(await reasonOf(join(library.root, 'text.jpg'))).toContain('no image');
    expect(await reasonOf(join(library.root, 'empty.jpg'))).toContain('empty');
    expect(await reasonOf('half.jpg')).toContain('absolute path');
    expect(await reasonOf('')).toContain('absolute path');
    expect(await reasonOf(join(library.root, 'none.jpg'))).toContain('does not exist');
    expect(await reasonOf(`${path}/x.jpg`)).toContain('does not exist');
    expect(await reasonOf(`${path}\0.jpg`)).toContain('NUL');
    expect(await reasonOf(library.root)).toContain('folder');
    symlinkSync(join(library.root, 'loop.jpg'), join(library.root, 'loop.jpg'));
    expect(await reasonOf(join(library.root, 'loop.jpg'))).toContain('loop');
    expect(await reasonOf('/dev/null')).toContain('device');
  });

  it('is never a pipe or a socket, and asking does not hang', async () => {
    const pipe = join(library.root, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    symlinkSync(pipe, join(library.root, 'to-pipe.jpg'));
    expect(await reasonOf(pipe)).toContain('pipe');
    expect(await reasonOf(join(library.root, 'to-pipe.jpg'))).toContain('pipe');
    const socket = join(library.root, 's.jpg');
    const server = createServer();
    await new Promise<void>((done) => server.listen(socket, done));
    expect(await reasonOf(socket)).toContain('socket');
    await new Promise((done) => server.close(done));
    const found = await library.registration.addFolder({ folder: library.root, recursive: true });
    expect(found.photos).toEqual([]);
  });

  const shared = resolve(import.meta.dirname, '../../../../shared');
  if (!existsSync(shared)) {
    console.log('skipped: no shared photos');
    it.runIf(process.env.CI)('needs the shared photos', () => expect(existsSync(shared)).toBe(true));
  }
  it.runIf(existsSync(shared))(
    'is every real photo, RAW and odd file but those that are no image',
    async () => {
      const paths = ['photos', 'raw'].flatMap((folder) =>
        readdirSync(join(shared, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name)),
      );
      expect(paths.length).toBeGreaterThan(100);
      const { refused, photos } = await library.registration.addPaths(paths, 'good');
      expect(refused.map(({ path }) => relative(shared, path)).sort()).toEqual([
        'photos/EXPECTED.txt',
        'photos/SOURCES.md',
        'photos/odd/made/empty.jpg',
        'photos/odd/made/one_byte.png',
        'photos/odd/made/svg_external_ref_huge.svg',
        'photos/odd/made/text_named.jpg',
        'raw/SOURCES.md',
      ]);
      expect(photos.length + refused.length).toBe(paths.length);
    },
  );
});

describe('the photo source of the engine', () => {
  it('answers in order, with reasons in place of bad paths', async () => {
    const source = createPhotoSource(library.catalog, library.registration);
    const one = library.photo('one.jpg');
    const two = library.photo('two.jpg');
    const answers = await source.register([two, 'relative.jpg', one, two]);
    expect(answers).toEqual([1, { path: 'relative.jpg', reason: expect.stringContaining('absolute') }, 2, 1]);
    expect([source.has(2), source.has(3)]).toEqual([true, false]);
    expect([await source.path(2), await source.path(3)]).toEqual([one, null]);
    await library.reopen();
    const again = createPhotoSource(library.catalog, library.registration);
    expect(await again.register([one, two])).toEqual([2, 1]);
  });

  it('that cannot be checked gets an id when asked for unchecked; a relative one never does', async () => {
    const source = createPhotoSource(library.catalog, library.registration);
    const good = library.photo('good.jpg');
    const missing = join(library.root, 'missing.jpg');
    const wanted = ['relative.jpg', missing, good, missing];
    const [relativeOne, ...ids] = await source.register(wanted, { unchecked: true });
    expect(relativeOne).toMatchObject({ path: 'relative.jpg', reason: expect.stringContaining('relative') });
    expect(ids).toEqual([1, 2, 1]);
    expect(await source.path(1)).toBe(missing);
    expect(await source.register([missing])).toMatchObject([{ path: missing }]);
  });

  it('keeps the id of a photo whose content changed', async () => {
    const source = createPhotoSource(library.catalog, library.registration);
    const path = library.photo('one.jpg', 'before');
    expect(await source.register([path])).toEqual([1]);
    writeFileSync(`${path}.new`, jpegBytes('after, saved by an editor'));
    renameSync(`${path}.new`, path);
    expect(await source.register([path])).toEqual([1]);
  });
});

describe('registering a folder', () => {
  it('takes images only, in name order, without hidden files, and survives loops of links', async () => {
    for (const name of ['b/IMG_10.jpg', 'b/IMG_2.JPG', 'a.jpg', '.hidden.jpg', '.hide/x.jpg', 'c.jpg']) {
      library.photo(`lib/${name}`);
    }
    const root = join(library.root, 'lib');
    writeFileSync(join(root, '.pb-batch-1-1.tmp'), jpegBytes());
    writeFileSync(join(root, 'notes.txt'), 'x');
    writeFileSync(join(root, 'fake.jpg'), 'x');
    symlinkSync(root, join(root, 'b', 'loop'));
    symlinkSync('/no/such', join(root, 'nowhere.jpg'));
    const { photos, refused } = await library.registration.addFolder({ folder: root, recursive: true });
    expect(photos.map(({ path }) => relative(root, path))).toEqual([
      'a.jpg',
      'b/IMG_2.JPG',
      'b/IMG_10.jpg',
      'c.jpg',
    ]);
    expect(refused.map(({ path }) => relative(root, path))).toEqual(['fake.jpg', 'nowhere.jpg']);
    const flat = await library.registration.addFolder({ folder: root, recursive: false });
    expect(flat.photos.map(({ id }) => id)).toEqual([1, 4]);
  });

  it('refuses a glob with more alternatives than anybody means, as a fault of the glob', async () => {
    const folder = { folder: '/', glob: '{a,b}'.repeat(7), recursive: true };
    await expect(library.registration.addFolder(folder)).rejects.toMatchObject({
      code: 'bad_request',
      extensions: { field: 'glob' },
    });
  });

  it('honours a glob on names and one on paths', async () => {
    for (const name of ['x/a.jpg', 'x/b.png', 'y/a.JPG']) library.photo(`lib/${name}`);
    const root = join(library.root, 'lib');
    const names = async (glob: string) =>
      (await library.registration.addFolder({ folder: root, glob, recursive: true })).photos.map(({ path }) =>
        relative(root, path),
      );
    expect(await names('*.jpg')).toEqual(['x/a.jpg', 'y/a.JPG']);
    expect(await names('x/*')).toEqual(['x/a.jpg', 'x/b.png']);
    expect(await names('**/*.png')).toEqual(['x/b.png']);
  });

  it('says why a folder cannot be taken', async () => {
    const file = library.photo('a.jpg');
    for (const folder of ['relative', join(library.root, 'none'), file]) {
      await expect(library.registration.addFolder({ folder, recursive: true })).rejects.toMatchObject({
        code: 'invalid_path',
        extensions: { path: folder },
      });
    }
  });
});

describe('paths when only listed folders are allowed', () => {
  it('end inside the library, also by way of links', async () => {
    const inside = library.photo('library/in.jpg');
    const outside = library.photo('outside/out.jpg');
    symlinkSync(outside, join(library.root, 'library/escape.jpg'));
    symlinkSync(join(library.root, 'outside'), join(library.root, 'library/escape'));
    symlinkSync(inside, join(library.root, 'outside/back.jpg'));
    library.rules.mode = 'listed';
    library.rules.sourceFolders = [join(library.root, 'library')];
    const paths = ['library/in.jpg', 'outside/out.jpg', 'library/escape.jpg', 'library/escape/out.jpg'];
    const tried = [...paths, 'outside/back.jpg', 'library/../outside/out.jpg'].map(
      (name) => `${library.root}/${name}`,
    );
    const { refused } = await library.registration.addPaths(tried, 'good');
    expect(refused.map(({ path }) => relative(library.root, path))).toEqual([
      'outside/out.jpg',
      'library/escape.jpg',
      'library/escape/out.jpg',
      'outside/out.jpg',
    ]);
    expect(refused.every(({ reason }) => reason.includes('library.folders'))).toBe(true);
    mkdirSync(join(library.root, 'library-not'), { recursive: true });
    expect(await reasonOf(library.photo('library-not/x.jpg'))).toContain('outside');
  });
});
