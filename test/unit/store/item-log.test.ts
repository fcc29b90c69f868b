import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredResult } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createBatchStore } from '../../../bridge/store/batch-store.ts';
import { createItemLogs } from '../../../bridge/store/item-logs.ts';

const id = 'batch_0123456789ab';
let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'items-'));
});

const itemFile = (ending: string) => join(dataDir, 'batch_items', `${id}.${ending}`);
const result = (i: number, a = 1): StoredResult => ({
  i,
  s: 'processed',
  a,
  t: '2025-01-01T00:00:00.000Z',
  ms: 12,
  o: [`p${i}.jpg`, 1000 + i, 10, 10, 'jpeg', 'ab'.repeat(32)],
});

async function opened() {
  const { store, load, close } = createBatchStore({ dataDir, log: createLog('silent') });
  await load();
  return { store, close };
}

async function readOnce(indices: number[]) {
  const { store, close } = await opened();
  const found = await store.readResults(id, indices);
  await close();
  return found;
}

async function saveOnce(results: StoredResult[]) {
  const { store, close } = await opened();
  await store.appendResults(id, results);
  await close();
}

describe('item results', () => {
  it('are read back by item; the later result of an item counts; unknown items are absent', async () => {
    const { store, close } = await opened();
    await store.appendResults(id, [result(2), result(0), result(1)]);
    await store.appendResults(id, [result(1, 2), result(700_000)]);
    const wanted = [1, 0, 5, 700_000, 900_000, -1, 0.5];
    expect(await store.readResults(id, wanted)).toEqual(
      new Map([
        [0, result(0)],
        [1, result(1, 2)],
        [700_000, result(700_000)],
      ]),
    );
    expect(await store.readResults('batch_ffffffffffff', [0])).toEqual(new Map());
    await close();
    expect(readdirSync(join(dataDir, 'batch_items')).sort()).toEqual([`${id}.idx`, `${id}.log`]);
    expect(statSync(itemFile('log')).mode & 0o777).toBe(0o600);
    expect(statSync(itemFile('idx')).mode & 0o777).toBe(0o600);
  });

  it('are the latest ones after any order of appends and starts', async () => {
    const step = fc.array(fc.record({ i: fc.nat(30), a: fc.integer({ min: 1, max: 9 }) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 6 }), async (steps) => {
        rmSync(join(dataDir, 'batch_items'), { recursive: true, force: true });
        const expected = new Map<number, StoredResult>();
        let parts = await opened();
        for (const [changes, isRestart] of steps) {
          const results = changes.map(({ i, a }) => result(i, a));
          for (const one of results) expected.set(one.i, one);
          await parts.store.appendResults(id, results);
          if (!isRestart) continue;
          await parts.close();
          parts = await opened();
        }
        const all = Array.from({ length: 31 }, (_, i) => i);
        expect(await parts.store.readResults(id, all)).toEqual(expected);
        await parts.close();
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, () => void]>([
    ['missing', () => rmSync(itemFile('idx'))],
    ['cut', () => truncateSync(itemFile('idx'), 100)],
    ['empty', () => truncateSync(itemFile('idx'), 0)],
    ['full of nonsense', () => writeFileSync(itemFile('idx'), Buffer.alloc(900, 7))],
    ['pointing to other items', () => swapEntries()],
    ['of another log', () => writeFileSync(itemFile('log'), readFileSync(itemFile('log')).subarray(0, 4000))],
  ])('are found though the index is %s', async (_what, damage) => {
    await saveOnce(Array.from({ length: 50 }, (_, i) => result(i)));
    damage();
    const found = await readOnce([0, 7, 8]);
    expect(found).toEqual(new Map([0, 7, 8].map((i) => [i, result(i)])));
    await saveOnce([result(7, 3)]);
    expect((await readOnce([7])).get(7)).toEqual(result(7, 3));
  });

  function swapEntries(): void {
    const bytes = readFileSync(itemFile('idx'));
    const entry = Buffer.from(bytes.subarray(32 + 7 * 8, 32 + 8 * 8));
    bytes.copyWithin(32 + 7 * 8, 32 + 8 * 8, 32 + 9 * 8);
    entry.copy(bytes, 32 + 8 * 8);
    writeFileSync(itemFile('idx'), bytes);
  }

  it('before and behind a damaged record stay readable; the damaged bytes are kept', async () => {
    await saveOnce([result(0), result(1), result(2)]);
    const bytes = readFileSync(itemFile('log'));
    const second = bytes.indexOf('PB1', 10);
    bytes[second + 60] = 0;
    writeFileSync(itemFile('log'), bytes);
    rmSync(itemFile('idx'));
    expect([...(await readOnce([0, 1, 2])).keys()]).toEqual([0, 2]);
    const kept = readdirSync(join(dataDir, 'quarantine'));
    expect(kept.some((name) => name.startsWith(`${id}.log.${second}-`))).toBe(true);
  });

  it('are all found again whichever bit of the index is flipped', async () => {
    const results = [result(0), result(1), result(2, 2), result(5)];
    await saveOnce(results);
    const index = readFileSync(itemFile('idx'));
    for (let bit = 0; bit < index.length * 8; bit += 1) {
      const damaged = Buffer.from(index);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(itemFile('idx'), damaged);
      const logs = createItemLogs<StoredResult>(join(dataDir, 'batch_items'), {
        kind: '',
        onDamage: async () => {},
      });
      expect([...(await logs.read(id, [0, 1, 2, 5])).values()]).toEqual(results);
      await logs.close();
    }
  });

  it('lose only the unfinished tail when the log is cut anywhere', async () => {
    await saveOnce([result(0), result(1)]);
    const bytes = readFileSync(itemFile('log'));
    const index = readFileSync(itemFile('idx'));
    const second = bytes.indexOf('PB1', 10);
    for (const length of [0, 1, second - 1, second, second + 1, bytes.length - 1]) {
      writeFileSync(itemFile('log'), bytes.subarray(0, length));
      writeFileSync(itemFile('idx'), index);
      expect([...(await readOnce([0, 1])).keys()]).toEqual(length >= second ? [0] : []);
      await saveOnce([result(1, 2)]);
      expect((await readOnce([1])).get(1)).toEqual(result(1, 2));
    }
  });

  it('of many batches are written and read at once, also while some are removed', async () => {
    const { store, close } = await opened();
    const ids = Array.from({ length: 60 }, (_, n) => `batch_${n.toString(16).padStart(12, '0')}`);
    await Promise.all(
      [0, 1, 2].flatMap((i) => ids.map((batchId) => store.appendResults(batchId, [result(i)]))),
    );
    const read = Promise.all(ids.map((batchId) => store.readResults(batchId, [0, 1, 2])));
    for (const found of await read) expect(found.size).toBe(3);
    await Promise.all(ids.map((batchId) => store.removeBatch(batchId)));
    expect(readdirSync(join(dataDir, 'batch_items'))).toEqual([]);
    await close();
  });
});
