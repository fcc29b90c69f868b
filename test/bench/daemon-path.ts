/**
 * What the whole way through the daemon costs over the same pixels by a bare script: HTTP start, claims, journal, render host,
 * results, snapshots. CPU of both daemon processes against that of the script, in turns, median of the rounds' ratios.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BareProcess, startBareProcess } from './bare-process.ts';
import { type BenchDaemon, inTemporaryFolder, startDaemon, waitForEnd } from './bench-daemon.ts';
import { makePhotoSet, SIZE_12, SIZE_16, SIZE_24 } from './photo-set.ts';
import { cpuOf, hasProc, memoryOf } from './process-facts.ts';
import { goals, median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const pairs = isQuick ? 5 : 7;
/** Mostly 24 megapixels, as the goal is told for them. */
const sizes = isQuick
  ? [SIZE_24, SIZE_24, SIZE_24, SIZE_24, SIZE_16, SIZE_16, SIZE_12, SIZE_12]
  : [...repeat(SIZE_24, 14), ...repeat(SIZE_16, 6), ...repeat(SIZE_12, 4)];
const samples = isQuick ? 4 : 16;
const nice = 10;
/** The last snapshot of a batch follows its end within a second or so, and is part of its cost. */
const TRAIL_MS = 1500;

type Round = { daemon: number; host: number; bare: number; photosPerMinute: number; barePerMinute: number };

function repeat<T>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}

async function bench(folder: string): Promise<void> {
  const threads = availableParallelism();
  const paths = await makePhotoSet({ folder: join(folder, 'photos'), sizes, samples });
  const daemon = await startDaemon({
    dataDir: join(folder, 'data'),
    // No host may be replaced within a round: what its start costs is told apart.
    settings: { executor: { recycle_photos: 1_000_000, recycle_mb: 4000, nice }, library: { folders: [] } },
  });
  const bare = await startBareProcess(threads, nice);
  try {
    const { photos } = await daemon.client.photos.add({ paths });
    const ids = photos.map(({ photo_id }) => photo_id);
    const hostStart = await measureHostStart(daemon, folder);
    const context = { daemon, bare, paths, ids, folder };
    // The first rounds warm both sides up.
    const same = await runPair(context, -2);
    await runPair(context, -1);
    const rounds: Round[] = [];
    for (let pair = 0; pair < pairs; pair += 1) rounds.push(await runPair(context, pair));
    report({ rounds, photos: paths.length, threads });
    reportStart(daemon, hostStart);
    reportMemory({ daemon, bare, threads });
    note(
      same.bytes.daemon === same.bytes.bare
        ? `both wrote the same ${same.bytes.bare.toLocaleString('en-US')} bytes`
        : `the outputs differ: ${same.bytes.daemon} bytes by the daemon, ${same.bytes.bare} by the script`,
    );
  } finally {
    bare.stop();
    await daemon.kill('SIGTERM');
  }
}

type Context = { daemon: BenchDaemon; bare: BareProcess; paths: string[]; ids: number[]; folder: string };

type Side = { cpuMs: number; daemonMs: number; wallMs: number; bytes: number };

/** One batch by the daemon and the same photos by the script; who begins changes from pair to pair. */
async function runPair(context: Context, pair: number): Promise<Round & { bytes: Sizes }> {
  const sides: Partial<Record<'daemon' | 'bare', Side>> = {};
  for (const side of pair % 2 === 0 ? (['daemon', 'bare'] as const) : (['bare', 'daemon'] as const)) {
    const output = join(context.folder, `${side}-${pair}`);
    mkdirSync(output);
    sides[side] = await (side === 'daemon' ? runDaemon : runBare)(context, output);
    rmSync(output, { recursive: true });
  }
  const { daemon, bare } = sides;
  if (daemon === undefined || bare === undefined) throw new Error('a side is missing');
  const perMinute = ({ wallMs }: Side): number => (context.ids.length / wallMs) * 60_000;
  return {
    daemon: daemon.daemonMs,
    host: daemon.cpuMs - daemon.daemonMs,
    bare: bare.cpuMs,
    photosPerMinute: perMinute(daemon),
    barePerMinute: perMinute(bare),
    bytes: { daemon: daemon.bytes, bare: bare.bytes },
  };
}

