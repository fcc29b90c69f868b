import { access, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BatchStore } from '../../../bridge/batch/ports.ts';
import type { Recipe } from '../../../bridge/contract/index.ts';
import { startBody, type TestEngine } from '../../helpers/engine.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed, type UnitOperation } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

const seed = {
  batch_id: 'batch_abc123def456',
  session_id: 1,
  photo_ids: [1, 2, 3],
  processed_photo_ids: [1],
  failed_photo_ids: [2],
  status: 'running',
  created_at: '2025-11-09T10:00:00Z',
  started_at: null,
  paused_at: null,
  completed_at: null,
  total_photos: 3,
  processed_count: 1,
  failed_count: 1,
  config: { preset: 'WhiteLayer_v4' },
  task_ids: [],
};

async function folderWith(...files: ({ batch_id: string } & Record<string, unknown>)[]): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-edges-'));
  await mkdir(join(dataDir, 'batch_states'));
  for (const file of files)
    await writeFile(join(dataDir, 'batch_states', `${file.batch_id}.json`), JSON.stringify(file));
  return dataDir;
}

describe('a state file of the original system', () => {
  const hashes: (string | undefined)[] = [];
  const recording = (): UnitOperation =>
    createUnitOperation({
      run: (_item, _signal, batch) => {
        hashes.push(batch.recipeHash);
        return processed();
      },
      prepare: () => ({ recipeHash: 'from its config' }),
    });

  it.each([
    ['pending', 'pause' as const],
    ['running', 'resume' as const],
  ])('that is %s gets its recipe before anything is handed out', async (status, on_start) => {
    hashes.length = 0;
    const dataDir = await folderWith({ ...seed, status });
    const engine = await engineOf(recording(), { dataDir, settings: { recovery: { on_start } } });
    await ended(engine, seed.batch_id, 'batch_completed');
    expect(hashes).toEqual(['from its config']);
  });

  it('that is completed gets its recipe before its failed photos are tried again', async () => {
    hashes.length = 0;
    const dataDir = await folderWith({ ...seed, status: 'completed' });
    const engine = await engineOf(recording(), { dataDir });
    await engine.api.retryFailed(seed.batch_id, {});
    await ended(engine, seed.batch_id, 'batch_completed');
    expect(new Set(hashes)).toEqual(new Set(['from its config']));
  });

  it('with nothing left to do completes once it may run', async () => {
    const dataDir = await folderWith({ ...seed, status: 'pending', processed_photo_ids: [1, 2, 3] });
    const engine = await engineOf(recording(), { dataDir });
    expect(await ended(engine, seed.batch_id, 'batch_completed')).toMatchObject({ processed_count: 3 });
  });

  it('of an operation this version does not have is shown and keeps nothing from starting', async () => {
    const dataDir = await folderWith({
      ...seed,
      _operation: 'captions',
      _claims: [
        [2, 1, 'a'],
        [99, 1, 'b'],
      ],
    });
    const engine = await engineOf(recording(), { dataDir });
    expect(engine.api.list({ limit: 10 }).batches).toMatchObject([
      { operation: 'captions', processed_count: 1 },
    ]);
    await expect(engine.api.plan(startBody(1))).resolves.toBeDefined();
  });
});

