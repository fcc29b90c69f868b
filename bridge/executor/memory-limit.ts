/** How much memory a render host may take, and whether the system has just ended processes for want of it. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Settings } from '../contract/settings.ts';

const SHARE = 0.75;

/** Bytes. Without the setting three quarters of the machine's (or the container's) memory. */
export function memoryLimitBytes(settings: Pick<Settings['executor'], 'memory_limit_mb'>): number {
  if (settings.memory_limit_mb !== undefined) return settings.memory_limit_mb * 1e6;
  const constrained = process.constrainedMemory();
  return SHARE * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}

/** Processes the kernel's out-of-memory killer has ended since boot, containers' included; null where nobody counts them. */
export function countOutOfMemoryKills(): number | null {
  try {
    const found = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}

/** Bytes the pixels of the photos in a new host may take together: by the setting, else a quarter of what is free now. */
export function memoryBudgetBytes(
  settings: Pick<Settings['executor'], 'memory_budget_mb'>,
  freeBytes: () => number = () => process.availableMemory(),
): number {
  const { memory_budget_mb } = settings;
  return memory_budget_mb === undefined ? freeBytes() / 4 : memory_budget_mb * 1e6;
}
