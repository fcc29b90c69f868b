/**
 * Changes a second that the journal acknowledges, each durable before its answer, with one and with many callers at once; and how
 * often the disk was synced for them, counted at the files. The disk decides the pace; the number of syncs is ours.
 */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalPayload } from '../../bridge/contract/index.ts';
import { createLog } from '../../bridge/log.ts';
import { createBatchStore } from '../../bridge/store/batch-store.ts';
import { type OpenFile, openFile } from '../../bridge/store/disk.ts';
import { inTemporaryFolder } from './bench-daemon.ts';
import { goals, median, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 3 : 7;
const roundMs = isQuick ? 500 : 1500;
const callers = [1, 8, 64, 512];
/** What is recorded when a photo is done: about the size of most records. */
const payload: JournalPayload = {
  k: 'done',
  b: 'batch_00000000beef',
  r: {
    i: 12_345,
    s: 'processed',
    a: 1,
    t: '2026-01-01T12:00:00.000Z',
    ms: 812.4,
    o: ['holiday-0001.jpg', 6_123_456, 6000, 4000, 'jpeg', 'a'.repeat(64)],
  },
};

type Round = { perSecond: number; syncs: number; cpuMicros: number };

/** Opens files that count how often they are synced. */
function createCounter() {
  const counted = { syncs: 0 };
  const watched = (handle: FileHandle): FileHandle => {
    const [sync, datasync] = [handle.sync.bind(handle), handle.datasync.bind(handle)];
    handle.sync = () => {
      counted.syncs += 1;
      return sync();
    };
    handle.datasync = () => {
      counted.syncs += 1;
      return datasync();
    };
    return handle;
  };
  const open: OpenFile = async (path, flags, mode) => watched(await openFile(path, flags, mode));
  return { counted, open };
}

async function bench(folder: string): Promise<void> {
  const { counted, open } = createCounter();
  const dataDir = join(folder, 'data');
  const parts = createBatchStore({ dataDir, log: createLog('silent'), open, reserveBytes: 0 });
  for (const _ of (await parts.load()).snapshots) throw new Error('the folder is not empty');
  const append = (): Promise<number> => parts.store.append([payload]);
  const results = new Map<number, Round[]>(callers.map((count) => [count, []]));
  await measure(append, counted, 8);
  for (let round = 0; round < rounds; round += 1) {
    for (const count of callers) results.get(count)?.push(await measure(append, counted, count));
  }
  await parts.close();
  report(results);
}

async function measure(
  append: () => Promise<number>,
  counted: { syncs: number },
  count: number,
): Promise<Round> {
  let changes = 0;
  const before = counted.syncs;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + roundMs;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await append();
      changes += 1;
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    perSecond: changes / seconds,
    syncs: (counted.syncs - before) / changes,
    cpuMicros: (used.user + used.system) / changes,
  };
}

function report(results: ReadonlyMap<number, Round[]>): void {
  const of = (count: number, pick: (round: Round) => number): number[] =>
    (results.get(count) ?? []).map(pick);
  table(
    `Journal: changes acknowledged when they are on disk (${rounds} rounds of ${roundMs / 1000} s in turns)`,
    ['callers at once', 'changes/s', 'range', 'syncs a change', 'CPU µs a change'],
    callers.map((count) =>
      row(
        count,
        Math.round(median(of(count, (round) => round.perSecond))),
        range(
          of(count, (round) => round.perSecond),
          0,
        ),
        median(of(count, (round) => round.syncs)).toFixed(3),
        median(of(count, (round) => round.cpuMicros)).toFixed(1),
      ),
    ),
  );
  const syncsOf = (count: number): number => median(of(count, (round) => round.syncs));
  const grown = median(of(64, (round) => round.perSecond)) / median(of(1, (round) => round.perSecond));
  goals([
    { what: '1 client: syncs a change', value: syncsOf(1), limit: 1.01, unit: 'syncs' },
    // One more group than callers may be under way: those that came while a sync ran wait for the next.
    { what: '64 clients: syncs a change', value: syncsOf(64), limit: 1 / 16, unit: 'syncs' },
    { what: 'changes/s: 64 clients against 1', value: grown, limit: 10, unit: 'x', atLeast: true },
  ]);
}

await inTemporaryFolder(bench);
