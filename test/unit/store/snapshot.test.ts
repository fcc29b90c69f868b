import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFaultyDisk } from './faulty-disk.ts';
import {
  chunksOf,
  created,
  dataDir,
  id,
  loadedOnce,
  opened,
  quarantined,
  save,
  seedState,
  statePath,
  useDataFolder,
} from './snapshot-fixture.ts';

useDataFolder();

describe('state files', () => {
  it('come back as they were, with keys nobody knows, in a form people can read', async () => {
    const file = seedState({ _schema: 1, _seq: 9, _refs: ['é', 5, null], someone_elses: { a: [1] } });
    await save(file);
    const text = readFileSync(statePath(), 'utf8');
    expect(text).toMatch(/^\{\n {2}"batch_id": .*,\n {2}"_sum": "[0-9a-f]{8}"\n\}\n$/s);
    expect(JSON.parse(text)).toMatchObject(file);
    const { snapshots } = await loadedOnce();
    expect(snapshots).toEqual([{ file, source: 'main', bytes: Buffer.byteLength(text) }]);
    expect(statSync(statePath()).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'batch_states')).mode & 0o777).toBe(0o700);
  });

  it('keep the one before as backup, which is used when the main file is damaged or gone', async () => {
    const { store, close } = await opened();
    for (const _seq of [1, 2, 3]) await store.saveSnapshot(id, chunksOf(seedState({ _seq })), { sync: true });
    await close();
    writeFileSync(statePath(), readFileSync(statePath()).fill(0, 40, 60));
    const first = await loadedOnce();
    expect(first.snapshots).toMatchObject([{ source: 'bak', file: { _seq: 2 } }]);
    expect(first.quarantined).toEqual([{ file: `${id}.json`, reason: 'the checksum does not match' }]);
    expect(quarantined()).toEqual([`${id}.json.damaged`]);
    const second = await loadedOnce();
    expect(second).toMatchObject({ quarantined: [], snapshots: [{ source: 'bak' }] });
  });

  it('are rebuilt from the journal alone when neither is usable, unless the batch was removed', async () => {
    const { store, close } = await opened();
    const seq = await store.append([created(seedState())]);
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: seq })), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: seq })), { sync: true });
    await close();
    writeFileSync(statePath(), '{');
    writeFileSync(statePath('.bak'), '');
    const lost = await loadedOnce();
    expect(lost.snapshots).toMatchObject([{ source: 'journal', file: { photo_ids: [3, 1, 2], _seq: seq } }]);
    expect(lost.quarantined.map((one) => one.file)).toEqual([`${id}.json`, `${id}.json.bak`]);
    const again = await opened();
    expect(again.snapshots).toHaveLength(1);
    await again.store.append([{ k: 'removed', b: id }]);
    await again.close();
    expect((await loadedOnce()).snapshots).toEqual([]);
  });

  it('that a power cut emptied before their first sync are no damage while the journal has the batch', async () => {
    const { store, close } = await opened();
    await store.append([created(seedState())]);
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: false });
    await close();
    for (const left of [Buffer.alloc(0), Buffer.alloc(4096)]) {
      writeFileSync(statePath(), left);
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toMatchObject([{ source: 'journal', file: { photo_ids: [3, 1, 2] } }]);
      expect(reported).toEqual([]);
    }
  });

  it('saved for the first time have a copy of their own, which outlives damage to them', async () => {
    await save(seedState({ _seq: 1 }));
    expect(statSync(statePath('.bak')).ino).not.toBe(statSync(statePath()).ino);
    writeFileSync(statePath(), 'damaged');
    expect((await loadedOnce()).snapshots).toMatchObject([{ source: 'bak', file: { _seq: 1 } }]);
  });

  it('written without sync never push a synced backup out', async () => {
    await save(seedState({ _seq: 1 }));
    const { store, close } = await opened();
    for (const _seq of [2, 3, 4])
      await store.saveSnapshot(id, chunksOf(seedState({ _seq })), { sync: false });
    await close();
    expect(JSON.parse(readFileSync(statePath(), 'utf8'))).toMatchObject({ _seq: 4 });
    expect(JSON.parse(readFileSync(statePath('.bak'), 'utf8'))).toMatchObject({ _seq: 1 });
  });

  it('are synced before their name is given, or not at all when that was not asked for', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const before = disk.count('sync');
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: false });
    expect(disk.count('sync')).toBe(before);
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    expect(disk.count('sync')).toBe(before + 1);
    await close();
  });

  it.each(['write', 'sync', 'open'] as const)('stay whole when the disk is full at %s', async (call) => {
    await save(seedState({ _seq: 1 }));
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    disk.failNext(call, 'ENOSPC', { path: /batch_states/ });
    const failing = store.saveSnapshot(id, chunksOf(seedState({ _seq: 2 })), { sync: true });
    await expect(failing).rejects.toMatchObject({ code: 'disk_full' });
    expect(readdirSync(join(dataDir, 'batch_states'))).not.toContain(`${id}.json.tmp`);
    await close();
    expect((await loadedOnce()).snapshots).toMatchObject([{ source: 'main', file: { _seq: 1 } }]);
  });

  it('that others wrote are synced once before they become a backup', async () => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    writeFileSync(statePath(), JSON.stringify(seedState({ note: 'by hand' })));
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const save = () => store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    disk.failNext('sync', 'EIO', { path: /\.json$/ });
    await expect(save()).rejects.toMatchObject({ code: 'read_only' });
    expect(readdirSync(join(dataDir, 'batch_states'))).toEqual([`${id}.json`]);
    await save();
    expect(JSON.parse(readFileSync(statePath('.bak'), 'utf8'))).toMatchObject({ note: 'by hand' });
    disk.failNext('sync', 'EIO', { path: /\.json$/ });
    await save();
    await close();
  });

  it('with numbers no record can have, or our form with an id twice, are set aside', async () => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    for (const extra of [
      { _seq: Number.MAX_SAFE_INTEGER },
      { _seq: -1 },
      { _schema: 1, photo_ids: [3, 1, 3] },
    ]) {
      writeFileSync(statePath(), JSON.stringify(seedState(extra)));
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toEqual([]);
      expect(reported).toHaveLength(1);
    }
  });

  it('leave the event loop free while a long one is written', async () => {
    const { store, close } = await opened();
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    function* chunks() {
      yield '{"pad": "';
      for (let piece = 0; piece < 60; piece += 1) yield 'x'.repeat(70_000);
      yield '"';
    }
    await store.saveSnapshot(id, chunks(), { sync: false });
    isDone = true;
    expect(turns).toBeGreaterThan(20);
    await close();
  });

  it('are gone, with backup and results, after removal', async () => {
    const { store, close } = await opened();
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    await store.appendResults(id, [{ i: 0, s: 'skipped', a: 1, t: '', ms: 1 }]);
    await store.removeBatch(id);
    await store.removeBatch(id);
    expect([
      ...readdirSync(join(dataDir, 'batch_states')),
      ...readdirSync(join(dataDir, 'batch_items')),
    ]).toEqual([]);
    expect(await store.readResults(id, [0])).toEqual(new Map());
    await close();
  });

  it('never have a name outside their folder', async () => {
    const { store, close } = await opened();
    for (const bad of ['../x', 'batch_/../../x', '', 'batch_\0'])
      await expect(store.saveSnapshot(bad, ['{'], { sync: false })).rejects.toMatchObject({
        code: expect.any(String),
      });
    await close();
  });
});
