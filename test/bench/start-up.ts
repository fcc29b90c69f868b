/** How soon it is there: the daemon from its spawn to listening, a render host from its spawn to ready; wall clock and CPU, in turns. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FromHost } from '../../bridge/contract/host-messages.ts';
import { spawnHost } from '../../bridge/executor/spawn-host.ts';
import { inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { cpuOf, hasProc, memoryOf } from './process-facts.ts';
import { goals, median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 5 : 15;

type Start = { ms: number; cpuMs: number; megabytes: number };

async function bench(folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  const found = { daemon: [] as Start[], again: [] as Start[], host: [] as Start[] };
  // The first start of all fills the cache of compiled code.
  await startOnce(join(folder, 'first'));
  for (let round = 0; round < rounds; round += 1) {
    found.daemon.push(await startOnce(join(folder, `new-${round}`)));
    found.again.push(await startOnce(dataDir));
    found.host.push(await startHost());
  }
  const line = (name: string, starts: readonly Start[]): string[] => {
    const times = starts.map(({ ms }) => ms);
    return row(
      name,
      median(times).toFixed(0),
      range(times, 0),
      median(starts.map(({ cpuMs }) => cpuMs)).toFixed(0),
      median(starts.map(({ megabytes }) => megabytes)).toFixed(0),
    );
  };
  table(
    `From the spawn to ready (${rounds} rounds in turns)`,
    ['', 'ms', 'range', 'CPU ms', 'MB resident'],
    [
      line('daemon, new data folder', found.daemon),
      line('daemon, its data folder', found.again),
      line(`render host, ${availableParallelism()} threads`, found.host),
    ],
  );
  goals([
    {
      what: 'daemon: from its spawn to listening',
      value: median(found.again.map(({ ms }) => ms)),
      limit: 1000,
      unit: 'ms',
    },
    {
      what: 'render host: from its spawn to ready',
      value: median(found.host.map(({ ms }) => ms)),
      limit: 1000,
      unit: 'ms',
    },
  ]);
}

async function startOnce(dataDir: string): Promise<Start> {
  const daemon = await startDaemon({ dataDir });
  const megabytes = memoryOf(daemon.pid).now;
  await daemon.kill('SIGTERM');
  return { ms: daemon.startMs, cpuMs: daemon.startCpuMs, megabytes };
}

async function startHost(): Promise<Start> {
  const began = performance.now();
  const host = spawnHost({
    threads: availableParallelism(),
    nice: 0,
    memoryBudgetBytes: Number.MAX_SAFE_INTEGER,
    memoryLimitBytes: 8e9,
  });
  let message: FromHost;
  do [message] = (await once(host, 'message')) as [FromHost];
  while (message.type !== 'ready');
  const ms = performance.now() - began;
  const pid = host.pid ?? 0;
  const start = { ms, cpuMs: cpuOf(pid), megabytes: memoryOf(pid).now };
  const ended = once(host, 'exit');
  host.disconnect();
  await ended;
  return start;
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
