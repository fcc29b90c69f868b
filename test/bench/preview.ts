/**
 * What a preview costs while a slider moves: CPU of daemon and render host together for one `POST /photos/{id}/preview` of a 24-megapixel
 * photo, from the request to its last byte; then the same inside one render thread. `node test/bench/preview.ts [--quick]`.
 */
import { join } from 'node:path';
import type { NativePreset } from '../../bridge/contract/native-preset.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import type { Look } from '../../bridge/presets/look.ts';
import type { PhotoProxy } from '../../workers/pipeline/photo-proxy.ts';
import { proof } from '../../workers/pipeline/proof.ts';
import { proofTask } from '../helpers/tasks.ts';
import { type BenchDaemon, inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { makeLargePhoto } from './photo-files.ts';
import { whiteLayerRecipe } from './photo-variants.ts';
import { cpuOf, hasProc } from './process-facts.ts';
import { goals, median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 3 : 9;
/** Linux counts CPU time in hundredths of a second: one request is too short to be measured alone. */
const REQUESTS = 10;
const WIDTH = 1024;
const GOAL_MS = 40;

const colour = whiteLayerRecipe().preset;
const spatial: NativePreset = { ...colour, clarity: 20, sharpening: { amount: 40 }, grain: { amount: 20 } };

type Ask = { preset: string | NativePreset; blend: number; width: number };
/** `ask` gets a number that grows with every request: what the slider moves over. */
type Slider = { name: string; ask(step: number): Ask };

const sliders: readonly Slider[] = [
  { name: 'colours, blend 60', ask: () => ({ preset: colour, blend: 60, width: WIDTH }) },
  { name: 'colours, blend 100', ask: () => ({ preset: colour, blend: 100, width: WIDTH }) },
  {
    name: 'colours, the blend moves',
    ask: (step) => ({ preset: colour, blend: 1 + (step % 99), width: WIDTH }),
  },
  {
    name: 'colours, the exposure moves',
    ask: (step) => ({ preset: { ...colour, exposure: (step % 400) / 100 - 2 }, blend: 100, width: WIDTH }),
  },
  { name: 'with spatial steps, blend 60', ask: () => ({ preset: spatial, blend: 60, width: WIDTH }) },
  { name: 'with spatial steps, blend 100', ask: () => ({ preset: spatial, blend: 100, width: WIDTH }) },
  { name: 'colours, blend 60, 2048 wide', ask: () => ({ preset: colour, blend: 60, width: 2048 }) },
];

type Asker = (slider: Slider) => Promise<void>;

async function createAsker(daemon: BenchDaemon, path: string): Promise<Asker> {
  const { photos } = await daemon.client.photos.add({ paths: [path] });
  let step = 0;
  const photo = photos[0]?.photo_id ?? 0;
  return async ({ ask }) => {
    await daemon.client.photos.preview(photo, ask(step++));
  };
}

/** Milliseconds of CPU, daemon and host, and of wall clock, for one of `count` requests. */
async function costOf(daemon: BenchDaemon, count: number, run: () => Promise<void>) {
  const spent = () => cpuOf(daemon.pid) + cpuOf(daemon.hostPid() ?? 0);
  const [cpu, began] = [spent(), performance.now()];
  for (let request = 0; request < count; request++) await run();
  return { cpu: (spent() - cpu) / count, wall: (performance.now() - began) / count };
}

async function overHttp(folder: string, path: string): Promise<void> {
  const daemon = await startDaemon({
    dataDir: join(folder, 'data'),
    settings: { library: { folders: [] }, executor: { threads: 1, nice: 0 } },
  });
  try {
    const ask = await createAsker(daemon, path);
    const first = sliders[0];
    if (first === undefined) return;
    // The host starts when it is first needed: a thumbnail-sized proof of another width pays for that.
    await ask({ name: '', ask: () => ({ preset: colour, blend: 1, width: 64 }) });
    const cold = await costOf(daemon, 1, () => ask(first));
    const costs = sliders.map(() => [] as { cpu: number; wall: number }[]);
    for (let round = -2; round < ROUNDS; round++) {
      for (const [index, slider] of sliders.entries()) {
        const cost = await costOf(daemon, REQUESTS, () => ask(slider));
        if (round >= 0) costs[index]?.push(cost);
      }
    }
    reportHttp(cold, costs);
  } finally {
    await daemon.kill('SIGTERM');
  }
}

type Cost = { cpu: number; wall: number };

function reportHttp(cold: Cost, costs: readonly (readonly Cost[])[]): void {
  const rows = sliders.map(({ name }, index) => {
    const own = costs[index] ?? [];
    const cpu = own.map((cost) => cost.cpu);
    return row(name, median(cpu).toFixed(1), range(cpu, 1), median(own.map(({ wall }) => wall)).toFixed(1));
  });
  rows.unshift(row('the photo is not decoded yet', cold.cpu.toFixed(0), '', cold.wall.toFixed(0)));
  table(
    `Preview of a 24-megapixel photo, ${WIDTH} wide unless said: one request, daemon and render host (${ROUNDS} rounds of ${REQUESTS} in turns)`,
    ['', 'CPU ms', 'range', 'wall ms'],
    rows,
  );
  const cpuOfSlider = (name: string) =>
    (costs[sliders.findIndex((slider) => slider.name === name)] ?? []).map(({ cpu }) => cpu);
  // All rounds together: one round's ten requests are only some ten ticks of the clock.
  const sumOf = (name: string) => cpuOfSlider(name).reduce((sum, cpu) => sum + cpu, 0);
  goals([
    ...['colours, the blend moves', 'with spatial steps, blend 60'].map((name) => ({
      what: `CPU of a preview after warm-up: ${name}`,
      value: median(cpuOfSlider(name)),
      limit: GOAL_MS,
      unit: 'ms',
    })),
    {
      what: 'CPU of a preview: blend 60 over blend 100',
      value: sumOf('colours, blend 60') / sumOf('colours, blend 100'),
      limit: 1.1,
      unit: 'x',
    },
  ]);
}

/** The same without HTTP and processes: what the thread itself does for a request. */
async function inThread(path: string): Promise<void> {
  const looks: [name: string, look: Look | null][] = [
    ['no look: encoder alone', null],
    ['colours', compileLook({ kind: 'native', name: 'colours', preset: colour })],
    ['with spatial steps', compileLook({ kind: 'native', name: 'spatial', preset: spatial })],
  ];
  const task = proofTask(path, { source: { path, state: 'kept' }, blend: 60, long_edge: WIDTH, quality: 85 });
  const kept: { proxy: PhotoProxy | null } = { proxy: null };
  const run = async (look: Look | null) => {
    const before = process.cpuUsage();
    const { proxy } = kept;
    const onProxy = (made: PhotoProxy) => {
      kept.proxy = made;
    };
    const outcome = await proof(task, { look, proxy, onProxy, onSize: () => undefined });
    if (!outcome.ok) throw new Error(outcome.failure.message);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const costs = looks.map(() => [] as number[]);
  for (let round = -5; round < ROUNDS * REQUESTS; round++) {
    for (const [index, [, look]] of looks.entries()) {
      const cost = await run(look);
      if (round >= 0) costs[index]?.push(cost);
    }
  }
  table(
    `Preview inside a render thread, ${WIDTH} wide, blend 60, proxy kept`,
    ['', 'CPU ms', 'range'],
    looks.map(([name], index) =>
      row(name, median(costs[index] ?? []).toFixed(1), range(costs[index] ?? [], 1)),
    ),
  );
}

await inTemporaryFolder(async (folder) => {
  const path = await makeLargePhoto(join(folder, 'large.jpg'));
  if (hasProc) await overHttp(folder, path);
  else note('no /proc here: only the thread is measured');
  await inThread(path);
});
