/** Pressure stall information of the Linux kernel: the share of time somebody waited for a resource. Reads only. */
import { readFileSync } from 'node:fs';
import type { Pressure } from '../contract/index.ts';

/** Null where the kernel does not tell. */
export function readPressure(resource: 'cpu' | 'memory' | 'io'): Pressure | null {
  try {
    return parsePressure(readFileSync(`/proc/pressure/${resource}`, 'utf8'));
  } catch {
    return null;
  }
}

/** Source: Documentation/accounting/psi.rst of the Linux kernel. Old kernels have no `full` line for the CPU. */
export function parsePressure(text: string): Pressure | null {
  const some = text.match(/^some avg10=([\d.]+)/m)?.[1];
  if (some === undefined) return null;
  const full = text.match(/^full avg10=([\d.]+)/m)?.[1] ?? '0';
  return { some_percent: Number(some), full_percent: Number(full) };
}
