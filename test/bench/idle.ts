/**
 * What the daemon costs while nobody needs it: CPU and memory with nothing to do, with a client that watches, and after a batch; and
 * whether the render host is let go when its idle time is over.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchDaemon, inTemporaryFolder, startDaemon, waitForEnd } from './bench-daemon.ts';
import { watchLimit } from './limit-watch.ts';
import { makePhotoSet, SIZE_12 } from './photo-set.ts';
import { cpuOf, hasProc, memoryOf } from './process-facts.ts';
import { goals, note, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const stretchMs = isQuick ? 10_000 : 60_000;
const IDLE_S = 3;
/** After its start a process tidies up for a while. */
const CALM_MS = 3000;

type Stretch = { name: string; cpuMsASecond: number; megabytes: number };

async function bench(folder: string): Promise<void> {
  const settings = { executor: { idle_s: IDLE_S } };
  const daemon = await startDaemon({ dataDir: join(folder, 'data'), settings });
  try {
    const stretches = [await measure(daemon, 'after its start')];
    const watch = await watchLimit(daemon.port);
    stretches.push(await measure(daemon, 'with a client that watches'));
    watch.close();
    const letGo = await runBatch(daemon, folder);
    stretches.push(await measure(daemon, 'after a batch, the render host let go'));
    report(stretches, letGo);
  } finally {
    await daemon.kill('SIGTERM');
  }
}

async function measure(daemon: BenchDaemon, name: string): Promise<Stretch> {
  await delay(CALM_MS);
  const before = cpuOf(daemon.pid);
  const began = performance.now();
  await delay(stretchMs);
  const seconds = (performance.now() - began) / 1000;
  return {
    name,
    cpuMsASecond: (cpuOf(daemon.pid) - before) / seconds,
    megabytes: memoryOf(daemon.pid).now,
  };
}

type LetGo = { hostMegabytes: number; afterMs: number };

/** Seconds from the end of the batch until the host is gone. */
async function runBatch(daemon: BenchDaemon, folder: string): Promise<LetGo> {
  const sizes = Array.from({ length: 6 }, () => SIZE_12);
  const paths = await makePhotoSet({ folder: join(folder, 'photos'), sizes, samples: 0 });
  const { photos } = await daemon.client.photos.add({ paths });
  const photo_ids = photos.map(({ photo_id }) => photo_id);
  const config = { preset: 'WhiteLayer_v4', blend: 60 };
  const { batch_id } = await daemon.client.batches.start({ photo_ids, config });
  const end = await waitForEnd(daemon.client, batch_id, 20);
  if (end.processed_count !== photo_ids.length) throw new Error(`the batch ended ${end.status}`);
  const endedMs = performance.now();
  const hostMegabytes = memoryOf(daemon.hostPid() ?? 0).now;
  while (daemon.hostPid() !== null) {
    if (performance.now() - endedMs > 60_000) return { hostMegabytes, afterMs: Number.POSITIVE_INFINITY };
    await delay(20);
  }
  return { hostMegabytes, afterMs: performance.now() - endedMs };
}

function report(stretches: readonly Stretch[], { hostMegabytes, afterMs }: LetGo): void {
  table(
    `A daemon with nothing to do (${stretchMs / 1000} s each)`,
    ['', 'CPU ms a second', 'MB resident'],
    stretches.map(({ name, cpuMsASecond, megabytes }) =>
      row(name, cpuMsASecond.toFixed(2), megabytes.toFixed(0)),
    ),
  );
  note(`the render host had ${hostMegabytes.toFixed(0)} MB when the batch ended`);
  const most = (pick: (one: Stretch) => number): number => Math.max(...stretches.map(pick));
  goals([
    { what: 'CPU of one core', value: most((one) => one.cpuMsASecond) / 10, limit: 0.5, unit: '%' },
    { what: 'memory of the daemon', value: most((one) => one.megabytes), limit: 150, unit: 'MB' },
    {
      what: `render host let go, idle time ${IDLE_S} s`,
      value: afterMs / 1000,
      limit: IDLE_S + 1,
      unit: 's',
    },
  ]);
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
