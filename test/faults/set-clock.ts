/** A daemon whose wall clock a campaign sets while it runs, by libfaketime. Its monotonic clock and file times stay real. */
import { globSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Debian's place for it, on any architecture; null when it is not installed. */
const library =
  process.platform === 'linux' ? (globSync('/usr/lib/*/faketime/libfaketime.so.1')[0] ?? null) : null;

export function missingFaketime(): string | null {
  if (process.platform !== 'linux') return 'libfaketime is used on Linux only';
  return library === null ? 'libfaketime is not installed' : null;
}

export type SetClock = {
  /** For the daemon's spawn. */
  env: Record<string, string>;
  /** Milliseconds that the daemon's clock is ahead of the real one. */
  readonly offsetMs: number;
  set(offsetMs: number): Promise<void>;
};

/** `folder`: an existing one, for the file that libfaketime reads. */
export async function createSetClock(folder: string): Promise<SetClock> {
  const path = join(folder, 'faketime');
  let current = 0;
  const set = async (offsetMs: number): Promise<void> => {
    const seconds = offsetMs / 1000;
    await writeFile(`${path}.next`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${path}.next`, path);
    current = offsetMs;
  };
  await set(0);
  return {
    env: {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_NO_CACHE: '1',
      // Two names, of older and newer versions.
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // A clock that is set moves no file's times.
      NO_FAKE_STAT: '1',
    },
    get offsetMs() {
      return current;
    },
    set,
  };
}
