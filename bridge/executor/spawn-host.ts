/** Starts the render host's process: own process group, its own libuv pool, the daemon's lock inherited, nothing else it does not need. */
import { type ChildProcess, fork } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { confineHost } from './confine-host.ts';

const ownEntry = fileURLToPath(new URL('../../workers/host.ts', import.meta.url));

/** Anything larger goes back to the system at once: the pixels of photos above 44 megapixels. */
const REUSED_BYTES = 128 * 2 ** 20;

export type SpawnOptions = {
  threads: number;
  nice: number;
  /** What the pixels of its photos may take together. */
  memoryBudgetBytes: number;
  /** Resident bytes above which it is killed. */
  memoryLimitBytes: number;
  /** Descriptor of the daemon's lock file: as long as a host lives, no second daemon can take the lock. */
  lockFd?: number | undefined;
  /** Path of the program to run instead of the render host of this installation; it speaks the same messages. */
  entry?: string | undefined;
  /** A file the host removes when it outlives its daemon; empty for none. */
  mark?: string | undefined;
};

export function spawnHost({
  threads,
  nice,
  memoryBudgetBytes,
  memoryLimitBytes,
  lockFd,
  entry = ownEntry,
  mark = '',
}: SpawnOptions): ChildProcess {
  return fork(entry, [String(threads), String(nice), String(memoryBudgetBytes), mark], {
    detached: true,
    serialization: 'advanced',
    ...confineHost({ threads, memoryLimitBytes }),
    // Not where the daemon was started: Windows loads libraries from there, and a drive could not be taken away.
    cwd: dirname(process.execPath),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(lockFd === undefined ? [] : [lockFd])],
    env: hostEnvironment(threads),
  });
}

/**
 * What a host, and the programs it runs, need of this process's environment: where programs, libraries and temporary files are,
 * language and time zone, the allocator's settings. Whatever else is in it (tokens, keys, libraries to load first) is none of theirs.
 */
const handedOn = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'TZ', 'TZDIR'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'NIX_LD', 'NIX_LD_LIBRARY_PATH', 'LOCPATH'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432', 'COMMONPROGRAMFILES'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'],
]);
const handedOnKinds = /^(LC|MALLOC)_/;

/** Environment of a host with that many threads: what it needs of ours, and what only the start of a process can set. */
export function hostEnvironment(threads: number): NodeJS.ProcessEnv {
  const needed = Object.entries(process.env).filter(
    // Windows writes some of them in other case.
    ([name]) => handedOn.has(name.toUpperCase()) || handedOnKinds.test(name),
  );
  return {
    ...allocatorSettings(threads),
    ...Object.fromEntries(needed),
    NODE_OPTIONS: '',
    // Sharp and async file access share libuv's pool, and only the environment of the spawn sets its size.
    UV_THREADPOOL_SIZE: String(threads + 4),
    VIPS_BLOCK_UNTRUSTED: '1',
  };
}

/**
 * For glibc (2.35 and later; others ignore it): the pixels of one photo are used again for the next. By itself glibc gives them
 * back, and the system clears every page anew: an eighth of all CPU time. The user's own settings go first.
 */
function allocatorSettings(threads: number): Record<string, string> {
  return {
    // Only the first arena can hold pieces that large; and an arena a thread keeps more memory and is no faster.
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: String(REUSED_BYTES),
    MALLOC_TRIM_THRESHOLD_: String((threads + 2) * (REUSED_BYTES / 2)),
  };
}
