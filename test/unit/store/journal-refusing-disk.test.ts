import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFaultyDisk } from './faulty-disk.ts';
import { claim, dataDir, itemsOf, loadedOnce, opened, segments, useDataFolder } from './journal-fixture.ts';

useDataFolder();

describe('journal on a disk that refuses', () => {
  it('writes all that waits again into a new segment when a sync fails, and never syncs the old one again', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    await store.append([claim(0)]);
    disk.failNext('datasync', 'EIO');
    await Promise.all([store.append([claim(1)]), store.append([claim(2)])]);
    await store.append([claim(3)]);
    expect(store.readOnly()).toBeNull();
    expect(disk.syncsAfterFailure()).toBe(0);
    expect(segments()).toHaveLength(2);
    await close();
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 1, 2, 3]);
    expect(state.quarantined).toEqual([]);
  });

  it.each([
    ['EIO', 'read_only'],
    ['ENOSPC', 'disk_full'],
  ])(
    'turns read-only when the second try fails too (%s), and back when the disk works',
    async (system, code) => {
      const disk = createFaultyDisk();
      const { store, close } = await opened({ open: disk.open, probeMs: 5 });
      await store.append([claim(0)]);
      disk.failNext('datasync', system, { times: 1 });
      disk.failNext('sync', system, { times: Number.POSITIVE_INFINITY });
      const refused = await Promise.allSettled([store.append([claim(1)]), store.append([claim(2)])]);
      for (const one of refused) expect(one).toMatchObject({ status: 'rejected', reason: { code } });
      expect(store.readOnly()?.reason).toMatch(/disk|data folder/);
      await expect(store.append([claim(3)])).rejects.toMatchObject({ code });
      disk.heal();
      await expect.poll(() => store.readOnly(), { interval: 5 }).toBeNull();
      expect(await store.append([claim(4)])).toBe(2);
      await close();
      const state = await loadedOnce();
      expect(itemsOf(state)).toEqual([0, 4]);
      expect(state.quarantined).toEqual([]);
    },
  );

  it.each(['write', 'datasync'] as const)(
    'has nothing refused in it after a failed %s and a restart',
    async (call) => {
      const disk = createFaultyDisk();
      const { store, close } = await opened({ open: disk.open });
      await store.append([claim(0)]);
      disk.failNext(call, 'EIO');
      disk.failNext('sync', 'EIO');
      await expect(store.append([claim(1), claim(2), claim(3)])).rejects.toMatchObject({ code: 'read_only' });
      await close();
      expect(itemsOf(await loadedOnce())).toEqual([0]);
    },
  );

  it('passes over what was refused even when the disk did not let it be cut off', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open, probeMs: 1 });
    await store.append([claim(0)]);
    disk.failNext('datasync', 'EIO');
    disk.failNext('truncate', 'EIO');
    disk.failNext('sync', 'EIO');
    await expect(store.append([claim(1)])).rejects.toMatchObject({ code: 'read_only' });
    await expect.poll(() => store.readOnly(), { interval: 1 }).toBeNull();
    await store.append([claim(2)]);
    await close();
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 2]);
    expect(state.quarantined).toEqual([]);
  });

  it('starts read-only on a disk that refuses, with all it can read', async () => {
    const first = await opened();
    await first.store.append([claim(0)]);
    await first.close();
    const disk = createFaultyDisk();
    disk.failNext('open', 'EROFS', { times: Number.POSITIVE_INFINITY });
    const { store, state, close } = await opened({ open: disk.open });
    expect(itemsOf(state)).toEqual([0]);
    expect(store.readOnly()).not.toBeNull();
    await expect(store.append([claim(1)])).rejects.toMatchObject({ code: 'read_only' });
    await close();
  });

  it('loses nothing acknowledged and keeps nothing refused under any order of failures', async () => {
    const call = fc.constantFrom('write' as const, 'datasync' as const, 'sync' as const, 'open' as const);
    const failure = fc.record({ before: fc.nat(11), call, times: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(failure, { maxLength: 6 }), async (failures) => {
        await rm(join(dataDir, 'journal'), { recursive: true, force: true });
        const disk = createFaultyDisk();
        const { store, close } = await opened({ open: disk.open, probeMs: 1, segmentBytes: 400 });
        const acknowledged: number[] = [];
        for (let i = 0; i < 12; i += 1) {
          for (const { before, call: failing, times } of failures)
            if (before === i) disk.failNext(failing, 'EIO', { times });
          const done = await store.append([claim(i)]).then(
            () => true,
            () => false,
          );
          if (done) acknowledged.push(i);
          else {
            disk.heal();
            await expect.poll(() => store.readOnly(), { interval: 1 }).toBeNull();
          }
        }
        await close();
        const state = await loadedOnce();
        expect(itemsOf(state)).toEqual(acknowledged);
        expect(state.quarantined).toEqual([]);
        expect(disk.syncsAfterFailure()).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses appends after close', async () => {
    const { store, close } = await opened();
    const underWay = store.append([claim(0)]);
    await close();
    expect(await underWay).toBe(1);
    await expect(store.append([claim(1)])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
