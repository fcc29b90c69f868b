/** Starts the burner and reads how much work it gets done. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BurnerAnswer, BurnerOrder } from './burner.ts';

const script = fileURLToPath(new URL('./burner.ts', import.meta.url));

export type Burner = {
  readonly pid: number;
  work(): Promise<void>;
  rest(): Promise<void>;
  /** Units so far, and when (its own monotonic milliseconds). */
  count(): Promise<BurnerAnswer>;
  stop(): void;
};

export async function startBurner(threads: number): Promise<Burner> {
  const child = fork(script, [String(threads)], { execArgv: [] });
  await once(child, 'message');
  const ask = async (order: BurnerOrder): Promise<BurnerAnswer> => {
    child.send(order);
    const [answer] = (await once(child, 'message')) as [BurnerAnswer];
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    work: async () => void (await ask('work')),
    rest: async () => void (await ask('rest')),
    count: () => ask('count'),
    stop: () => child.disconnect(),
  };
}

/** Units a second between two counts. */
export function paceBetween(from: BurnerAnswer, to: BurnerAnswer): number {
  return ((to.units - from.units) * 1000) / (to.atMs - from.atMs);
}
