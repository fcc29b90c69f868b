import {
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskEnd } from '../../../bridge/batch/ports.ts';
import type { ProofOutcome, ProofTask } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { createLog } from '../../../bridge/log.ts';
import { openPhotos, type Photos } from '../../../bridge/photos/photos.ts';
import { createThumbnailCache } from '../../../bridge/photos/thumbnail-cache.ts';
import { openAppendLog } from '../../../bridge/store/append-log.ts';
import { jpegBytes } from './temp-library.ts';

const timing = { started_at: '2026-01-01T00:00:00.000Z', duration_ms: 1 };
const jpeg = new Uint8Array([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);
const made: TaskEnd<ProofOutcome> = {
  kind: 'outcome',
  outcome: { ok: true, ...timing, jpeg, width: 4, height: 3 },
};

let root: string;
let photos: Photos;
let tasks: ProofTask[];
let answer: (task: ProofTask, signal?: AbortSignal) => Promise<TaskEnd<ProofOutcome>>;
let mode: 'any' | 'listed';
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(os.tmpdir(), 'pb-photos-')));
  tasks = [];
  answer = async () => made;
  mode = 'any';
  photos = await openPhotos({
    dataDir: join(root, 'data'),
    libraryFolders: undefined,
    pathRules: () => ({ mode, sourceFolders: [join(root, 'data/photos')], outputFolders: [] }),
    proofLimits: () => ({ max_pixels: 2e8, alone_pixels: 8e7, max_bytes: 5e8 }),
    openLog: openAppendLog,
    executor: {
      proof: (task, { signal }) => {
        tasks.push(task);
        return answer(task, signal);
      },
    },
    presets: {
      async resolve(preset) {
        if (preset === 'none') throw new BridgeError('unknown_preset', 'No such preset');
        return { recipe: { kind: 'native', name: String(preset), preset: {} }, hash: 'h', notHonoured: [] };
      },
      toTask: (recipe) => recipe,
    },
    events: { publish: () => 1 },
    log: createLog('silent'),
    wallMs: () => Date.UTC(2026, 0, 2),
  });
});
afterEach(async () => {
  await photos.close();
  rmSync(root, { recursive: true });
});

function photo(name: string): string {
  const path = join(root, name);
  writeFileSync(path, jpegBytes(name));
  return path;
}
const add = async (...names: string[]) =>
  photos.api.add({ paths: names.map((name) => join(root, name)), skip_invalid: false });

