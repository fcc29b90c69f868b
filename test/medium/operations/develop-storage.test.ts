/** What a develop run makes of folders and drives that are at fault, and what it leaves when it is stopped. Real files. */
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Executor, ItemView, TaskEnd } from '../../../bridge/batch/ports.ts';
import type { DevelopOutcome, DevelopTask, Failure, FailureCode } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createDevelopOperation } from '../../../bridge/operations/develop/operation.ts';
import { systemClock } from '../../../bridge/resources/clock.ts';
import { createFreeSpace } from '../../../bridge/store/free-space.ts';
import { createOutputFiles } from '../../../bridge/store/output-files.ts';
import { createSteadyLimiter } from '../../helpers/unit-operation.ts';

let root = '';
let outputs: ReturnType<typeof createOutputFiles>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'photo-bridge-develop-storage-'));
  outputs = createOutputFiles({ dataDir: join(root, 'data'), log: createLog('silent') });
  await mkdir(join(root, 'photos'));
  await writeFile(join(root, 'photos', 'a.jpg'), 'a photo');
});
afterEach(async () => {
  await outputs.close();
  await rm(root, { recursive: true });
});

type Script = {
  develop?: (task: DevelopTask) => Promise<TaskEnd<DevelopOutcome>>;
  onConflict?: string;
  /** Null: registered unchecked. */
  device?: number | null;
  refuses?: boolean;
};

function openRun({ develop, onConflict = 'unique', device = 1, refuses = false }: Script) {
  const path = join(root, 'photos', 'a.jpg');
  const executor: Executor = {
    capacity: 1,
    develop: develop ?? (async () => ({ kind: 'stopped' })),
    proof: async () => ({ kind: 'stopped' }),
  };
  const operation = createDevelopOperation({
    executor,
    files: outputs.files,
    sources: outputs.sources,
    photos: {
      has: () => true,
      path: async () => path,
      place: async () => ({ path, device }),
      find: async () => [],
      findFolder: async () => [],
      register: async () => [],
      registerFolder: async () => [],
    },
    paths: { source: async () => (refuses ? 'it is not allowed' : null), outputFolder: async () => null },
    presets: {
      resolve: async () => ({ recipe: {} as never, hash: 'h', notHonoured: [] }),
      toTask: (recipe) => recipe,
    },
    clock: systemClock,
    limits: { max_pixels: 1, alone_pixels: 1, max_bytes: 1 },
    limiter: createSteadyLimiter(1),
    outputsDir: join(root, 'data', 'outputs'),
  });
  return operation.open({
    id: 'batch_000000000001',
    createdAt: systemClock.iso(),
    config: { output: { folder: join(root, 'out'), on_conflict: onConflict } },
    recipe: undefined,
    recipeHash: 'r',
    total: 2,
    results: async function* () {},
  });
}

const item: ItemView = { index: 0, photoId: 1, ref: null, attempt: 1 };
const signal = new AbortController().signal;
const timing = { started_at: '2026-01-01T00:00:00.000Z', duration_ms: 1 };
const failing = (code: FailureCode, retryable: boolean) => async (): Promise<TaskEnd<DevelopOutcome>> => {
  const failure: Failure = { code, message: 'the worker says so', stage: 'run', retryable };
  return { kind: 'outcome', outcome: { ok: false, ...timing, failure } };
};

async function runOnce(script: Script) {
  const run = openRun(script);
  await run.ready({ next: null, folder: 'new' });
  const claim = await run.claim(item);
  if (!claim.ok) return claim;
  return (await run.run([{ item, ...claim }], signal))[0];
}

describe('a photo that cannot be read', () => {
  it.each(['source_missing', 'source_unreadable', 'source_changed', 'timeout'] as const)(
    'with %s is the storage’s fault when its folder is gone, and says what to do',
    async (code) => {
      await rename(join(root, 'photos'), join(root, 'away'));
      const end = await runOnce({ develop: failing(code, false) });
      expect(end).toMatchObject({ kind: 'storage', failure: { code: 'source_missing', retryable: true } });
      expect(JSON.stringify(end)).toMatch(/photos cannot be reached.*put the folder back.*cancel it/);
    },
  );

  it('is at fault itself when its folder is there, and when nobody has ever seen it', async () => {
    const lone = await runOnce({ develop: failing('source_missing', false) });
    expect(lone).toMatchObject({ kind: 'settled', result: { s: 'failed', f: { code: 'source_missing' } } });
    await rename(join(root, 'photos'), join(root, 'away'));
    const unseen = await runOnce({ develop: failing('source_missing', false), device: null });
    expect(unseen).toMatchObject({ kind: 'settled', result: { s: 'failed', f: { code: 'source_missing' } } });
  });

  it('looks forbidden while its drive is away: it is the storage’s fault at the claim as well', async () => {
    expect(await openRun({ refuses: true }).claim(item)).toMatchObject({
      ok: false,
      failure: { code: 'source_unreadable' },
    });
    await rename(join(root, 'photos'), join(root, 'away'));
    expect(await openRun({ refuses: true }).claim(item)).toMatchObject({ ok: false, storage: true });
  });

  it('keeps a held batch from going on until it is back', async () => {
    const run = openRun({});
    expect(await run.ready({ next: item, folder: 'new' })).toBeNull();
    await rename(join(root, 'photos'), join(root, 'away'));
    expect(await run.ready({ next: item, folder: 'used' })).toMatchObject({ code: 'source_missing' });
    expect(await run.ready({ next: null, folder: 'used' })).toBeNull();
    await rename(join(root, 'away'), join(root, 'photos'));
    expect(await run.ready({ next: item, folder: 'used' })).toBeNull();
  });
});

