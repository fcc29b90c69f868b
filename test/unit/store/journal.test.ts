import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalPayload } from '../../../bridge/contract/index.ts';
import { createFaultyDisk } from './faulty-disk.ts';
import {
  claim,
  dataDir,
  itemsOf,
  journalFile,
  loadedOnce,
  opened,
  segments,
  useDataFolder,
} from './journal-fixture.ts';

useDataFolder();

describe('journal', () => {
  it('numbers records by one from start to start and gives them back in order', async () => {
    const first = await opened();
    expect(await first.store.append([claim(0), claim(1)])).toBe(2);
    expect(await first.store.append([])).toBe(2);
    await first.close();
    const second = await opened();
    expect(await second.store.append([claim(2)])).toBe(3);
    await second.close();
    const state = await loadedOnce();
    expect(state.records.map((record) => record.seq)).toEqual([1, 2, 3]);
    expect(itemsOf(state)).toEqual([0, 1, 2]);
    expect(state.quarantined).toEqual([]);
    expect([first.state.epoch, second.state.epoch, state.epoch]).toEqual([1, 2, 3]);
    expect(statSync(journalFile('00000001.log')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'journal')).mode & 0o777).toBe(0o700);
  });

  it('resolves in call order with few syncs for many appends', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => store.append([claim(i)]).then((seq) => order.push(seq))),
    );
    expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(disk.count('datasync')).toBeLessThan(20);
    await close();
    expect(itemsOf(await loadedOnce())).toHaveLength(1000);
  });

  it('resolves not before the record is written and synced, and only then', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const gate = disk.holdNext('datasync');
    let isDone = false;
    const first = store.append([claim(0)]).then(() => {
      isDone = true;
    });
    await gate.reached;
    expect(itemsInFile()).toEqual([0]);
    const second = store.append([claim(1)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([isDone, itemsInFile()]).toEqual([false, [0]]);
    gate.open();
    await Promise.all([first, second]);
    expect(itemsInFile()).toEqual([0, 1]);
    await close();
  });

  const itemsInFile = () =>
    [...readFileSync(journalFile(segments().at(-1)!), 'utf8').matchAll(/"i":(\d+)/g)].map((match) =>
      Number(match[1]),
    );

  it('begins new segments by size, and takes a record longer than a segment', async () => {
    const { store, close } = await opened({ segmentBytes: 4096 });
    const long: JournalPayload = { k: 'daemon', what: 'start', at: 'x'.repeat(100_000) };
    await store.append([long]);
    for (let i = 0; i < 100; i += 1) await store.append([claim(i)]);
    await close();
    expect(segments().length).toBeGreaterThan(3);
    const state = await loadedOnce();
    expect(state.quarantined).toEqual([]);
    expect(state.records).toHaveLength(101);
    expect(state.records[0]?.payload).toEqual(long);
  });

  it('deletes covered segments and never the open one; numbers go on', async () => {
    const { store, close } = await opened({ segmentBytes: 1024 });
    for (let i = 0; i < 60; i += 1) await store.append([claim(i)]);
    const before = segments().length;
    await store.checkpoint(30);
    const half = segments().length;
    expect(half).toBeLessThan(before);
    const covered = await store.append([claim(60)]);
    await store.checkpoint(covered + 1_000_000);
    expect(segments()).toHaveLength(1);
    const last = await store.append([claim(61)]);
    await close();
    const state = await loadedOnce();
    expect(state.quarantined).toEqual([]);
    expect(state.records.at(-1)).toEqual({ seq: last, payload: claim(61) });
  });

  it('keeps every record not covered by a checkpoint', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), async (covered) => {
        await rm(join(dataDir, 'journal'), { recursive: true, force: true });
        const { store, close } = await opened({ segmentBytes: 600 });
        for (let i = 1; i <= 40; i += 1) await store.append([claim(i)]);
        await store.checkpoint(covered);
        await close();
        const kept = itemsOf(await loadedOnce());
        for (let i = covered + 1; i <= 40; i += 1) expect(kept).toContain(i);
      }),
      { numRuns: 10 },
    );
  });

  it('goes on above the number a state file knows when the journal was lost', async () => {
    const first = await opened();
    await first.store.saveSnapshot('batch_0123456789ab', [stateText({ _seq: 5000 })], { sync: true });
    await first.store.append([claim(0)]);
    await first.close();
    await rm(join(dataDir, 'journal'), { recursive: true });
    const second = await opened();
    expect(await second.store.append([claim(1)])).toBe(5001);
    await second.close();
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([1]);
    expect(state.quarantined).toEqual([]);
  });
});

describe('a state file from elsewhere with a higher number', () => {
  it('makes the numbers go on above it, and no start takes that for damage', async () => {
    const first = await opened();
    await first.store.append([claim(0)]);
    await first.store.saveSnapshot('batch_0123456789ab', [stateText({ _seq: 5000 })], { sync: true });
    await first.close();
    for (const start of [1, 2, 3]) {
      const { store, close } = await opened();
      expect(await store.append([claim(start)])).toBe(5000 + start);
      await close();
    }
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 1, 2, 3]);
    expect(state.quarantined).toEqual([]);
  });
});

