/** Reads the CPU counters of the machine and of ourselves at one moment. Computes no load. */
import os from 'node:os';
import { type CpuGroup, findCpuGroup } from './cpu-group.ts';
import { readOwnCpuMs } from './own-cpu.ts';

/** Milliseconds of CPU, counted from some fixed moment; `atMs` is monotonic. */
export type CpuSample = {
  atMs: number;
  /** CPU time everybody together spent busy. */
  busyMs: number;
  /** Of it, the daemon with all it has started. */
  ownMs: number;
};

export type CpuCounters = {
  /** Cores we may use; below the machine's where a control group or an affinity mask says so. */
  cores(): number;
  read(): CpuSample;
};

/** `hostsMs`: as for `readOwnCpuMs`. Under a quota only what happens in our own control group counts: it is all we can take part in. */
export function createCpuCounters(
  hostsMs: () => number,
  group: CpuGroup | null = findCpuGroup(),
): CpuCounters {
  return {
    cores: () => Math.min(os.availableParallelism(), group?.cores ?? Number.POSITIVE_INFINITY),
    // Busy last: what we burn by reading must never look like another's.
    read: () => {
      const ownMs = readOwnCpuMs(hostsMs);
      return { atMs: performance.now(), ownMs, busyMs: group?.busyMs() ?? machineBusyMs() };
    },
  };
}

function machineBusyMs(): number {
  let busy = 0;
  for (const { times } of os.cpus()) busy += times.user + times.nice + times.sys + times.irq;
  return busy;
}
