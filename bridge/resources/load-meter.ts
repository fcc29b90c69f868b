/**
 * Reads the machine's load again and again and tells whoever listens. Often while there is work, seldom while there is none.
 * Decides nothing.
 */
import { type CpuLoad, NO_LOAD, toCpuLoad } from './cpu-load.ts';
import type { CpuCounters, CpuSample } from './cpu-sample.ts';
import type { LoadReading } from './load-state.ts';
import { type MemoryReading, readMemory } from './memory.ts';
import { readPressure } from './pressure.ts';

const ACTIVE_MS = 500;
/** Without work nothing depends on it, but the next batch shall begin with a reading that is not old. */
const RESTING_MS = 2500;

export type LoadMeterParts = {
  counters: CpuCounters;
  /** Is there anything to do? Asked after each reading. */
  isActive: () => boolean;
  /** Milliseconds between readings; for tests. */
  intervals?: { active: number; resting: number };
};
export type LoadMeter = {
  /** The newest reading; zeros before the first. */
  readonly cpu: CpuLoad;
  readonly memory: MemoryReading;
  cores(): number;
  /** Takes one now, besides the timer's. */
  read(): void;
  /** There is work: the next reading is due soon. */
  wake(): void;
  onReading(listener: (reading: LoadReading) => void): () => void;
  close(): void;
};

export function createLoadMeter(parts: LoadMeterParts): LoadMeter {
  const { counters, isActive, intervals = { active: ACTIVE_MS, resting: RESTING_MS } } = parts;
  const listeners = new Set<(reading: LoadReading) => void>();
  let last: CpuSample = counters.read();
  let cpu = NO_LOAD;
  let memory = readMemory();
  let timer: NodeJS.Timeout | null = null;
  let dueMs = 0;

  function read(): void {
    const now = counters.read();
    const load = toCpuLoad(last, now, counters.cores());
    last = now;
    memory = readMemory();
    // Our own account has lost something: what is foreign cannot be told from these two.
    if (load === null) return;
    cpu = load;
    const reading: LoadReading = {
      atMs: now.atMs,
      foreignPercent: cpu.foreign_percent,
      memoryPercent: memory.used_percent,
      memoryStallPercent: readPressure('memory')?.full_percent ?? 0,
    };
    for (const listener of listeners) listener(reading);
  }
  function schedule(): void {
    if (timer !== null) clearTimeout(timer);
    const wait = isActive() ? intervals.active : intervals.resting;
    dueMs = performance.now() + wait;
    timer = setTimeout(() => {
      read();
      schedule();
    }, wait).unref();
  }
  schedule();

  return {
    get cpu() {
      return cpu;
    },
    get memory() {
      return memory;
    },
    cores: counters.cores,
    read,
    wake() {
      if (dueMs - performance.now() > intervals.active) schedule();
    },
    onReading(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      listeners.clear();
    },
  };
}