describe('journal on damaged disks', () => {
  /** Ten records in two segments and their bytes. */
  async function tenRecords(): Promise<{ name: string; bytes: Buffer; ends: number[] }> {
    const first = await opened();
    await first.store.append([claim(0), claim(1)]);
    await first.close();
    const second = await opened();
    const name = segments().at(-1)!;
    const ends = [statSync(journalFile(name)).size];
    for (let i = 2; i < 10; i += 1) {
      await second.store.append([claim(i)]);
      ends.push(statSync(journalFile(name)).size);
    }
    await second.close();
    return { name, bytes: readFileSync(journalFile(name)), ends };
  }

  async function fresh(from: string): Promise<void> {
    await rm(dataDir, { recursive: true });
    await cp(from, dataDir, { recursive: true });
  }

  it('is cut to the last whole record when torn at any byte, keeps the cut bytes, and writes on', async () => {
    const { name, bytes, ends } = await tenRecords();
    const copy = `${dataDir}-copy`;
    await cp(dataDir, copy, { recursive: true });
    for (let length = bytes.length - 190; length <= bytes.length; length += 1) {
      await fresh(copy);
      writeFileSync(journalFile(name), bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length - 1;
      const { store, state, close } = await opened();
      expect(itemsOf(state)).toEqual(Array.from({ length: 2 + whole }, (_, i) => i));
      expect(state.quarantined).toEqual([]);
      const cut = length - ends[whole]!;
      if (cut > 0) expect(statSync(join(dataDir, 'quarantine', `${name}.tail`)).size).toBe(cut);
      await store.append([claim(77)]);
      await close();
      const again = await loadedOnce();
      expect(itemsOf(again).at(-1)).toBe(77);
      expect(again.quarantined).toEqual([]);
    }
    await rm(copy, { recursive: true });
  }, 120_000);

  it('loses only the record hit by a flipped bit, flags it, keeps the segment, and never throws', async () => {
    const { name, bytes, ends } = await tenRecords();
    const copy = `${dataDir}-copy`;
    await cp(dataDir, copy, { recursive: true });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        await fresh(copy);
        const flipped = Buffer.from(bytes);
        flipped[at] = flipped[at]! ^ (1 << bit);
        writeFileSync(journalFile(name), flipped);
        const state = await loadedOnce();
        const hit = ends.filter((end) => end <= at).length + 1;
        const expected = Array.from({ length: 10 }, (_, i) => i).filter((i) => hit < 2 || i !== hit);
        expect(itemsOf(state)).toEqual(expected);
        const isTail = at >= ends.at(-2)!;
        expect(state.quarantined.map(({ file }) => file)).toEqual(isTail ? [] : [name]);
        expect((await readdir(join(dataDir, 'quarantine'))).length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
    await rm(copy, { recursive: true });
  }, 120_000);

  it('flags damage in a segment that is not the last, also at its very end', async () => {
    await tenRecords();
    const name = segments()[0]!;
    const bytes = readFileSync(journalFile(name));
    writeFileSync(journalFile(name), bytes.subarray(0, bytes.length - 5));
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(state.quarantined).toEqual([{ file: name, reason: 'records at its end are missing' }]);
    expect(await readdir(join(dataDir, 'quarantine'))).toContain(name);
  });

  it('flags a missing segment in the middle and uses the others', async () => {
    await tenRecords();
    await loadedOnce();
    await (await opened()).close();
    await rm(journalFile(segments()[1]!));
    const state = await loadedOnce();
    expect(itemsOf(state)).toEqual([0, 1]);
    expect(state.quarantined).toHaveLength(1);
  });

  it('takes no record from another segment or another place', async () => {
    const { name, bytes, ends } = await tenRecords();
    const line = bytes.subarray(ends[0], ends[1]);
    writeFileSync(journalFile(name), Buffer.concat([bytes, line]));
    expect(itemsOf(await loadedOnce())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    writeFileSync(journalFile('00000099.log'), bytes);
    expect(itemsOf(await loadedOnce())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('removes what a crash left of a segment being created', async () => {
    await tenRecords();
    writeFileSync(journalFile('00000007.log'), '');
    writeFileSync(journalFile('00000008.log'), 'PB1 80 0011');
    const state = await loadedOnce();
    expect(itemsOf(state)).toHaveLength(10);
    expect(state.epoch).toBe(9);
    expect(segments()).not.toContain('00000007.log');
    expect((await loadedOnce()).quarantined).toEqual([]);
  });
});

function stateText(extra: Record<string, unknown>): string {
  const file = {
    batch_id: 'batch_0123456789ab',
    photo_ids: [1],
    status: 'running',
    created_at: '2025-01-01T00:00:00Z',
    _schema: 1,
    ...extra,
  };
  return JSON.stringify(file, null, 2).slice(0, -2);
}
