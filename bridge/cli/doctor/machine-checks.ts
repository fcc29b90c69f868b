/** What the machine gives us: memory, cores and their quota, open files, a temporary folder. */
import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { toSize } from '../wording.ts';
import { type Check, ok, problem, warning } from './check.ts';

const LOW_MEMORY = 1e9;
const NO_MEMORY = 300e6;
const LOW_TEMP = 100e6;
/** 4096 connections and the files of the state need about this many. */
const LOW_FILES = 4096;
const NO_FILES = 256;

export async function checkMachine(): Promise<Check[]> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => null);
  return [
    toMemoryCheck(process.availableMemory(), totalmem(), process.constrainedMemory()),
    toCoresCheck(availableParallelism(), cpus().length, await readQuota()),
    ...(limits === null ? [] : [toOpenFilesCheck(parseOpenFiles(limits))]),
    await checkTemp(tmpdir()),
  ];
}

/** Bytes. `limit`: of the control group; 0 or more than there is: none. */
export function toMemoryCheck(available: number, total: number, limit: number): Check {
  const limited = limit > 0 && limit < total ? ` (limited to ${toSize(limit)})` : '';
  const detail = `${toSize(available)} of ${toSize(total)} available${limited}`;
  const remedy = 'Close other programs, or lower executor.threads in the settings.';
  if (available < NO_MEMORY) return problem('memory', detail, remedy);
  return available < LOW_MEMORY ? warning('memory', detail, remedy) : ok('memory', detail);
}

export function toCoresCheck(usable: number, present: number, quota: number | null): Check {
  const limited = quota === null ? '' : `, quota ${Number(quota.toFixed(2))}`;
  const detail = `${usable} of ${present}${limited}`;
  if (quota !== null && quota < 1) {
    return warning(
      'cores',
      detail,
      'The control group gives less than one core: batches will be slow. Raise its CPU quota.',
    );
  }
  return ok('cores', detail);
}

/** Cores that the control group allows; null for no limit. */
async function readQuota(): Promise<number | null> {
  const groups = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const cpu = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '/';
  const read = async (...parts: string[]) =>
    await readFile(join('/sys/fs/cgroup', ...parts), 'utf8').catch(() => null);
  // Inside a container the group of the process is the root of what it sees.
  const max = (await read(unified, 'cpu.max')) ?? (await read('cpu.max'));
  if (max !== null) return parseQuota(max);
  const folder = (await read('cpu', cpu, 'cpu.cfs_quota_us')) === null ? '/' : cpu;
  const quota = await read('cpu', folder, 'cpu.cfs_quota_us');
  const period = await read('cpu', folder, 'cpu.cfs_period_us');
  return quota === null || period === null ? null : parseQuota(`${quota.trim()} ${period}`);
}

/** `QUOTA PERIOD` of cpu.max (cgroup v2), in microseconds; `max` or a negative quota: no limit. */
export function parseQuota(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return null;
  return quota / period;
}

/** From proc_pid_limits(5): the soft limit, which Node has raised as far as it may; Infinity for `unlimited`. */
export function parseOpenFiles(limits: string): number | null {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

export function toOpenFilesCheck(limit: number | null): Check {
  if (limit === null) return ok('open files', 'not told on this system');
  const detail = limit === Infinity ? 'no limit' : `up to ${limit}`;
  const remedy = `Raise the limit to at least ${LOW_FILES} (ulimit -Hn, /etc/security/limits.conf).`;
  if (limit < NO_FILES) return problem('open files', detail, remedy);
  return limit < LOW_FILES ? warning('open files', detail, remedy) : ok('open files', detail);
}

async function checkTemp(folder: string): Promise<Check> {
  const name = 'temporary folder';
  const remedy = 'Point TMPDIR to a folder that you may write to and that has space.';
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const detail = `${folder}, ${toSize(bavail * bsize)} free`;
    return bavail * bsize < LOW_TEMP ? warning(name, detail, remedy) : ok(name, detail);
  } catch (thrown) {
    return problem(
      name,
      `${folder} cannot be used (${thrown instanceof Error ? thrown.message : String(thrown)})`,
      remedy,
    );
  }
}
