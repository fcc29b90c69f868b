/**
 * Five hundred photos through one render host that is never replaced: does its memory grow, and what would another allocator
 * change? `node test/bench/long-run.ts [photos] [folder]`. With a folder its photos are used (only read), else made-up ones.
 * Linux only: memory and CPU are read from /proc.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../bridge/executor/local-executor.ts';
import { createLog } from '../../bridge/log.ts';
import { sharedFolder } from '../helpers/shared-files.ts';
import { developTask } from '../helpers/tasks.ts';
import { makeLargePhoto } from './photo-files.ts';
import { whiteLayerRecipe } from './photo-variants.ts';
import { cpuOf, memoryOf } from './process-facts.ts';
import { goals, note, row, table } from './report.ts';

const count = Number(process.argv[2]) || 500;
const threads = availableParallelism();
const jemalloc = [
  '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2',
].find((path) => existsSync(path));
/** What glibc begins with by itself. */
const GLIBC = {
  MALLOC_ARENA_MAX: String(8 * threads),
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

type Variant = { name: string; env: Record<string, string> };
type Measured = { name: string; cpuMs: number; early: number; late: number; peak: number; failed: number };

const variants: Variant[] = [
  { name: 'as shipped', env: {} },
  { name: 'glibc’s own settings', env: GLIBC },
  ...(jemalloc === undefined ? [] : [{ name: 'jemalloc', env: { LD_PRELOAD: jemalloc } }]),
];

async function run(variant: Variant, photos: readonly string[], folder: string): Promise<Measured> {
  const before = { ...process.env };
  Object.assign(process.env, variant.env);
  const { executor: settings } = settingsSchema.parse({
    executor: { nice: 0, recycle_photos: 1_000_000, recycle_mb: 100_000 },
  });
  const executor = createLocalExecutor({ settings, log: createLog('silent') });
  let failed = 0;
  const develop = async (item: number): Promise<void> => {
    const path = photos[item % photos.length] ?? '';
    const output = { on_conflict: 'overwrite' } as const;
    const task = developTask({
      path,
      folder,
      name: `${item % 20}.jpg`,
      item,
      recipe: whiteLayerRecipe(),
      blend: 60,
      output,
    });
    const end = await executor.develop(task, {});
    if (end.kind !== 'outcome' || !end.outcome.ok) failed += 1;
  };
  try {
    await develop(0);
    process.env = before;
    const cpuBefore = cpuOf(executor.pid() ?? 0);
    const early = await developAll(executor, develop, { from: 1, to: Math.ceil(count / 5) });
    const late = await developAll(executor, develop, { from: Math.ceil(count / 5) + 1, to: count });
    const cpuMs = (cpuOf(executor.pid() ?? 0) - cpuBefore) / count;
    return { name: variant.name, cpuMs, early, late, peak: memoryOf(executor.pid() ?? 0).peak, failed };
  } finally {
    await executor.close();
  }
}

/** Resident megabytes when they were done. */
async function developAll(
  executor: LocalExecutor,
  develop: (item: number) => Promise<void>,
  { from, to }: { from: number; to: number },
): Promise<number> {
  await Promise.all(Array.from({ length: to - from + 1 }, (_, index) => develop(from + index)));
  return memoryOf(executor.pid() ?? 0).now;
}

function photosIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .map((name) => join(folder, name));
}

const folder = mkdtempSync(join(tmpdir(), 'pb-bench-'));
try {
  const named =
    process.argv[3] ??
    (sharedFolder('photos') === null ? undefined : join(sharedFolder('photos') ?? '', 'plain'));
  const found = named === undefined ? [] : photosIn(named);
  const photos = [...found, await makeLargePhoto(join(folder, 'made-up.jpg'))];
  const results: Measured[] = [];
  for (const variant of variants) results.push(await run(variant, photos, folder));
  table(
    `${count} photos (${photos.length} different ones) through one host with ${threads} threads`,
    ['allocator', 'CPU ms/photo', 'MB after a fifth', 'MB at the end', 'peak MB', 'failed'],
    results.map(({ name, cpuMs, early, late, peak, failed }) =>
      row(name, cpuMs.toFixed(0), early.toFixed(0), late.toFixed(0), peak.toFixed(0), failed),
    ),
  );
  const [shipped] = results;
  if (shipped !== undefined) {
    goals([
      {
        what: 'memory at the end against after a fifth of the photos',
        value: shipped.late / shipped.early,
        limit: 1.15,
        unit: 'x',
      },
      {
        what: 'peak memory against 150 MB + 180 MB a thread',
        value: shipped.peak / (150 + 180 * threads),
        limit: 1,
        unit: 'x',
      },
    ]);
  }
  if (jemalloc === undefined) note('jemalloc is not installed (Debian: libjemalloc2): not compared.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
