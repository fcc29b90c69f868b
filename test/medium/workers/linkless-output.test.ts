/** Outputs on a disk without hard links, cut short before every step that the render thread takes there. */
import { cpSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutputConfig } from '../../../bridge/contract/index.ts';
import { toMarkerName } from '../../../bridge/contract/index.ts';
import { adopt, dropTemp, takeBack } from '../../../bridge/store/own-outputs.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

/** What the disk does: `onStep` is told before each call that changes something. */
const disk = vi.hoisted(() => ({ onStep: (_call: string): void => {}, losesMarkers: false, elsewhere: '' }));
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const told = <C extends (...args: never[]) => unknown>(call: C): C =>
    ((...args: Parameters<C>) => {
      disk.onStep(call.name);
      return call(...args);
    }) as C;
  return {
    ...real,
    linkSync: () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    },
    openSync: told((...[path, ...options]: Parameters<typeof real.openSync>) => {
      const isLost = disk.losesMarkers && String(path).endsWith('.mark.tmp');
      return real.openSync(isLost ? String(path).replace(/^.*\//, `${disk.elsewhere}/`) : path, ...options);
    }),
    writeSync: told(real.writeSync),
    fsyncSync: told(real.fsyncSync),
    renameSync: told(real.renameSync),
    rmSync: told(real.rmSync),
  };
});

const NAME = 'a.jpg';
const TEMP = '.pb-batch_00000000beef-0-1.tmp';
const original = await makeImage({ width: 48, height: 32 });
let root = '';
let out = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pb-linkless-'));
  out = join(root, 'out');
  await mkdir(out);
  disk.elsewhere = join(root, 'copies');
  await mkdir(disk.elsewhere);
  await writeFile(join(root, 'source.jpg'), original);
});
afterEach(async () => {
  Object.assign(disk, { onStep: () => {}, losesMarkers: false });
  await rm(root, { recursive: true, force: true });
});

/** Writes one output; answers what a crash before each of its steps, and one right after it, leaves. */
async function crashCopies(on_conflict: OutputConfig['on_conflict']): Promise<string[]> {
  const copies: string[] = [];
  disk.onStep = () => {
    const copy = join(root, 'copies', String(copies.length));
    copies.push(copy);
    cpSync(out, copy, { recursive: true });
  };
  const task = developTask({
    path: join(root, 'source.jpg'),
    folder: out,
    name: NAME,
    output: { on_conflict },
  });
  const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
  expect(outcome).toMatchObject({ ok: true, skipped: false });
  disk.onStep('crash');
  disk.onStep = () => {};
  return copies;
}

async function contentOf(folder: string): Promise<string | null> {
  return readFile(join(folder, NAME), 'base64').catch(() => null);
}

describe('without hard links', () => {
  it.each(['unique', 'fail', 'skip', 'overwrite', 'if-changed'] as const)(
    'under %s a crash before any step leaves the whole output, known as ours, or none',
    async (policy) => {
      const replaces = policy === 'overwrite' || policy === 'if-changed';
      const before = replaces ? Buffer.from('the older one').toString('base64') : null;
      if (before !== null) await writeFile(join(out, NAME), before, 'base64');
      const copies = await crashCopies(policy);
      const finished = await contentOf(out);
      expect(copies.length).toBeGreaterThan(6);
      let adopted = 0;
      for (const copy of copies) {
        const content = await contentOf(copy);
        const found = await adopt(copy, NAME, TEMP);
        expect(found !== null).toBe(content === finished);
        if (found !== null) adopted += 1;
        else expect(content).toBe(before);
        if (found !== null || replaces) await dropTemp(copy, TEMP);
        else await takeBack(copy, NAME, TEMP);
        expect(await readdir(copy)).toEqual(content === null ? [] : [NAME]);
      }
      expect(adopted).toBeGreaterThan(0);
    },
  );

  it('a disk that loses the marker is caught: the finished output is nobody’s', async () => {
    disk.losesMarkers = true;
    const last = (await crashCopies('unique')).at(-1) ?? '';
    expect(await contentOf(last)).not.toBeNull();
    expect(await adopt(last, NAME, TEMP)).toBeNull();
  });

  it('a finished output that is not wanted is taken back, and never a file of somebody else', async () => {
    const copies = await crashCopies('unique');
    const finished = copies.at(-1) ?? '';
    await takeBack(finished, NAME, TEMP);
    expect(readdirSync(finished)).toEqual([]);
    await writeFile(join(out, NAME), 'edited since');
    await takeBack(out, NAME, TEMP);
    expect(readdirSync(out)).toEqual([NAME]);
  });

  it('a file that took the name meanwhile stays', async () => {
    let isTaken = false;
    disk.onStep = () => {
      if (isTaken || !readdirSync(out).includes(toMarkerName(TEMP))) return;
      isTaken = true;
      cpSync(join(root, 'source.jpg'), join(out, NAME));
    };
    const task = developTask({ path: join(root, 'source.jpg'), folder: out, name: NAME });
    const outcome = await develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'output_exists', retryable: true } });
    expect((await readFile(join(out, NAME))).equals(original)).toBe(true);
    expect(await readdir(out)).toEqual([NAME]);
  });
});