async function runDaemon({ daemon, ids }: Context, output: string): Promise<Side> {
  const hostPid = daemon.hostPid() ?? 0;
  const before = { daemon: cpuOf(daemon.pid), host: cpuOf(hostPid) };
  const config = { preset: 'WhiteLayer_v4', blend: 60, output: { folder: output } };
  const { batch_id } = await daemon.client.batches.start({ photo_ids: ids, config });
  const end = await waitForEnd(daemon.client, batch_id);
  if (end.processed_count !== ids.length) throw new Error(`the daemon's batch ended ${end.status}`);
  await delay(TRAIL_MS);
  if (daemon.hostPid() !== hostPid) throw new Error('the render host was replaced within a round');
  const daemonMs = cpuOf(daemon.pid) - before.daemon;
  const cpuMs = daemonMs + cpuOf(hostPid) - before.host;
  const wallMs = Date.parse(end.completed_at ?? '') - Date.parse(end.started_at ?? '');
  return { cpuMs, daemonMs, wallMs, bytes: bytesIn(output) };
}

async function runBare({ bare, paths }: Context, output: string): Promise<Side> {
  const before = cpuOf(bare.pid);
  const began = performance.now();
  await bare.run({ paths, folder: output });
  const wallMs = performance.now() - began;
  return { cpuMs: cpuOf(bare.pid) - before, daemonMs: 0, wallMs, bytes: bytesIn(output) };
}

type Sizes = { daemon: number; bare: number };

function bytesIn(folder: string): number {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** CPU of a render host from nothing to its first photo, which is a tiny one. */
async function measureHostStart(daemon: BenchDaemon, folder: string): Promise<number> {
  const [path = ''] = await makePhotoSet({ folder: join(folder, 'tiny'), sizes: [[64, 48]], samples: 0 });
  const { photos } = await daemon.client.photos.add({ paths: [path] });
  const config = { preset: 'WhiteLayer_v4', blend: 60 };
  const body = { photo_ids: photos.map(({ photo_id }) => photo_id), config };
  const { batch_id } = await daemon.client.batches.start(body);
  await waitForEnd(daemon.client, batch_id, 50);
  return cpuOf(daemon.hostPid() ?? 0);
}

function report(found: { rounds: Round[]; photos: number; threads: number }): void {
  const { rounds, photos, threads } = found;
  const of = (pick: (round: Round) => number): string => (median(rounds.map(pick)) / photos).toFixed(1);
  const ratios = (pick: (round: Round) => number): number[] =>
    rounds.map((round) => pick(round) / round.bare);
  const line = (name: string, pick: (round: Round) => number): string[] =>
    row(name, of(pick), `${median(ratios(pick)).toFixed(3)}x`, range(ratios(pick), 3));
  const whole = (round: Round): number => round.daemon + round.host;
  table(
    `Daemon against a bare script: CPU per photo (${photos} photos, ${threads} threads, ${rounds.length} pairs in turns)`,
    ['', 'CPU ms', 'of the script', 'range'],
    [
      line('bare script', (round) => round.bare),
      line('daemon, both processes', whole),
      line('  daemon process', (round) => round.daemon),
      line('  render host', (round) => round.host),
    ],
  );
  const pace = ratiosOf(rounds, (round) => round.photosPerMinute / round.barePerMinute);
  note(`throughput of the daemon against the script (wall clock): ${range(pace)}`);
  goals([
    {
      what: 'photos a second with every core: daemon against the bare script',
      value: median(pace),
      limit: 0.95,
      unit: 'x',
      atLeast: true,
    },
    {
      what: 'orchestration: CPU of the bare script',
      value: median(ratios(whole)),
      limit: 1.05,
      unit: 'x',
    },
  ]);
}

function ratiosOf(rounds: readonly Round[], pick: (round: Round) => number): number[] {
  return rounds.map(pick);
}

function reportStart(daemon: BenchDaemon, hostStart: number): void {
  table(
    'What a start costs (not in the figures above)',
    ['', 'CPU ms'],
    [
      row('daemon, to listening', daemon.startCpuMs),
      row('render host, to its first photo (once in 500 photos)', hostStart),
    ],
  );
}

function reportMemory(of: { daemon: BenchDaemon; bare: BareProcess; threads: number }): void {
  const { daemon, bare, threads } = of;
  const host = memoryOf(daemon.hostPid() ?? 0);
  table(
    'Memory, MB resident',
    ['', 'now', 'at most'],
    [
      row('daemon', memoryOf(daemon.pid).now.toFixed(0), memoryOf(daemon.pid).peak.toFixed(0)),
      row('render host', host.now.toFixed(0), host.peak.toFixed(0)),
      row('bare script', memoryOf(bare.pid).now.toFixed(0), memoryOf(bare.pid).peak.toFixed(0)),
    ],
  );
  const limit = 150 + 180 * threads;
  goals([{ what: `render host memory, ${threads} threads`, value: host.peak, limit, unit: 'MB' }]);
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