describe('retry-failed', () => {
  it('with a config that names no preset forgets the recipe of the first one', async () => {
    const recipe = { name: 'look' } as unknown as Recipe;
    const seen: unknown[] = [];
    const engine = await engineOf(
      createUnitOperation({
        prepare: (config) => (config?.preset === undefined ? {} : { recipe }),
        run: (_item, _signal, batch) => {
          seen.push(batch.recipe);
          return seen.length === 1 ? failed('damaged_image') : processed();
        },
      }),
    );
    const id = await start(engine, 1, { config: { preset: 'look' } });
    await ended(engine, id, 'batch_failed');
    await engine.api.retryFailed(id, { config: {} });
    await ended(engine, id, 'batch_completed');
    expect(seen).toEqual([recipe, undefined]);
    const file = JSON.parse(await readFile(join(engine.dataDir, 'batch_states', `${id}.json`), 'utf8'));
    expect(file).toMatchObject({ config: {} });
    expect(file._recipe).toBeUndefined();
  });

  it('into another folder leaves the paths of earlier results as they were, also after a restart', async () => {
    let broken = true;
    const operation = () =>
      createUnitOperation({
        folder: (config) => String(config?.folder),
        run: (item) => {
          if (broken && item.index === 1) return failed('damaged_image');
          const o = [`${item.index}.jpg`, 1, 1, 1, 'jpeg', 'ab'] as const;
          return {
            kind: 'settled',
            result: { s: 'processed', t: '2026-01-01T00:00:00.000Z', ms: 1, o: [...o] },
          };
        },
      });
    const engine = await engineOf(operation());
    const id = await start(engine, 2, { config: { folder: '/first' } });
    await ended(engine, id, 'batch_completed');
    broken = false;
    await engine.api.retryFailed(id, { config: { folder: '/second' } });
    await engine.event((event) => event.type === 'batch_completed' && event.processed_count === 2);
    const paths = async (of: TestEngine) =>
      (await of.api.photos(id, { limit: 10 })).photos.map((photo) => photo.output?.path);
    expect(await paths(engine)).toEqual(['/first/0.jpg', '/second/1.jpg']);
    const again = await engineOf(operation(), { dataDir: await engine.crashCopy() });
    expect(await paths(again)).toEqual(['/first/0.jpg', '/second/1.jpg']);
  });

  it('revives a batch that ended before it came to any photo', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const first = await start(engine, 1);
    const later = await start(engine, 2, { depends_on: [first] });
    await engine.api.cancel(first);
    await ended(engine, later, 'batch_failed');
    gate.open();
    const revived = await engine.api.retryFailed(later, {});
    expect(revived.started_at).not.toBeNull();
    expect(await ended(engine, later, 'batch_completed')).toMatchObject({ processed_count: 2 });
  });
});

describe('merge', () => {
  it('never leaves a photo in two batches, even one that was finishing meanwhile', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ slots: 1, run: () => gate.pass().then(processed) }));
    const a = await start(engine, 3);
    await gate.reached(1);
    const b = await start(engine, 2, { photo_ids: [4, 5] });
    await engine.api.pause(a, { mode: 'soft' });
    await engine.api.pause(b, { mode: 'soft' });
    const merging = engine.api.merge([a, b]);
    gate.open();
    const { batch_id } = await merging;
    await engine.api.resume(batch_id);
    await ended(engine, batch_id, 'batch_completed');
    const processedOf = [a, b, batch_id].map((id) => engine.api.status(id).processed_count);
    expect(processedOf.reduce((sum, count) => sum + count)).toBe(5);
    expect(engine.api.status(batch_id).holds).toEqual([]);
  });

  it('of waiting batches goes on waiting for all they waited for', async () => {
    const engine = await engineOf(createUnitOperation());
    const a = await start(engine, 2, { start_at: soon(3_600_000) });
    const b = await start(engine, 2, { start_at: soon(7_200_000) });
    const until = engine.api.status(b).start_at;
    const { batch_id } = await engine.api.merge([a, b]);
    expect(engine.api.status(batch_id)).toMatchObject({
      status: 'pending',
      start_at: until,
      holds: [{ owner: 'schedule' }],
    });
    expect(engine.operation.ran).toEqual([]);
  });

  it('that a crash cut short is finished at the next start', async () => {
    const part = { ...seed, status: 'paused', _schema: 1 };
    const dataDir = await folderWith(part, {
      ...part,
      batch_id: 'batch_000000000002',
      processed_photo_ids: [],
      _merged_from: [part.batch_id],
    });
    const engine = await engineOf(createUnitOperation(), { dataDir });
    expect(engine.api.status(part.batch_id).status).toBe('cancelled');
    expect(engine.api.status('batch_000000000002').status).toBe('paused');
  });
});

