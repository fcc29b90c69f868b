/**
 * A good neighbour: another program burns every core while a batch runs. How much of its work it loses against running alone, what
 * the bridge still gets done, how soon it gives way, and how soon it has everything back. In turns, so that all see the same machine.
 * Controls: a bridge that never gives way, and one that takes its own work for another's.
 */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type BenchDaemon, inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { type Burner, paceBetween, startBurner } from './burner-process.ts';
import { type LimitWatch, watchLimit } from './limit-watch.ts';
import { makePhotoSet, SIZE_12 } from './photo-set.ts';
import { cpuOf, hasProc } from './process-facts.ts';
import { goals, median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 1 : 5;
const aloneMs = isQuick ? 2_000 : 5_000;
const togetherMs = isQuick ? 6_000 : 15_000;
/** The bridge alone before each meeting: it must not back off from itself. */
const quietMs = isQuick ? 4_000 : 8_000;
const WAIT_MS = 10_000;
/** Where the burner alone was far from steady, nothing can be said; smaller swings stand in the table beside the figures. */
const MOST_DRIFT = 0.1;
const PHOTOS = 12;
const totalLoadEntry = fileURLToPath(new URL('./total-load-daemon.ts', import.meta.url));
const cores = availableParallelism();

type Profile = 'balanced' | 'full';
type Round = {
  /** How far the burner's pace alone was apart before and after: what else happened on the machine. */
  drift: number;
  /** Share of the burner's work that was lost: from its first moment on, and once the bridge had given way. */
  lostWhole: number;
  lostAfter: number;
  /** Photos a second of the bridge: alone, and beside the burner. */
  paceAlone: number;
  paceBeside: number;
  /** Share of all cores the bridge took beside the burner. */
  cpuShare: number;
  giveWayMs: number | null;
  takeBackMs: number | null;
  changesAlone: number;
  changesBeside: number;
};
type Side = { profile: Profile; daemon: BenchDaemon; watch: LimitWatch; ids: number[]; rounds: Round[] };

async function bench(folder: string): Promise<void> {
  const paths = await makePhotoSet({
    folder: join(folder, 'photos'),
    sizes: Array.from({ length: PHOTOS }, () => SIZE_12),
    samples: 0,
  });
  const burner = await startBurner(cores);
  const sides: Side[] = [];
  try {
    for (const profile of ['balanced', 'full'] as const)
      sides.push(await openSide({ folder, profile, paths }));
    for (let round = 0; round < rounds; round += 1) {
      for (const side of sides) {
        const found = await meet(side, burner, folder);
        side.rounds.push(found);
        process.stdout.write(`${side.profile}: lost ${(100 * found.lostAfter).toFixed(1)} %\n`);
      }
    }
    report(sides);
    note(await totalLoadControl(folder, paths));
  } finally {
    burner.stop();
    for (const { watch, daemon } of sides) {
      watch.close();
      await daemon.kill('SIGTERM');
    }
  }
}

async function openSide(of: { folder: string; profile: Profile; paths: string[] }): Promise<Side> {
  const { folder, profile, paths } = of;
  const settings = { library: { folders: [] }, resources: { profile } };
  const daemon = await startDaemon({ dataDir: join(folder, profile), settings });
  const { photos } = await daemon.client.photos.add({ paths });
  const ids = photos.map(({ photo_id }) => photo_id);
  return { profile, daemon, watch: await watchLimit(daemon.port), ids, rounds: [] };
}

/** Burner alone, bridge alone, both, bridge alone again. */
async function meet(side: Side, burner: Burner, folder: string): Promise<Round> {
  const { daemon, watch } = side;
  const alone = await paceAlone(burner);
  await settle(daemon);
  const batches = await startWork(side, folder);
  const bridge = await paceOfBridge(daemon, quietMs);
  const changesAlone = watch.changes.length;
  const quietFrom = watch.changes.length - countSince(watch, bridge.fromMs);

  const metMs = performance.now();
  await burner.work();
  const first = await burner.count();
  const cpuBefore = cpuOfBridge(daemon);
  const doneBefore = await countDone(daemon, batches);
  const gaveWay = await watch.wait(
    metMs,
    ({ limit }) => limit < cores,
    side.profile === 'full' ? 1500 : WAIT_MS,
  );
  const settled = await burner.count();
  await delay(Math.max(0, metMs + togetherMs - performance.now()));
  const last = await burner.count();
  const seconds = (performance.now() - metMs) / 1000;
  const cpuMs = cpuOfBridge(daemon) - cpuBefore;
  const done = (await countDone(daemon, batches)) - doneBefore;

  const leftMs = performance.now();
  await burner.rest();
  const tookBack =
    gaveWay === null ? null : await watch.wait(leftMs, ({ limit }) => limit === cores, WAIT_MS);
  await endWork(daemon, batches);
  const aloneAgain = await paceAlone(burner);
  const base = (alone + aloneAgain) / 2;
  return {
    drift: Math.abs(aloneAgain - alone) / base,
    lostWhole: 1 - paceBetween(first, last) / base,
    lostAfter: 1 - paceBetween(settled, last) / base,
    paceAlone: bridge.perSecond,
    paceBeside: done / seconds,
    cpuShare: cpuMs / 1000 / seconds / cores,
    giveWayMs: gaveWay === null ? null : gaveWay - metMs,
    takeBackMs: tookBack === null ? null : tookBack - leftMs,
    changesAlone: changesAlone - quietFrom,
    changesBeside: countSince(watch, metMs) - (tookBack === null ? 0 : 1),
  };
}

function countSince(watch: LimitWatch, fromMs: number): number {
  return watch.changes.filter(({ atMs }) => atMs >= fromMs).length;
}

async function paceAlone(burner: Burner): Promise<number> {
  await burner.work();
  await delay(300);
  const from = await burner.count();
  await delay(aloneMs);
  const to = await burner.count();
  await burner.rest();
  return paceBetween(from, to);
}

/** The governor has seen the burner: what follows must not begin with its verdict. */
async function settle(daemon: BenchDaemon): Promise<void> {
  for (const end = performance.now() + WAIT_MS; performance.now() < end; await delay(250)) {
    const { limit, capacity } = await daemon.client.resources();
    if (limit === capacity) return;
  }
}

/** More batches than can be done in the time. Their outputs replace each other, so that the disk does not fill. */
async function startWork({ daemon, ids }: Side, folder: string): Promise<string[]> {
  const output = { folder: join(folder, 'outputs'), on_conflict: 'overwrite' as const };
  const body = { photo_ids: ids, config: { preset: 'WhiteLayer_v4', blend: 60, output } };
  const seconds = (quietMs + togetherMs + WAIT_MS) / 1000;
  const count = Math.ceil((seconds * cores * 10) / ids.length);
  const batches: string[] = [];
  for (let batch = 0; batch < count; batch += 1)
    batches.push((await daemon.client.batches.start(body)).batch_id);
  // The host is started, the code compiled.
  while ((await countDone(daemon, batches)) < cores * 2) await delay(50);
  return batches;
}

async function endWork(daemon: BenchDaemon, batches: readonly string[]): Promise<void> {
  for (const id of batches) await daemon.client.batches.cancel(id).catch(() => undefined);
  for (;;) {
    const { batches: running } = await daemon.client.batches.list({ limit: 1000 });
    if (running.every(({ in_flight_count }) => in_flight_count === 0)) return;
    await delay(50);
  }
}

async function paceOfBridge(daemon: BenchDaemon, forMs: number) {
  const fromMs = performance.now();
  const before = await countAll(daemon);
  await delay(forMs);
  return { fromMs, perSecond: ((await countAll(daemon)) - before) / ((performance.now() - fromMs) / 1000) };
}

async function countAll(daemon: BenchDaemon): Promise<number> {
  const { batches } = await daemon.client.batches.list({ limit: 1000 });
  return batches.reduce((sum, { processed_count }) => sum + processed_count, 0);
}

async function countDone(daemon: BenchDaemon, batches: readonly string[]): Promise<number> {
  const wanted = new Set(batches);
  const { batches: all } = await daemon.client.batches.list({ limit: 1000 });
  return all.reduce(
    (sum, { batch_id, processed_count }) => sum + (wanted.has(batch_id) ? processed_count : 0),
    0,
  );
}

function cpuOfBridge(daemon: BenchDaemon): number {
  return cpuOf(daemon.pid) + cpuOf(daemon.hostPid() ?? 0);
}

function report(sides: readonly Side[]): void {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const seconds = (found: readonly (number | null)[]): string =>
    found.includes(null) ? 'not' : `${(median(found.map(Number)) / 1000).toFixed(2)} s`;
  const line = (name: string, show: (found: readonly Round[]) => string): string[] =>
    row(name, ...sides.map((side) => show(side.rounds)));
  const lost = (found: readonly Round[], pick: (round: Round) => number): string =>
    `${percent(median(found.map(pick)))} (${range(
      found.map((round) => 100 * pick(round)),
      1,
    )})`;
  table(
    `Another program on all ${cores} cores for ${togetherMs / 1000} s beside a batch (${rounds} rounds in turns)`,
    ['', ...sides.map(({ profile }) => (profile === 'full' ? 'profile full (control)' : profile))],
    [
      line('work it lost, once the bridge had given way', (found) => lost(found, (one) => one.lostAfter)),
      line('work it lost, from its first moment', (found) => lost(found, (one) => one.lostWhole)),
      line('bridge beside it, share of all cores', (found) =>
        percent(median(found.map((one) => one.cpuShare))),
      ),
      line('photos/s of the bridge, alone', (found) => median(found.map((one) => one.paceAlone)).toFixed(2)),
      line('photos/s of the bridge, beside it', (found) =>
        median(found.map((one) => one.paceBeside)).toFixed(2),
      ),
      line('until the bridge gives way', (found) => seconds(found.map((one) => one.giveWayMs))),
      line('until it has everything back', (found) => seconds(found.map((one) => one.takeBackMs))),
      line('its pace alone, before and after: apart by', (found) =>
        percent(Math.max(...found.map((one) => one.drift))),
      ),
      line('changes of limit: alone', (found) => found.map((one) => one.changesAlone).join(' ')),
      line('changes of limit: beside', (found) => found.map((one) => one.changesBeside).join(' ')),
    ],
  );
  const drift = median(sides.flatMap(({ rounds: found }) => found.map((one) => one.drift)));
  if (drift > MOST_DRIFT)
    throw new Error(`the machine was busy with something else (${percent(drift)} apart): no figures`);
  goalsOf(sides[0]?.rounds ?? []);
}

function goalsOf(found: readonly Round[]): void {
  const worst = (pick: (round: Round) => number | null): number =>
    Math.max(...found.map((one) => pick(one) ?? Number.POSITIVE_INFINITY)) / 1000;
  goals([
    {
      what: 'work lost by the other program',
      value: 100 * median(found.map((one) => one.lostAfter)),
      limit: 5,
      unit: '%',
    },
    {
      what: "the bridge's progress beside it, in every round",
      value: Math.min(...found.map((one) => one.paceBeside)) * (togetherMs / 1000),
      limit: 1,
      unit: 'photos',
      atLeast: true,
    },
    { what: 'slowest until the bridge gives way', value: worst((one) => one.giveWayMs), limit: 1, unit: 's' },
    { what: 'slowest until full speed again', value: worst((one) => one.takeBackMs), limit: 2, unit: 's' },
    {
      what: 'changes of limit while the bridge is alone',
      value: found.reduce((sum, one) => sum + one.changesAlone, 0),
      limit: 0,
      unit: '',
    },
  ]);
}

/** With nobody else on the machine it backs off from itself. */
async function totalLoadControl(folder: string, paths: string[]): Promise<string> {
  const settings = { library: { folders: [] } };
  const daemon = await startDaemon({ dataDir: join(folder, 'total'), settings, entry: totalLoadEntry });
  const watch = await watchLimit(daemon.port);
  try {
    const { photos } = await daemon.client.photos.add({ paths });
    const ids = photos.map(({ photo_id }) => photo_id);
    const side: Side = { profile: 'balanced', daemon, watch, ids, rounds: [] };
    const batches = await startWork(side, folder);
    const { fromMs, perSecond } = await paceOfBridge(daemon, quietMs);
    const changes = countSince(watch, fromMs);
    await endWork(daemon, batches);
    return `control, a governor fed total load, alone: ${changes} changes of limit in ${quietMs / 1000} s, ${perSecond.toFixed(2)} photos/s`;
  } finally {
    watch.close();
    await daemon.kill('SIGTERM');
  }
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
