/** Starts the render host's process: own process group, its own libuv pool, the daemon's lock inherited. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../workers/host.ts', import.meta.url));

/** Free memory the host keeps, for each thread and one more: the pixels of a photo of 45 megapixels. */
const KEPT_BYTES = 128 * 2 ** 20;

export type SpawnOptions = {
  threads: number;
  nice: number;
  /** Descriptor of the daemon's lock file: as long as a host lives, no second daemon can take the lock. */
  lockFd?: number | undefined;
};

export function spawnHost({ threads, nice, lockFd }: SpawnOptions): ChildProcess {
  return fork(entry, [String(threads), String(nice)], {
    detached: true,
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(lockFd === undefined ? [] : [lockFd])],
    env: hostEnvironment(threads),
  });
}

/** Environment of a host with that many threads: this process's own, and what only the start of a process can set. */
export function hostEnvironment(threads: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: '',
    // Sharp and async file access share libuv's pool, and only the environment of the spawn sets its size.
    UV_THREADPOOL_SIZE: String(threads + 4),
    VIPS_BLOCK_UNTRUSTED: '1',
    // glibc only, and the user's own settings go first. Pixels of one photo are used again for the next instead of being given
    // back to the system, which would clear every page anew: an eighth of all CPU time. One arena, for only the first can
    // hold pieces that large.
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1',
    MALLOC_MMAP_MAX_: process.env.MALLOC_MMAP_MAX_ ?? '0',
    MALLOC_TRIM_THRESHOLD_: process.env.MALLOC_TRIM_THRESHOLD_ ?? String((threads + 1) * KEPT_BYTES),
  };
}
