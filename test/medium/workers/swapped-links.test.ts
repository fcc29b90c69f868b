/**
 * Links that somebody swaps while photos are read and written, as fast as can be: nothing is read from outside of the listed
 * folders, nothing is written outside of the folder of the outputs, no source is ever written over.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { develop } from '../../../workers/pipeline/develop.ts';
import { readSource } from '../../../workers/pipeline/read-source.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

const swapper = fileURLToPath(new URL('../../fixtures/swap-link.ts', import.meta.url));
const inside = await makeImage({ width: 32, height: 24, seed: 1 });
const secret = await makeImage({ width: 32, height: 24, seed: 2 });
let root = '';

beforeEach(async () => {
  root = realpathSync(await mkdtemp(join(tmpdir(), 'pb-swapped-')));
  for (const name of ['library', 'elsewhere', 'good', 'bad']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'library', 'photo.jpg'), inside);
  writeFileSync(join(root, 'elsewhere', 'photo.jpg'), secret);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** `path` leads to one and the other in turn, in another process, until `during` has ended. */
async function whileSwapped(
  path: string,
  targets: [string, string],
  during: () => Promise<void>,
): Promise<void> {
  const child = fork(swapper, [path, ...targets], { execArgv: [] });
  const ended = once(child, 'exit');
  await once(child, 'message');
  try {
    await during();
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

describe.runIf(process.platform === 'linux')('a source in a listed folder', () => {
  it('is never one from outside, whenever the link to it is changed', async () => {
    const path = join(root, 'link.jpg');
    const seen = { inside: 0, refused: 0, free: 0 };
    await whileSwapped(
      path,
      [join(root, 'library/photo.jpg'), join(root, 'elsewhere/photo.jpg')],
      async () => {
        const until = performance.now() + 10_000;
        while (performance.now() < until && (seen.inside < 100 || seen.refused < 100 || seen.free < 5)) {
          try {
            const { bytes } = readSource(path, 1e9, [join(root, 'library')]);
            expect(bytes.equals(inside)).toBe(true);
            seen.inside += 1;
          } catch (error) {
            expect(String(error)).toMatch(/leads out of the library folders/);
            seen.refused += 1;
          }
          // Without the list the other one is read now and then: the swap happens.
          if (readSource(path, 1e9).bytes.equals(secret)) seen.free += 1;
        }
      },
    );
    expect(Math.min(seen.inside, seen.refused, seen.free)).toBeGreaterThan(0);
  });

  it('may lie behind a link that stays inside, and not behind a folder that leads out', () => {
    symlinkSync(join(root, 'library'), join(root, 'library', 'again'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'library', 'out'));
    const within = [join(root, 'library')];
    expect(readSource(join(root, 'library/again/photo.jpg'), 1e9, within).bytes.equals(inside)).toBe(true);
    expect(() => readSource(join(root, 'library/out/photo.jpg'), 1e9, within)).toThrow(/leads out/);
    // A folder whose name begins alike is another one.
    expect(() => readSource(join(root, 'library/photo.jpg'), 1e9, [join(root, 'lib')])).toThrow(/leads out/);
  });
});

describe.runIf(process.platform === 'linux')('outputs in a listed folder', () => {
  it('go nowhere else, however often the folder is swapped for a link to another', async () => {
    const folder = join(root, 'out');
    const place = {
      real: join(root, 'good'),
      device: String(statSync(join(root, 'good'), { bigint: true }).dev),
    };
    const ends = { written: 0, refused: 0 };
    await whileSwapped(folder, [join(root, 'good'), join(root, 'bad')], async () => {
      const until = performance.now() + 15_000;
      for (
        let item = 0;
        performance.now() < until && (item < 60 || ends.written < 5 || ends.refused < 5);
        item += 1
      ) {
        const task = developTask({
          path: join(root, 'library/photo.jpg'),
          folder,
          item,
          name: `${item}.jpg`,
        });
        task.output.place = place;
        task.source.within = [join(root, 'library')];
        const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
        if (outcome.ok) ends.written += 1;
        else {
          expect(outcome.failure).toMatchObject({ code: 'output_not_writable', retryable: true });
          ends.refused += 1;
        }
      }
    });
    expect(readdirSync(join(root, 'bad'))).toEqual([]);
    // Each output and its second name.
    expect(readdirSync(join(root, 'good')).filter((name) => !name.startsWith('.'))).toHaveLength(
      ends.written,
    );
    expect(Math.min(ends.written, ends.refused)).toBeGreaterThan(0);
  });
});

describe('a source', () => {
  it('is never written over, by its own name, a link to it, or a second name of it', async () => {
    const { linkSync } = await import('node:fs');
    const source = join(root, 'library', 'photo.jpg');
    symlinkSync(join(root, 'library'), join(root, 'out'));
    linkSync(source, join(root, 'good', 'photo.jpg'));
    for (const folder of [join(root, 'library'), join(root, 'out'), join(root, 'good')]) {
      for (const on_conflict of ['overwrite', 'if-changed'] as const) {
        const task = developTask({ path: source, folder, name: 'photo.jpg', output: { on_conflict } });
        const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
        expect(outcome).toMatchObject({ ok: false, failure: { code: 'output_exists' } });
      }
    }
    expect(readFileSync(source).equals(inside)).toBe(true);
  });
});
