/**
 * Photos per second through the real render host with one thread and with as many as there are cores, CPU a photo, and the host's
 * memory. `node test/bench/throughput.ts [rounds] [photo…]`. Linux only: CPU and peak memory are read from /proc.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../bridge/executor/local-executor.ts';
import { createLog } from '../../bridge/log.ts';
import { developTask } from '../helpers/tasks.ts';
import { makeLargePhoto } from './photo-files.ts';
import { whiteLayerRecipe } from './photo-variants.ts';
import { type Goal, goals, median, row, table } from './report.ts';

const PHOTOS_A_ROUND = 12;
/** Linux counts CPU time for other programs in hundredths of a second. */
const MS_A_TICK = 10;

const rounds = Number(process.argv[2]) || 5;
const threadCounts = [...new Set([1, Math.min(2, availableParallelism()), availableParallelism()])];

type Round = { perSecond: number; cpu: number };
type Lane = { threads: number; executor: LocalExecutor; rounds: Round[] };

const folder = mkdtempSync(join(tmpdir(), 'pb-bench-'));
const log = createLog('silent');
const named = process.argv.slice(3);
const photos = named.length > 0 ? named : [await makeLargePhoto(join(folder, 'made-up.jpg'))];

function createLane(threads: number): Lane {
  const { executor } = settingsSchema.parse({ executor: { threads, nice: 0 } });
  return { threads, executor: createLocalExecutor({ settings: executor, log }), rounds: [] };
}

async function developAll({ executor, threads }: Lane, count: number): Promise<void> {
  const ends = Array.from({ length: count }, async (_, item) => {
    const path = photos[item % photos.length] ?? '';
    const name = `${threads}-${item}.jpg`;
    const output = { on_conflict: 'overwrite' } as const;
    const task = developTask({ path, folder, name, item, recipe: whiteLayerRecipe(), blend: 60, output });
    const end = await executor.develop(task, {});
    if (end.kind !== 'outcome' || !end.outcome.ok) throw new Error(JSON.stringify(end));
  });
  await Promise.all(ends);
}

/** Fields 14 and 15 of /proc/pid/stat: user and system ticks. */
function cpuMs(pid: number | null): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
}

function peakMegabytes(pid: number | null): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function measure(lane: Lane): Promise<void> {
  const count = Math.max(PHOTOS_A_ROUND, photos.length) * lane.threads;
  const pid = lane.executor.pid();
  const cpu = cpuMs(pid);
  const began = performance.now();
  await developAll(lane, count);
  const seconds = (performance.now() - began) / 1000;
  lane.rounds.push({ perSecond: count / seconds, cpu: (cpuMs(pid) - cpu) / count });
}

const lanes = threadCounts.map(createLane);
try {
  for (const lane of lanes) await developAll(lane, 3 * lane.threads);
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) await measure(lane);
  }
  const rates = (lane: Lane | undefined) => median(lane?.rounds.map((round) => round.perSecond) ?? []);
  table(
    'Full size photos through the render host, blend 60',
    ['threads', 'photos/s', 'of one thread', 'CPU ms/photo', 'peak memory MB', 'goal MB'],
    lanes.map((lane) =>
      row(
        lane.threads,
        rates(lane).toFixed(2),
        `${(rates(lane) / rates(lanes[0])).toFixed(2)}x`,
        median(lane.rounds.map((round) => round.cpu)).toFixed(0),
        peakMegabytes(lane.executor.pid()).toFixed(0),
        150 + 180 * lane.threads,
      ),
    ),
  );
  const base = rates(lanes[0]);
  goals(
    lanes.flatMap((lane): Goal[] => [
      ...(lane.threads === 2
        ? [
            {
              what: 'photos/s: two threads against one',
              value: rates(lane) / base,
              limit: 1.6,
              unit: 'x',
              atLeast: true,
            },
          ]
        : []),
      {
        what: `peak memory of the host with threads: ${lane.threads}`,
        value: peakMegabytes(lane.executor.pid()),
        limit: 150 + 180 * lane.threads,
        unit: 'MB',
      },
    ]),
  );
} finally {
  await Promise.all(lanes.map((lane) => lane.executor.close()));
  rmSync(folder, { recursive: true, force: true });
}
