/** Memory and disk readings. Reads only. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { Resources } from '../contract/index.ts';
import { readMemoryGroup } from './memory-group.ts';

export type MemoryReading = Pick<
  Resources['memory'],
  'total_bytes' | 'available_bytes' | 'used_percent' | 'daemon_rss_bytes'
>;

/** Of the machine, or of the control group that leaves us less. */
export function readMemory(): MemoryReading {
  const group = readMemoryGroup();
  const total = Math.min(os.totalmem(), group?.limit ?? Number.POSITIVE_INFINITY);
  const ofMachine = readMemAvailable() ?? process.availableMemory();
  const available = Math.min(total, ofMachine, group?.available ?? Number.POSITIVE_INFINITY);
  return {
    total_bytes: total,
    available_bytes: available,
    used_percent: total === 0 ? 0 : (100 * (total - available)) / total,
    daemon_rss_bytes: process.memoryUsage.rss(),
  };
}

/** `MemAvailable` counts caches that can be let go, which `os.freemem()` on old kernels does not. */
function readMemAvailable(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return parseMemAvailable(readFileSync('/proc/meminfo', 'utf8'));
  } catch {
    return null;
  }
}

/** Bytes; null when the line is not there. */
export function parseMemAvailable(meminfo: string): number | null {
  const kilobytes = meminfo.match(/^MemAvailable:\s+(\d+) kB/m)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Space for an ordinary user on the volumes of `paths`; a path that is not there is left out. */
export async function readDisks(paths: readonly string[]): Promise<Resources['disk']> {
  const readings = await Promise.all(
    paths.map(async (path) => {
      try {
        const { bavail, blocks, bsize } = await statfs(path);
        return { path, free_bytes: bavail * bsize, total_bytes: blocks * bsize };
      } catch {
        return null;
      }
    }),
  );
  return readings.filter((reading) => reading !== null);
}