describe('POST and GET /photos', () => {
  it('answer in order, count what is new, and refuse all when one is bad', async () => {
    for (const name of ['a.jpg', 'b.jpg']) photo(name);
    expect(await add('b.jpg', 'a.jpg', 'b.jpg')).toEqual({
      photos: [
        { photo_id: 1, path: join(root, 'b.jpg') },
        { photo_id: 2, path: join(root, 'a.jpg') },
        { photo_id: 1, path: join(root, 'b.jpg') },
      ],
      added_count: 2,
    });
    photo('c.jpg');
    const refusal = add('c.jpg', 'none.jpg');
    await expect(refusal).rejects.toMatchObject({
      code: 'invalid_path',
      extensions: { path: join(root, 'none.jpg') },
    });
    await expect(refusal).rejects.toThrow(join(root, 'none.jpg'));
    expect((await photos.api.list({ limit: 10 })).count).toBe(2);
    const paths = ['c.jpg', 'none.jpg'].map((name) => join(root, name));
    const some = await photos.api.add({ paths, skip_invalid: true });
    expect(some.photos).toEqual([{ photo_id: 3, path: join(root, 'c.jpg') }]);
    expect(some.rejected).toEqual([
      { path: join(root, 'none.jpg'), reason: expect.stringContaining('exist') },
    ]);
  });

  it('page through all photos and tell which are missing now', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg'];
    for (const name of names) photo(name);
    await add(...names);
    rmSync(join(root, 'b.jpg'));
    const first = await photos.api.list({ limit: 2 });
    expect(first.photos.map(({ photo_id, missing }) => [photo_id, missing])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(first.photos[0]?.added_at).toBe('2026-01-02T00:00:00.000Z');
    const second = await photos.api.list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect([second.photos.map(({ photo_id }) => photo_id), second.next_cursor]).toEqual([[3], null]);
    photo('b.jpg');
    expect((await photos.api.get(2)).missing).toBe(false);
    await expect(photos.api.get(4)).rejects.toMatchObject({ code: 'photo_not_found' });
    await expect(photos.api.list({ limit: 2, cursor: '-1' })).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('thumbnails', () => {
  beforeEach(async () => {
    photo('a.jpg');
    await add('a.jpg');
  });

  it('are made once for a size and a state of the photo, and kept', async () => {
    expect(await photos.api.thumbnail(1, 256)).toEqual(jpeg);
    expect(Buffer.from(await photos.api.thumbnail(1, 256))).toEqual(Buffer.from(jpeg));
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ kind: 'proof', long_edge: 256, source: { path: join(root, 'a.jpg') } });
    await photos.api.thumbnail(1, 64);
    utimesSync(join(root, 'a.jpg'), 5, 5);
    await photos.api.thumbnail(1, 256);
    expect(tasks).toHaveLength(3);
  });

  it('are made again when the kept one is torn', async () => {
    await photos.api.thumbnail(1, 256);
    const folder = join(root, 'data/thumbnails');
    const [name] = readdirSync(folder);
    truncateSync(join(folder, name ?? ''), 4);
    await photos.api.thumbnail(1, 256);
    expect(tasks).toHaveLength(2);
  });

  it('are made once for many who ask at once, and stopped when all of them left', async () => {
    const begun = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    answer = (_task, signal) =>
      new Promise((resolve) => {
        begun.resolve();
        signal?.addEventListener('abort', () => {
          stopped.resolve();
          resolve({ kind: 'stopped' });
        });
      });
    const leaving = [new AbortController(), new AbortController()];
    const asked = leaving.map(({ signal }) =>
      photos.api.thumbnail(1, 256, signal).catch((error: Error) => error.name),
    );
    await begun.promise;
    leaving[0]?.abort();
    expect(await asked[0]).toBe('AbortError');
    leaving[1]?.abort();
    await stopped.promise;
    expect(await asked[1]).toBe('AbortError');
    expect(tasks).toHaveLength(1);
    answer = async () => made;
    expect(await photos.api.thumbnail(1, 256)).toEqual(jpeg);
  });

  it('go when their photo is cleaned up', async () => {
    await photos.api.thumbnail(1, 256);
    await photos.forgetThumbnails(new Set([2]));
    expect(readdirSync(join(root, 'data/thumbnails'))).toHaveLength(1);
    await photos.forgetThumbnails(new Set([1]));
    expect(readdirSync(join(root, 'data/thumbnails'))).toHaveLength(0);
  });

  it('say why they cannot be made', async () => {
    const failure = { code: 'damaged_image', message: 'cut', stage: 'decode', retryable: false } as const;
    answer = async () => ({ kind: 'outcome', outcome: { ok: false, ...timing, failure } });
    const unprocessable = { code: 'unprocessable', extensions: { failure } };
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject(unprocessable);
    answer = async () => ({ kind: 'stopped' });
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject({ code: 'unavailable' });
    answer = async () => ({ kind: 'lost', reason: 'signal', cause: 'kill' });
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject({ code: 'unavailable' });
    const crashed = { extensions: { failure: { code: 'decoder_crash' } } };
    answer = async () => ({ kind: 'lost', reason: 'signal' });
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject(crashed);
    // Whoever asks again brings no second host down.
    answer = async () => {
      throw new Error('asked again');
    };
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject(crashed);
    await expect(photos.api.preview(1, { blend: 100, width: 256 })).rejects.toMatchObject(crashed);
    await expect(photos.api.thumbnail(7, 256)).rejects.toMatchObject({ code: 'photo_not_found' });
    mode = 'listed';
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject({ code: 'forbidden_path' });
    mode = 'any';
    rmSync(join(root, 'a.jpg'));
    await expect(photos.api.thumbnail(1, 256)).rejects.toMatchObject({
      extensions: { failure: { code: 'source_missing' } },
    });
  });

  it('stay within their bytes on disk, the longest unused going first', async () => {
    const folder = join(root, 'cache');
    const cache = createThumbnailCache(folder, 1000);
    const bytes = new Uint8Array(100).fill(1);
    bytes.set([0xff, 0xd8]);
    bytes.set([0xff, 0xd9], 98);
    const key = (photoId: number) => ({ photoId, size: 1, source: { size: 1, modified: 1 } });
    for (let id = 1; id <= 30; id++) {
      await cache.write(key(id), bytes);
      const file = join(folder, `${id}-1-1-1.jpg`);
      if (existsSync(file)) utimesSync(file, id, id);
    }
    const kept = readdirSync(folder);
    expect(kept.length).toBeLessThanOrEqual(12);
    expect(kept.length).toBeGreaterThanOrEqual(6);
    expect(await cache.read(key(30))).not.toBeNull();
    expect(await cache.read(key(1))).toBeNull();
  });
});

describe('previews', () => {
  it('ask for the preset at the blend and width of the request', async () => {
    photo('a.jpg');
    await add('a.jpg');
    await photos.api.preview(1, { preset: 'Warm', blend: 60, width: 800 });
    expect(tasks[0]).toMatchObject({ blend: 60, long_edge: 800, recipe: { kind: 'native', name: 'Warm' } });
    await photos.api.preview(1, { blend: 60, width: 800 });
    expect(tasks[1]).not.toHaveProperty('recipe');
    const unknown = photos.api.preview(1, { preset: 'none', blend: 1, width: 16 });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_preset' });
  });
});
