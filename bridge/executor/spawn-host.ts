/** Starts the render host's process: own process group, its own libuv pool, the daemon's lock inherited. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../workers/host.ts', import.meta.url));

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
    // glibc: an arena a thread keeps a quarter more memory (300 instead of 410 MB with two threads), no faster.
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '2',
  };
}