describe('an output that cannot be written', () => {
  it('for want of room on a nearly full disk is the storage’s fault before its photo is read, in the midst of a batch too', async () => {
    await outputs.close();
    let free = 10_000;
    const readRoom = async () => ({ freeBytes: free, totalBytes: 100_000 });
    let nowMs = 0;
    const space = createFreeSpace({ readRoom, nowMs: () => nowMs });
    outputs = createOutputFiles({ dataDir: join(root, 'data'), log: createLog('silent'), space });
    const run = openRun({});
    expect(await run.ready({ next: item, folder: 'new' })).toBeNull();
    expect(await run.claim(item)).toMatchObject({ ok: true });
    [free, nowMs] = [900, 1000];
    const low = {
      code: 'output_full',
      retryable: true,
      message: expect.stringContaining('has 900 bytes free'),
    };
    expect(await run.claim({ ...item, index: 1 })).toMatchObject({ ok: false, storage: true, failure: low });
    expect(await run.ready({ next: item, folder: 'used' })).toMatchObject(low);
    // One that begins now is accepted, and held.
    expect(await run.ready({ next: item, folder: 'new' })).toBeNull();
    expect(await run.ready({ next: item, folder: 'unused' })).toMatchObject(low);
    [free, nowMs] = [1250, 2000];
    expect(await run.ready({ next: item, folder: 'used' })).toBeNull();
    expect(await run.claim({ ...item, index: 1 })).toMatchObject({ ok: true });
  });

  it('is the storage’s fault, told as what is wrong with the folder', async () => {
    const end = await runOnce({
      develop: async () => {
        await rm(join(root, 'out'), { recursive: true });
        return failing('output_not_writable', true)();
      },
    });
    expect(end).toMatchObject({ kind: 'storage', failure: { code: 'output_not_writable' } });
    expect(JSON.stringify(end)).toContain('The output folder is gone');
  });

  it('fails its photo alone where trying again cannot help', async () => {
    const end = await runOnce({ develop: failing('output_not_writable', false) });
    expect(end).toMatchObject({
      kind: 'settled',
      result: { s: 'failed', f: { code: 'output_not_writable' } },
    });
  });

  it('is written only where the daemon found the folder: the task says where that is', async () => {
    const places: DevelopTask['output']['place'][] = [];
    await runOnce({
      develop: async ({ output }) => {
        places.push(output.place);
        return { kind: 'stopped' };
      },
    });
    expect(places).toMatchObject([{ real: join(root, 'out') }]);
  });
});

describe('a run that is stopped after its output got its name', () => {
  /** Link, then replaced or linked under the final name, as the render threads do it. */
  async function writeAsThread({ output }: DevelopTask): Promise<TaskEnd<DevelopOutcome>> {
    const temp = join(output.folder, output.temp_name);
    await writeFile(temp, 'new');
    await link(temp, `${temp}2`);
    await rename(`${temp}2`, join(output.folder, output.name));
    return { kind: 'stopped' };
  }

  it.each(['overwrite', 'if-changed'])(
    'under %s leaves the new file, for the older one is gone',
    async (onConflict) => {
      await mkdir(join(root, 'out'));
      await writeFile(join(root, 'out', 'a.jpg'), 'older');
      const run = openRun({ develop: writeAsThread, onConflict });
      await run.ready({ next: null, folder: 'new' });
      const claim = await run.claim(item);
      if (!claim.ok) throw new Error('no claim');
      await run.run([{ item, ...claim }], signal);
      await run.discard(item, claim.name);
      expect(await readdir(join(root, 'out'))).toEqual(['a.jpg']);
      expect(await readFile(join(root, 'out', 'a.jpg'), 'utf8')).toBe('new');
    },
  );

  it('under unique takes it back', async () => {
    const run = openRun({ develop: writeAsThread });
    await run.ready({ next: null, folder: 'new' });
    const claim = await run.claim(item);
    if (!claim.ok) throw new Error('no claim');
    await run.run([{ item, ...claim }], signal);
    await run.discard(item, claim.name);
    expect(await readdir(join(root, 'out'))).toEqual([]);
  });
});
