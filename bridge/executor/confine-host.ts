/**
 * With how much less than this process may do a render host starts, by the system's own means: it can gain no rights (Linux), leaves
 * no core dump with somebody's photo in it, and gets no more memory than is good for the machine (Linux). Never starts anything but its probe.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export type Confinement = { execPath: string; execArgv: string[] };
export type ConfinementOptions = {
  threads: number;
  /** Resident bytes above which the executor kills it; beyond that the system refuses. */
  memoryLimitBytes: number;
};

/**
 * What the system counts of a thread of V8 before it does anything: the range its machine code may lie in, 512 MiB since V8 13,
 * of which next to nothing is ever touched; its stack; its heap.
 */
const THREAD_BYTES = 640e6;
/** Node's own threads, the libraries. */
const PROCESS_BYTES = 1e9;

const SHELL = '/bin/sh';
/**
 * Its arguments: the kilobytes, or nothing; the program and its arguments. It only lowers limits, and goes on where the system refuses.
 * The shell is replaced by the program, so the process stays the same.
 */
const SCRIPT = [
  'ulimit -c 0 2>/dev/null',
  '[ -z "$1" ] || [ "$(ulimit -d)" != unlimited ] || ulimit -d "$1" 2>/dev/null',
  'shift',
  'exec "$@"',
].join('; ');

/** For `fork`. Where there is no such shell the host starts as it is. */
export function confineHost(options: ConfinementOptions): Confinement {
  if (process.platform === 'win32' || !existsSync(SHELL)) return { execPath: process.execPath, execArgv: [] };
  const kilobytes = process.platform === 'linux' ? String(Math.ceil(dataBytes(options) / 1024)) : '';
  return {
    execPath: SHELL,
    execArgv: ['-c', SCRIPT, 'render-host', kilobytes, ...withoutNewRights(), process.execPath],
  };
}

/**
 * The limit RLIMIT_DATA: private memory that may be written (Linux 4.7 and later). An allocation beyond it fails, and with it one
 * photo, before the watch can see it. RLIMIT_AS would not do: WebAssembly reserves 10 GB of addresses for each memory.
 */
export function dataBytes({ threads, memoryLimitBytes }: ConfinementOptions): number {
  // A render thread each, one more for proofs, an engine thread for each of them, and the main one.
  const isolates = 2 * (threads + 1) + 1;
  return memoryLimitBytes + PROCESS_BYTES + isolates * THREAD_BYTES;
}

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv'];
let found: readonly string[] | null = null;

/** `setpriv --no-new-privs` of util-linux or busybox (prctl(2), PR_SET_NO_NEW_PRIVS); nothing where it is not there or does not work. */
function withoutNewRights(): readonly string[] {
  found ??= findSetpriv();
  return found;
}

function findSetpriv(): readonly string[] {
  if (process.platform !== 'linux') return [];
  for (const path of setpriv) {
    if (!existsSync(path)) continue;
    const probe = spawnSync(path, ['--no-new-privs', SHELL, '-c', ':'], { stdio: 'ignore', timeout: 1000 });
    if (probe.status === 0) return [path, '--no-new-privs'];
  }
  return [];
}