describe('holds and dependencies', () => {
  it('a client that crashed does not keep a batch from beginning', async () => {
    const engine = await engineOf(createUnitOperation());
    const id = await start(engine, 1, { start_at: soon(60) });
    await engine.api.placeHold(id, { client: 'editor', reason: 'busy', lease_s: 0.15 });
    await ended(engine, id, 'hold_lifted');
    await ended(engine, id, 'batch_completed');
  });

  it('a hold that is renewed at the very moment its lease ends stays', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const id = await start(engine, 5);
    const held = await engine.api.placeHold(id, { client: 'editor', reason: 'busy', lease_s: 0.03 });
    const until = Date.parse(held.holds[0]?.until ?? '');
    // No timer fires before the renewal is on its way to the disk.
    while (Date.now() <= until + 1);
    await engine.api.placeHold(id, { client: 'editor', reason: 'still busy', lease_s: 60 });
    await engine.api.setPriority(id, 6);
    expect(engine.api.status(id).holds).toMatchObject([{ reason: 'still busy' }]);
    gate.open();
  });

  it('refuses a dependency on a batch that does not exist, and cleans none up that another waits for', async () => {
    const engine = await engineOf(createUnitOperation());
    const unknown = start(engine, 1, { depends_on: ['batch_000000000000'] });
    await expect(unknown).rejects.toMatchObject({ code: 'unprocessable' });
    const first = await start(engine, 1);
    await ended(engine, first, 'batch_completed');
    const later = await start(engine, 1, { depends_on: [first], start_at: soon(3_600_000) });
    expect(await engine.api.cleanup({ days_old: 0, dry_run: false })).toMatchObject({ cleaned_count: 0 });
    expect(engine.api.status(later).status).toBe('pending');
    await engine.api.cancel(later);
    expect(await engine.api.cleanup({ days_old: 0, dry_run: false })).toMatchObject({ cleaned_count: 2 });
  });
});

describe('cleanup', () => {
  it('and a retry at the same time: the batch is gone, and stays gone', async () => {
    const engine = await engineOf(createUnitOperation({ run: () => failed('damaged_image') }));
    const id = await start(engine, 1);
    await ended(engine, id, 'batch_failed');
    const cleaning = engine.api.cleanup({ days_old: 0, dry_run: false });
    await expect(engine.api.retryFailed(id, {})).rejects.toMatchObject({ code: 'batch_not_found' });
    expect(await cleaning).toMatchObject({ cleaned_count: 1 });
    await expect(access(join(engine.dataDir, 'batch_states', `${id}.json`))).rejects.toThrow();
  });
});

describe('accidents of an operation', () => {
  it.each(['claim', 'run', 'discard', 'settled'] as const)(
    'a %s that throws neither hangs the batch nor ends the daemon',
    async (step) => {
      const accident = (): never => {
        throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      };
      const operation = createUnitOperation({
        run: (item) =>
          step === 'discard' && item.index === 0 && item.attempt === 1
            ? failed('internal', true)
            : processed(),
        ...(step === 'run'
          ? { run: (item) => (item.index === 0 ? accident() : processed()) }
          : { [step]: (item: { index: number }) => (item.index === 0 ? accident() : undefined) }),
      });
      const engine = await engineOf(operation, {
        settings: { retry: { attempts: 2, first_delay_s: 0.001 } },
      });
      const id = await start(engine, 3);
      const event = await ended(engine, id, 'batch_completed');
      expect(event).toMatchObject({ processed_count: step === 'claim' || step === 'run' ? 2 : 3 });
    },
  );

  it('a batch ends only when everything of it is cleaned up', async () => {
    const gate = createGate();
    const engine = await engineOf(
      createUnitOperation({ settled: (item) => (item.index === 0 ? gate.pass() : undefined) }),
    );
    const id = await start(engine, 2);
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count === 2);
    expect(engine.api.status(id).status).toBe('running');
    gate.open();
    await ended(engine, id, 'batch_completed');
  });
});

describe('a state disk that refuses', () => {
  const refuse = (): never => {
    throw new Error('EIO: i/o error');
  };
  /** Refuses the records that `isRefused` names. */
  const refusing =
    (isRefused: (record: { k: string; action?: string }) => boolean) =>
    (store: BatchStore): BatchStore => ({
      ...store,
      append: async (payloads) => (payloads.some(isRefused) ? refuse() : store.append(payloads)),
    });

  it('does not keep a pause from answering', async () => {
    let isRefused = true;
    const refused = Promise.withResolvers<void>();
    const engine = await engineOf(createUnitOperation(), {
      wrapStore: refusing((record) => {
        if (record.k === 'done') refused.resolve();
        return isRefused && record.k === 'done';
      }),
    });
    const id = await start(engine, 4);
    await refused.promise;
    expect(await engine.api.pause(id, { mode: 'soft' })).toMatchObject({ status: 'paused' });
    isRefused = false;
  });

  it('at the very end of a batch only delays its end', async () => {
    let refusals = 1;
    const engine = await engineOf(createUnitOperation(), {
      wrapStore: refusing((record) => record.action === 'complete' && refusals-- > 0),
    });
    const id = await start(engine, 1);
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 1 });
  });
});
