/** Reads CPU counters of the machine, the control group and our own processes at one moment. Computes no load. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';

/** All times are milliseconds of CPU, counted from some fixed moment; `atMs` is monotonic. */
export type CpuSample = {
  atMs: number;
  /** CPU time everybody together spent busy. */
  busyMs: number;
  /** Daemon and render host. `hostPid` tells which host it was: a new one starts counting at zero. */
  daemonMs: number;
  hostMs: number | null;
  hostPid: number | null;
};

/** Linux reports process times in ticks of USER_HZ, which is 100 on every architecture Node runs on (proc(5)). */
const MS_PER_TICK = 10;

export async function readCpuSample(hostPid: number | null): Promise<CpuSample> {
  const [busy, hostMs] = await Promise.all([
    readCgroupBusyMs(),
    hostPid === null ? null : readProcessMs(hostPid),
  ]);
  const own = process.cpuUsage();
  return {
    atMs: performance.now(),
    busyMs: busy ?? machineBusyMs(),
    daemonMs: (own.user + own.system) / 1000,
    hostMs,
    hostPid: hostMs === null ? null : hostPid,
  };
}

function machineBusyMs(): number {
  let busy = 0;
  for (const { times } of os.cpus()) busy += times.user + times.nice + times.sys + times.irq;
  return busy;
}

/** When a quota or an affinity mask leaves us fewer cores than the machine has, only our own group's use counts. */
async function readCgroupBusyMs(): Promise<number | null> {
  if (process.platform !== 'linux' || os.availableParallelism() >= os.cpus().length) return null;
  const v2 = await readText('/sys/fs/cgroup/cpu.stat');
  const usage = v2?.match(/^usage_usec (\d+)/m)?.[1];
  if (usage !== undefined) return Number(usage) / 1000;
  const v1 = await readText('/sys/fs/cgroup/cpuacct/cpuacct.usage');
  return v1 === null ? null : Number(v1) / 1e6;
}

/** User and system time of a process, from `/proc/PID/stat`; null where there is none. */
async function readProcessMs(pid: number): Promise<number | null> {
  const text = await readText(`/proc/${pid}/stat`);
  return text === null ? null : parseProcessMs(text);
}

/** Fields 14 and 15 of proc_pid_stat(5); the name in field 2 may hold blanks and brackets, so count after the last one. */
export function parseProcessMs(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * MS_PER_TICK : null;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}
