/** State files that were damaged, removed or put back by hand, and what the engine makes of them. */
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../helpers/engine.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const statePath = (dataDir: string, id: string) => join(dataDir, 'batch_states', `${id}.json`);

async function indicesBy(engine: TestEngine, id: string, status: 'processed' | 'failed' | 'pending') {
  const { photos } = await engine.api.photos(id, { limit: 100, status });
  return photos.map((photo) => photo.photo_id - 1);
}

/** Ten items of which 3 is refused; the seventh waits at the gate. */
async function tenItems() {
  const gate = createGate();
  const operation = createUnitOperation({
    slots: 1,
    run: async (item) => {
      if (item.index === 6) await gate.pass();
      return item.index === 3 ? failed('damaged_image') : processed();
    },
  });
  const engine = await engineOf(operation);
  const id = await start(engine, 10);
  await gate.reached(1);
  return { engine, id, gate };
}

describe('a state file that is damaged after its part of the journal is gone', () => {
  it('costs no result: the backup is brought up to date from the item log, and nothing is done twice', async () => {
    const { engine, id, gate } = await tenItems();
    const early = await engine.crashCopy();
    gate.open();
    await ended(engine, id, 'batch_completed');
    await engine.end();
    // What the first seconds left as the backup, with the finished batch's item log and a journal without its records.
    await rm(join(engine.dataDir, 'journal'), { recursive: true });
    await copyFile(statePath(early, id), `${statePath(engine.dataDir, id)}.bak`);
    await writeFile(statePath(engine.dataDir, id), '{ damaged');
    const again = await engineOf(createUnitOperation(), { dataDir: engine.dataDir });
    expect(again.api.status(id)).toMatchObject({ status: 'paused', processed_count: 9 });
    expect(await indicesBy(again, id, 'processed')).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect((await again.api.recover()).quarantined).toHaveLength(1);
    await again.api.resume(id);
    await ended(again, id, 'batch_completed');
    // A refused photo may have been opened again since: its result counts for nothing.
    expect(again.operation.ran.map((run) => run.index)).toEqual([3]);
    await again.end();
    const third = await engineOf(createUnitOperation(), { dataDir: engine.dataDir });
    expect(third.api.status(id)).toMatchObject({ status: 'completed', processed_count: 10 });
  });

  it('brings back results of photos that had failed when the backup was written', async () => {
    const operation = createUnitOperation({
      run: (item, _signal, batch) =>
        item.index === 1 && batch.config === null ? failed('damaged_image') : processed(),
    });
    const first = await engineOf(operation);
    const id = await start(first, 3);
    await ended(first, id, 'batch_completed');
    await first.end();
    const second = await engineOf(operation, { dataDir: first.dataDir });
    const before = await second.crashCopy();
    await second.api.retryFailed(id, { config: {} });
    await second.event((event) => event.type === 'batch_completed');
    await second.end();
    await rm(join(first.dataDir, 'journal'), { recursive: true });
    await copyFile(statePath(before, id), `${statePath(first.dataDir, id)}.bak`);
    await writeFile(statePath(first.dataDir, id), '');
    const third = await engineOf(createUnitOperation(), { dataDir: first.dataDir });
    expect(third.api.status(id)).toMatchObject({ processed_count: 3, failed_count: 0, failure_codes: {} });
  });
});

describe('a removed batch', () => {
  async function removedBatch() {
    const engine = await openTestEngine(createUnitOperation());
    const id = await start(engine, 3);
    await ended(engine, id, 'batch_completed');
    await engine.end();
    const next = await openTestEngine(createUnitOperation(), { dataDir: engine.dataDir });
    const backup = await next.crashCopy();
    await next.api.cleanup({ days_old: 0, dry_run: false });
    return { next, id, backup };
  }

  it('whose state file is put back from a copy lives again, at every start from then on', async () => {
    const { next, id, backup } = await removedBatch();
    await next.end();
    const { dataDir } = next;
    expect(await readdir(join(dataDir, 'batch_items'))).toEqual([]);
    await copyFile(statePath(backup, id), statePath(dataDir, id));
    const third = await openTestEngine(createUnitOperation(), { dataDir });
    expect(third.api.status(id)).toMatchObject({ status: 'completed', processed_count: 3 });
    const body = { photo_ids: [4, 5, 6] };
    const other = await start(third, 3, body);
    await ended(third, other, 'batch_completed');
    await third.end();
    const fourth = await engineOf(createUnitOperation(), { dataDir });
    expect(fourth.api.status(id).status).toBe('completed');
    // And can be removed for good again.
    await fourth.api.cleanup({ days_old: 0, dry_run: false });
    const fifth = await engineOf(createUnitOperation(), { dataDir: await fourth.crashCopy() });
    expect(fifth.api.list({ limit: 10 }).count).toBe(0);
  });

  it('that was put back and then changed keeps the change, and nothing from before the removal', async () => {
    const gate = createGate();
    const operation = () => createUnitOperation({ run: () => gate.pass().then(processed) });
    const first = await openTestEngine(operation());
    const id = await start(first, 2);
    await gate.reached(1);
    const running = await first.crashCopy();
    gate.open();
    await ended(first, id, 'batch_completed');
    await first.api.cleanup({ days_old: 0, dry_run: false });
    await first.end();
    await copyFile(statePath(running, id), statePath(first.dataDir, id));
    const second = await engineOf(operation(), { dataDir: first.dataDir });
    expect(second.api.status(id)).toMatchObject({ status: 'paused', pending_count: 2 });
    await second.api.setPriority(id, 9);
    const third = await engineOf(operation(), { dataDir: await second.crashCopy() });
    expect(third.api.status(id)).toMatchObject({ status: 'paused', pending_count: 2, priority: 9 });
    await third.api.resume(id);
    expect(await ended(third, id, 'batch_completed')).toMatchObject({ processed_count: 2 });
  });

  it('whose files a crash left behind is removed at the next start', async () => {
    const engine = await openTestEngine(createUnitOperation());
    const id = await start(engine, 3);
    await ended(engine, id, 'batch_completed');
    const stuck = await engineOf(createUnitOperation(), {
      dataDir: await engine.crashCopy(),
      wrapStore: (store) => ({ ...store, removeBatch: () => new Promise(() => {}) }),
    });
    void stuck.api.cleanup({ days_old: 0, dry_run: false });
    await expect.poll(() => stuck.api.list({ limit: 10 }).count).toBe(0);
    const dataDir = await stuck.crashCopy();
    expect(await readdir(join(dataDir, 'batch_states'))).toContain(`${id}.json`);
    const again = await engineOf(createUnitOperation(), { dataDir });
    expect(again.api.list({ limit: 10 }).count).toBe(0);
    expect(await readdir(join(dataDir, 'batch_states'))).toEqual([]);
    await engine.end();
  });
});
