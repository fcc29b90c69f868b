/**
 * Loaded into a benchmarked daemon with `--import`: notes how long its event loop was not free. On SIGUSR2 it writes what it
 * found to the file named by `PB_BENCH_LOOP` and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs';

/** Of the stretches between two turns of the loop. CPU: the main thread's own work; wall: also time it waited for a core. */
export type LoopReport = { longestCpuMs: number; longestWallMs: number; over20Ms: number; cpuMs: number };

const EVERY_MS = 4;
const LONG_MS = 20;

const path = process.env.PB_BENCH_LOOP;
if (path !== undefined) watch(path);

function watch(reportPath: string): void {
  let report = empty();
  let cpu = mainThreadMs();
  let at = performance.now();
  setInterval(() => {
    const cpuNow = mainThreadMs();
    const now = performance.now();
    const [worked, passed] = [cpuNow - cpu, now - at - EVERY_MS];
    report.cpuMs += worked;
    report.longestCpuMs = Math.max(report.longestCpuMs, worked);
    report.longestWallMs = Math.max(report.longestWallMs, passed);
    if (worked > LONG_MS) report.over20Ms += 1;
    [cpu, at] = [cpuNow, now];
  }, EVERY_MS).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(`${reportPath}.new`, JSON.stringify(report));
    renameSync(`${reportPath}.new`, reportPath);
    report = empty();
  });
}

function empty(): LoopReport {
  return { longestCpuMs: 0, longestWallMs: 0, over20Ms: 0, cpuMs: 0 };
}

function mainThreadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
