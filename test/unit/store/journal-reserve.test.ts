import { existsSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { OpenFile } from '../../../bridge/store/disk.ts';
import { RESERVE_BYTES } from '../../../bridge/store/reserve.ts';
import { claim, itemsOf, journalFile, loadedOnce, opened, useDataFolder } from './journal-fixture.ts';

useDataFolder();
const essential = { essential: true };
const reservePath = () => journalFile('reserve.bin');

/** A disk with room for nothing while the reserve is there; once that is given up, for everything but a new reserve. */
function createFullDisk() {
  const disk = { isFull: false };
  const refuse = (path: string) => {
    const isTaken = existsSync(reservePath()) || path.endsWith('reserve.bin.tmp');
    if (disk.isFull && isTaken) throw Object.assign(new Error('ENOSPC: made to fail'), { code: 'ENOSPC' });
  };
  const openFull: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    return new Proxy(handle, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (key === 'write') refuse(path);
          return Reflect.apply(value, target, given);
        };
      },
    }) as FileHandle;
  };
  return { disk, open: openFull };
}

const poll = { interval: 5, timeout: 10_000 };

describe('the reserve of the journal', () => {
  it('is put aside at the first start and kept', async () => {
    await loadedOnce({ reserveBytes: RESERVE_BYTES });
    const { size, ino } = statSync(reservePath());
    expect(size).toBe(RESERVE_BYTES);
    await loadedOnce({ reserveBytes: RESERVE_BYTES });
    expect(statSync(reservePath()).ino).toBe(ino);
  });

  it('lets what has happened be recorded on a full disk, and nothing else', async () => {
    const full = createFullDisk();
    const { store, close } = await opened({ open: full.open, reserveBytes: 100_000, probeMs: 5 });
    await expect.poll(() => existsSync(reservePath()), poll).toBe(true);
    await store.append([claim(0)]);
    full.disk.isFull = true;
    await expect(store.append([claim(1)])).rejects.toMatchObject({ code: 'disk_full' });
    expect(existsSync(reservePath())).toBe(false);
    expect(store.readOnly()).toMatchObject({ code: 'disk_full' });
    await store.append([claim(2)], essential);
    await expect(store.append([claim(3)])).rejects.toMatchObject({ code: 'disk_full' });
    await store.append([claim(4)], essential);
    full.disk.isFull = false;
    await expect.poll(() => store.readOnly(), poll).toBeNull();
    expect(statSync(reservePath()).size).toBe(100_000);
    await store.append([claim(5)]);
    await close();
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 2, 4, 5]);
    expect(state.quarantined).toEqual([]);
  });

  it('is given up for the very record that met the full disk when that one is essential', async () => {
    const full = createFullDisk();
    const { store, close } = await opened({ open: full.open, reserveBytes: 100_000, probeMs: 60_000 });
    await expect.poll(() => existsSync(reservePath()), poll).toBe(true);
    full.disk.isFull = true;
    await store.append([claim(0)], essential);
    await expect(store.append([claim(1)])).rejects.toMatchObject({ code: 'disk_full' });
    await close();
    expect(itemsOf(await loadedOnce())).toEqual([0]);
  });

  it('makes a start on a full disk able to record what the start itself does', async () => {
    await loadedOnce({ reserveBytes: 100_000 });
    const full = createFullDisk();
    full.disk.isFull = true;
    const { store, close } = await opened({ open: full.open, reserveBytes: 100_000, probeMs: 60_000 });
    expect(store.readOnly()).toMatchObject({ code: 'disk_full' });
    await store.append([claim(7)], essential);
    await expect(store.append([claim(8)])).rejects.toMatchObject({ code: 'disk_full' });
    await close();
    expect(itemsOf(await loadedOnce())).toEqual([7]);
  });

  it('tells each beginning and each end of read-only mode once', async () => {
    const full = createFullDisk();
    const { store, close } = await opened({ open: full.open, reserveBytes: 100_000, probeMs: 5 });
    await expect.poll(() => existsSync(reservePath()), poll).toBe(true);
    const told: (string | null)[] = [];
    store.onReadOnlyChange(() => told.push(store.readOnly()?.code ?? null));
    full.disk.isFull = true;
    for (let i = 0; i < 3; i += 1) await store.append([claim(i)]).catch(() => undefined);
    full.disk.isFull = false;
    await expect.poll(() => store.readOnly(), poll).toBeNull();
    expect(told).toEqual(['disk_full', null]);
    await close();
  });
});
