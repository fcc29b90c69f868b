/**
 * How long a start takes: nothing kept, 10,000 kept batches, and after a SIGKILL in the middle of a batch of 1,000,000. From the
 * spawn to the line that says it listens, which comes after recovery; in turns, so that all see the same machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { writeKeptBatches } from './kept-batches.ts';
import { type Goal, goals, median, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 3 : 7;
const keptBatches = isQuick ? 1000 : 10_000;
const largeItems = isQuick ? 200_000 : 1_000_000;
/** Killed when at least this share is done and the journal has a good tail behind the newest snapshot, at the latest at the other. */
const DONE_SHARE = 0.3;
const LATEST_SHARE = 0.95;
const WANTED_TAIL = largeItems / 10;
/** Holds the keys at the end of a state file, claims of items in work included, and many records. */
const END_BYTES = 65_536;

type Start = { ms: number; cpuMs: number };
type Case = { name: string; made: string; starts: Start[]; limitMs?: number };

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

async function bench(folder: string): Promise<void> {
  const cases: Case[] = [{ name: 'nothing kept', made: join(folder, 'empty'), starts: [] }];
  mkdirSync(join(folder, 'empty'));
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  await writeKeptBatches(kept, keptBatches);
  cases.push({ name: `${shown(keptBatches)} kept batches`, made: kept, starts: [], limitMs: 2000 });
  const large = join(folder, 'large');
  mkdirSync(large);
  await crashInLargeBatch(large);
  const tail = countTail(large);
  const name = `a batch of ${shown(largeItems)}, killed: ${shown(tail)} records after its snapshot`;
  cases.push({ name, made: large, starts: [], limitMs: 2000 });
  await checkRecovered(folder, large);
  // The first start of all fills the cache of compiled code.
  await (await startDaemon({ dataDir: join(folder, 'first') })).kill('SIGTERM');
  for (let round = 0; round < rounds; round += 1) {
    for (const one of cases) one.starts.push(await timeStart(folder, one.made));
  }
  report(cases);
}

async function crashInLargeBatch(dataDir: string): Promise<void> {
  const child = fork(writer, [dataDir, String(largeItems)], { execArgv: [] });
  const ended = once(child, 'exit');
  for (;;) {
    const [settled] = (await once(child, 'message')) as [number];
    if (settled < largeItems * DONE_SHARE) continue;
    if (settled >= largeItems * LATEST_SHARE || countTail(dataDir) >= WANTED_TAIL) break;
  }
  child.kill('SIGKILL');
  await ended;
}

/** Records in the journal that the newest snapshot does not contain. Reads the ends of the files only: it is asked often. */
function countTail(dataDir: string): number {
  const states = join(dataDir, 'batch_states');
  const file = readdirSync(states).find((name) => name.endsWith('.json'));
  if (file === undefined) return 0;
  const covered = Number(/"_seq": (\d+)/.exec(endOf(join(states, file)))?.[1]);
  const journal = join(dataDir, 'journal');
  const last = readdirSync(journal).sort().at(-1) ?? '';
  const seqs = [...endOf(join(journal, last)).matchAll(/^PB1 \d+ [0-9a-f]{8} (\d+) /gm)];
  return Math.max(0, Number(seqs.at(-1)?.[1]) - covered || 0);
}

function endOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(END_BYTES);
    const { size } = fstatSync(file);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, END_BYTES, Math.max(0, size - END_BYTES)));
  } finally {
    closeSync(file);
  }
}

/** Each start has a copy of its own: what it recovers is as the crash left it. It is killed, not stopped, afterwards. */
async function timeStart(folder: string, made: string): Promise<Start> {
  const dataDir = join(folder, 'copy');
  rmSync(dataDir, { recursive: true, force: true });
  cpSync(made, dataDir, { recursive: true });
  rmSync(join(dataDir, 'daemon.lock'), { force: true });
  const daemon = await startDaemon({ dataDir });
  await daemon.kill('SIGKILL');
  return { ms: daemon.startMs, cpuMs: daemon.startCpuMs };
}

async function checkRecovered(folder: string, made: string): Promise<void> {
  const dataDir = join(folder, 'check');
  cpSync(made, dataDir, { recursive: true });
  const daemon = await startDaemon({ dataDir });
  const { batches } = await daemon.client.batches.recover();
  const remaining = batches[0]?.remaining_count ?? 0;
  await daemon.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
  const mostLeft = largeItems * (1 - DONE_SHARE);
  if (remaining === 0 || remaining > mostLeft)
    throw new Error(`after the crash ${remaining} items remain, at most ${mostLeft} should`);
}

function report(cases: readonly Case[]): void {
  const found: Goal[] = [];
  const base = cases[0]?.starts ?? [];
  const rows = cases.map(({ name, starts, limitMs }) => {
    const times = starts.map(({ ms }) => ms);
    const more = starts.map(({ cpuMs }, round) => cpuMs - (base[round]?.cpuMs ?? 0));
    if (limitMs !== undefined)
      found.push({
        what: `up again: ${name}`,
        value: median(times) / 1000,
        limit: limitMs / 1000,
        unit: 's',
      });
    return row(
      name,
      median(times).toFixed(0),
      range(times, 0),
      median(starts.map(({ cpuMs }) => cpuMs)).toFixed(0),
      median(more).toFixed(0),
    );
  });
  table(
    `From the spawn to listening, everything recovered (${cases[0]?.starts.length} rounds in turns)`,
    ['', 'ms', 'range', 'CPU ms', 'more than with nothing kept'],
    rows,
  );
  goals(found);
}

function shown(count: number): string {
  return count.toLocaleString('en-US');
}

await inTemporaryFolder(bench);
