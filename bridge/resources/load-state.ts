/** Names a load: idle, normal, busy, critical (resources.md, "Governor"). Pure; takes no decision. */
import type { ResourceReadings } from './api.ts';

/** Percent of foreign CPU and of used memory. */
export function toLoadState(cpuPercent: number, memoryPercent: number): ResourceReadings['state'] {
  if (cpuPercent >= 95 || memoryPercent >= 95) return 'critical';
  if (cpuPercent >= 80 || memoryPercent >= 85) return 'busy';
  return cpuPercent <= 20 ? 'idle' : 'normal';
}
