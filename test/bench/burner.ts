/**
 * The other program: counts how much work it gets done with every core while it is told to. `node burner.ts THREADS`; each thread
 * works in small units of pure arithmetic and adds them to a shared counter, from which the parent is told.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** `rate` asks for the units done since `work` began. */
export type BurnerOrder = 'work' | 'rest' | 'count';
export type BurnerAnswer = { units: number; atMs: number };

type Shared = { units: BigInt64Array; gate: Int32Array };

const STEPS_A_UNIT = 200_000;

if (isMainThread) lead();
else work(workerData as Shared);

function lead(): void {
  const threads = Number(process.argv[2] ?? 1);
  const shared: Shared = {
    units: new BigInt64Array(new SharedArrayBuffer(8)),
    gate: new Int32Array(new SharedArrayBuffer(4)),
  };
  let ready = 0;
  for (let thread = 0; thread < threads; thread += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: shared });
    worker.once('message', () => {
      ready += 1;
      if (ready === threads) process.send?.('ready');
    });
  }
  process.on('message', (order: BurnerOrder) => {
    if (order === 'count') answer(shared);
    else {
      Atomics.store(shared.gate, 0, order === 'work' ? 1 : 0);
      Atomics.notify(shared.gate, 0);
      answer(shared);
    }
  });
  process.on('disconnect', () => process.exit(0));
}

function answer({ units }: Shared): void {
  const found: BurnerAnswer = { units: Number(Atomics.load(units, 0)), atMs: performance.now() };
  process.send?.(found);
}

function work({ units, gate }: Shared): void {
  parentPort?.postMessage('ready');
  let x = 1;
  for (;;) {
    Atomics.wait(gate, 0, 0);
    for (let step = 0; step < STEPS_A_UNIT; step += 1) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    // The result is used, so that no compiler leaves the work out.
    Atomics.add(units, 0, x === 0 ? 2n : 1n);
  }
}
