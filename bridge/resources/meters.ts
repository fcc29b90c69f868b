/** Samples the machine once a second and answers the newest readings at once. Decides nothing. */
import os from 'node:os';
import type { Limiter } from '../batch/ports.ts';
import type { ResourceApi } from './api.ts';
import { NO_LOAD, toCpuLoad } from './cpu-load.ts';
import { type CpuSample, readCpuSample } from './cpu-sample.ts';
import { toLoadState } from './load-state.ts';
import { readDisks, readMemory } from './memory.ts';

export type MeterParts = {
  limiter: Limiter;
  /** The render host now, null while there is none. */
  hostPid: () => number | null;
  hostRssBytes: () => number | null;
  /** Folders whose volumes are shown. */
  diskPaths: () => readonly string[];
  intervalMs?: number;
};
export type Meters = ResourceApi & {
  /** Takes a sample now, besides the timer's. */
  sample(): Promise<void>;
  close(): void;
};

export function createMeters(parts: MeterParts): Meters {
  let last: CpuSample | null = null;
  let cpu = NO_LOAD;
  let taking: Promise<void> | null = null;
  const cores = () => os.availableParallelism();

  async function take(): Promise<void> {
    const now = await readCpuSample(parts.hostPid());
    if (last !== null) cpu = toCpuLoad(last, now, cores()) ?? cpu;
    last = now;
  }
  /** One at a time: two samples read out of order would give a negative load. */
  const sample = () => {
    taking ??= take().finally(() => {
      taking = null;
    });
    return taking;
  };
  const timer = setInterval(() => void sample().catch(() => {}), parts.intervalMs ?? 1000);
  timer.unref();
  void sample().catch(() => {});

  return {
    sample,
    close: () => clearInterval(timer),
    readings: async () => {
      const { limiter } = parts;
      const [memory, disk] = await Promise.all([readMemory(), readDisks(parts.diskPaths())]);
      return {
        state: toLoadState(cpu.foreign_percent, memory.used_percent),
        limit: limiter.limit,
        capacity: limiter.capacity,
        reason: limiter.reason,
        cpu: { cores: cores(), ...cpu },
        memory: { ...memory, host_rss_bytes: parts.hostRssBytes() },
        disk,
      };
    },
  };
}
