/** Is the wall clock believable: not before this program was installed, nor before the newest file of the data folder. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../host.ts';
import { toDuration } from '../wording.ts';
import { type Check, ok, problem, warning } from './check.ts';

export type ClockFacts = {
  nowMs: number;
  /** When the program's files were written, newest. */
  installedMs: number | null;
  newestStateMs: number | null;
};

/** A running daemon writes meanwhile, and drives of other machines have clocks of their own. */
const TOLERANCE_MS = 2 * 60_000;
const MAX_FILES = 2000;
const REMEDY = 'Set the clock of this machine, best by the network (NTP).';

export async function readClock(root: string, dataDir: string | null): Promise<ClockFacts> {
  const installed = await Promise.all(
    ['package.json', 'package-lock.json'].map((name) => readTime(join(root, name))),
  );
  const state = dataDir === null ? [] : await readStateTimes(dataDir);
  return { nowMs: Date.now(), installedMs: newest(installed), newestStateMs: newest(state) };
}

async function readStateTimes(dataDir: string): Promise<(number | null)[]> {
  const folders = [dataDir, ...['batch_states', 'journal', 'batch_items'].map((name) => join(dataDir, name))];
  const paths: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    paths.push(...names.slice(-MAX_FILES).map((name) => join(folder, name)));
  }
  return await Promise.all(paths.map(readTime));
}

async function readTime(path: string): Promise<number | null> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() ? stats.mtimeMs : null;
}

function newest(times: readonly (number | null)[]): number | null {
  return times.reduce((latest, time) => (latest === null || (time ?? 0) > latest ? time : latest), null);
}

export function toClockCheck({ nowMs, installedMs, newestStateMs }: ClockFacts): Check {
  const now = new Date(nowMs).toISOString();
  if (installedMs !== null && nowMs < installedMs - TOLERANCE_MS) {
    const span = toDuration((installedMs - nowMs) / 1000);
    return problem('clock', `${now}, ${span} before this program was installed`, REMEDY);
  }
  if (newestStateMs !== null && nowMs < newestStateMs - TOLERANCE_MS) {
    const span = toDuration((newestStateMs - nowMs) / 1000);
    return warning('clock', `${now}, ${span} before the newest state: it has jumped back`, REMEDY);
  }
  return ok('clock', now);
}

/** Node takes a TZ that it does not know for UTC, without a word. */
export function toZoneCheck(env: Environment, resolved: string): Check {
  const wanted = env.TZ?.replace(/^:/, '');
  if (wanted && !isZone(wanted)) {
    return warning(
      'time zone',
      `TZ=${wanted} is no zone that Node knows; ${resolved} is used`,
      'Set TZ to a name such as Europe/Berlin, or unset it.',
    );
  }
  return ok('time zone', resolved);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
