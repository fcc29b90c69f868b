/**
 * What a developed photo costs over bare sharp: CPU and wall of the real `develop()` with a real, durable file against decode +
 * encode of the same JPEG with the same options, interleaved, medians of the rounds' ratios. Runs in the render host's environment.
 * `node test/bench/photo.ts [rounds] [photo…] [--quick]`; quick: only the first photo; without photos: one made up and the largest of the sample photos beside the checkout.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostEnvironment } from '../../bridge/executor/spawn-host.ts';
import { calmCollector } from '../../workers/host/calm-collector.ts';
import { benchPhotos } from './photo-files.ts';
import { measureStages } from './photo-stages.ts';
import { createVariants, type Variant } from './photo-variants.ts';
import { goals, median, row, table } from './report.ts';

const isChild = process.env.PB_BENCH_CHILD === '1';
const isQuick = process.argv.includes('--quick');
const [first, ...photos] = process.argv.slice(2).filter((word) => word !== '--quick');
const rounds = Number(first) || 7;

type Cost = { cpu: number; wall: number };

/** Milliseconds of CPU (all threads) and of wall clock. */
async function cost(run: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, wall: performance.now() - began };
}

/** Each round begins with another variant: what one leaves behind is not always paid by the same one. */
async function measure(variants: readonly Variant[]): Promise<Cost[][]> {
  const costs: Cost[][] = variants.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const i = (turn + round + 2) % variants.length;
      const spent = await cost(async () => variants[i]?.run());
      if (round >= 0) costs[i]?.push(spent);
    }
  }
  return costs;
}

/** The first variant is the floor. */
function report(title: string, variants: readonly Variant[], costs: readonly Cost[][]): void {
  const floor = costs[0] ?? [];
  const rows = variants.map(({ name, goal }, i) => {
    const own = costs[i] ?? [];
    const ratios = own.map(({ cpu }, round) => cpu / (floor[round]?.cpu ?? Number.NaN));
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    return row(
      name,
      median(own.map(({ cpu }) => cpu)).toFixed(1),
      median(own.map(({ wall }) => wall)).toFixed(1),
      `${median(ratios).toFixed(2)}x`,
      range,
      goal === undefined ? '' : `${goal}x`,
    );
  });
  table(title, ['', 'CPU ms', 'wall ms', 'CPU of floor', 'range', 'goal'], rows);
  goals(
    variants.flatMap(({ name, goal }, i) => {
      const ratios = (costs[i] ?? []).map(({ cpu }, round) => cpu / (floor[round]?.cpu ?? Number.NaN));
      const what = `CPU of the floor: ${name}, ${title}`;
      return goal === undefined ? [] : [{ what, value: median(ratios), limit: goal, unit: 'x' }];
    }),
  );
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pb-bench-'));
  try {
    const all = await benchPhotos(folder, photos);
    for (const photo of isQuick ? all.slice(0, 1) : all) {
      const what = `${basename(photo.path)}, ${photo.megapixels.toFixed(1)} MP, ${photo.megabytes.toFixed(1)} MB`;
      for (const long_edge of [undefined, 2048]) {
        const variants = createVariants({ path: photo.path, folder, long_edge });
        report(`${what}: ${long_edge ?? 'full size'}`, variants, await measure(variants));
        const stages = await measureStages({ path: photo.path, folder, rounds, long_edge });
        table(
          `${what}: ${long_edge ?? 'full size'}: what it is made of at blend 60`,
          ['', 'CPU ms', 'of the floor'],
          stages.map(({ name, cpu, share }) => row(name, cpu.toFixed(1), `${share.toFixed(3)}x`)),
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isChild) {
  calmCollector();
  await bench();
} else {
  // The allocator reads its settings once, when a process starts.
  const env = { ...hostEnvironment(1), PB_BENCH_CHILD: '1' };
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  process.exitCode = status ?? 1;
}
