/** Memory and disk readings. Reads only. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { Resources } from '../contract/index.ts';

export type MemoryReading = Pick<
  Resources['memory'],
  'total_bytes' | 'available_bytes' | 'used_percent' | 'daemon_rss_bytes'
>;

export function readMemory(): MemoryReading {
  const total = constrained(os.totalmem());
  const available = Math.min(total, readMemAvailable() ?? os.freemem(), process.availableMemory());
  return {
    total_bytes: total,
    available_bytes: available,
    used_percent: total === 0 ? 0 : (100 * (total - available)) / total,
    daemon_rss_bytes: process.memoryUsage.rss(),
  };
}

/** A control group's limit where it is below the machine's memory; 0 or a huge number mean that there is none. */
function constrained(total: number): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < total ? limit : total;
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
