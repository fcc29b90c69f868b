import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** As a user's program imports it. Run on its own, so that the heap is nobody else's. Prints what the heap grew by, in bytes, and the totals. */
const program = `
  import { BatchProcessor } from 'photo-bridge/batch-processor';
  let [calls, items, most] = [0, 0, 0];
  const processor = new BatchProcessor({
    batchSize: 500, maxWaitMs: 60_000,
    process: async (list) => { calls += 1; return list; },
    onResult: (result) => { items += result.successCount; },
  });
  const measure = () => { globalThis.gc(); return process.memoryUsage().heapUsed; };
  const add = async (from, to) => {
    for (let index = from; index < to; index += 1) {
      await processor.add({ index, text: 'x'.repeat(20) + index });
      if (processor.pendingCount > most) most = processor.pendingCount;
    }
  };
  await add(0, 100_000);
  const before = measure();
  await add(100_000, 1_000_000);
  const grown = measure() - before;
  await processor.close();
  console.log(JSON.stringify({ grown, calls, items, most }));
`;

it('takes 1,000,000 adds in bounded memory', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=64', '--no-warnings', '--input-type=module', '-e', program],
    { cwd: root },
  );
  const { grown, ...totals } = JSON.parse(stdout) as Record<string, number>;
  expect(totals).toEqual({ calls: 2000, items: 1_000_000, most: 499 });
  expect(grown).toBeLessThan(5_000_000);
});

it('lets a process end while items wait for their time', async () => {
  const waiting = program.slice(0, program.indexOf('let [')).concat(`
    const processor = new BatchProcessor({ batchSize: 5, maxWaitMs: 3_600_000, process: (list) => list });
    await processor.add(1);
    console.log('left');
  `);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', waiting],
    { cwd: root },
  );
  expect(stdout).toBe('left\n');
});
