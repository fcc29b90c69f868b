/** Starts the bare script and gives it photos. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { hostEnvironment } from '../../bridge/executor/spawn-host.ts';
import type { BareOrder } from './bare-script.ts';

const script = fileURLToPath(new URL('./bare-script.ts', import.meta.url));

export type BareProcess = {
  readonly pid: number;
  /** Resolves when all are written. */
  run(order: BareOrder): Promise<void>;
  stop(): void;
};

/** In the environment of a render host, so that only the daemon makes the difference. */
export async function startBareProcess(threads: number, nice: number): Promise<BareProcess> {
  const child = fork(script, [String(threads), String(nice)], {
    env: hostEnvironment(threads),
    execArgv: [],
  });
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the bare script ended (${code})`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  return {
    pid: child.pid ?? 0,
    async run(order) {
      child.send(order);
      await Promise.race([once(child, 'message'), failed]);
    },
    stop: () => child.disconnect(),
  };
}
