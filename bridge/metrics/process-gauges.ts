/** The daemon's own process: CPU, memory, open files, and how late its event loop is. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { addCounter, addGauge } from './state-gauges.ts';

/** The event loop is only measured while somebody reads the metrics at least so often. */
const WATCHED_MS = 10 * 60_000;
const RESOLUTION_MS = 20;
const NANOSECOND = 1e-9;

export type ProcessGauges = {
  /** Somebody reads. */
  wake(): void;
  close(): void;
};

export function addProcessGauges(registry: Registry, version: string): ProcessGauges {
  new Gauge({
    name: 'photo_bridge_build_info',
    help: 'Always 1; the labels say which version runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  const startedAt = Date.now() / 1000 - process.uptime();
  const gauge = (name: string, help: string, read: () => number) => addGauge(registry, { name, help, read });
  addCounter(registry, {
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the daemon, user and system, without the render host.',
    read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  });
  gauge('process_start_time_seconds', 'When the daemon started, since 1970.', () => startedAt);
  gauge('process_resident_memory_bytes', 'Resident memory of the daemon.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  if (process.platform === 'linux') gauge('process_open_fds', 'Open file descriptors.', countOpenFiles);
  return addLoopDelay(registry);
}

function countOpenFiles(): number {
  try {
    // One of them is this folder's own.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return Number.NaN;
  }
}

/** Nothing is shown at the first reading: it begins the measuring. */
function addLoopDelay(registry: Registry): ProcessGauges {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let asleep: NodeJS.Timeout | null = null;
  new Gauge({
    name: 'photo_bridge_event_loop_delay_seconds',
    help: 'How late the event loop was since the last reading of the metrics.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      if (delays.count === 0) return;
      // What is recorded is the time between two looks, the planned one included.
      const toDelay = (value: number) => Math.max(0, value * NANOSECOND - RESOLUTION_MS / 1000);
      this.set({ quantile: '0.5' }, toDelay(delays.percentile(50)));
      this.set({ quantile: '0.99' }, toDelay(delays.percentile(99)));
      this.set({ quantile: '1' }, toDelay(delays.max));
      delays.reset();
    },
  });
  const sleep = () => {
    if (asleep !== null) clearTimeout(asleep);
    asleep = null;
    delays.disable();
    delays.reset();
  };
  return {
    wake() {
      delays.enable();
      if (asleep !== null) clearTimeout(asleep);
      asleep = setTimeout(sleep, WATCHED_MS).unref();
    },
    close: sleep,
  };
}
