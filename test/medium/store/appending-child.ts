/**
 * A process that keeps a store busy until it is killed, and says on stdout what was acknowledged, one number a line.
 * `node appending-child.ts <dataDir> <first>`
 */
import { writeSync } from 'node:fs';
import { createLog } from '../../../bridge/log.ts';
import { createBatchStore } from '../../../bridge/store/batch-store.ts';

const [dataDir = '', first = '0'] = process.argv.slice(2);
const id = 'batch_0123456789ab';
const { store, load } = createBatchStore({ dataDir, log: createLog('silent'), segmentBytes: 64 * 1024 });
const state = await load();
for (const _snapshot of state.snapshots);
writeSync(1, 'ready\n');

let item = Number(first);
let covered = 0;

async function append(): Promise<void> {
  while (true) {
    const mine = item;
    item += 1;
    const r = { i: mine, s: 'skipped', a: 1, t: 'x'.repeat(mine % 300), ms: mine } as const;
    covered = await store.append([{ k: 'done', b: id, r }]);
    writeSync(1, `${mine}\n`);
  }
}

async function keep(): Promise<void> {
  while (true) {
    const seq = covered;
    const from = item;
    const file = {
      batch_id: id,
      photo_ids: [1],
      status: 'running',
      created_at: '2025-01-01T00:00:00Z',
      _schema: 1,
      _seq: seq,
    };
    await store.saveSnapshot(id, [JSON.stringify(file).slice(0, -1)], { sync: from % 2 === 0 });
    await store.appendResults(id, [{ i: 0, s: 'skipped', a: 1, t: '', ms: seq }]);
    writeSync(1, `saved ${seq}\n`);
  }
}

await Promise.all([append(), append(), append(), append(), keep()]);
