/** What the engine costs per item without any pixels: real engine, real journal, real disk; at 100 to a million items. */
import { rm } from 'node:fs/promises';
import { openTestEngine, startBody } from '../helpers/engine.ts';
import { createUnitOperation } from '../helpers/unit-operation.ts';
import { goals, median, row, table } from './report.ts';

const SLOTS = 256;
const counts = process.argv.slice(2).map(Number).filter(Boolean);
const sizes = counts.length > 0 ? counts : [100, 10_000, 1_000_000];

type Run = { startMs: number; cpuMicros: number; wallMicros: number; bytesAnItem: number };

async function runBatch(count: number): Promise<Run> {
  const engine = await openTestEngine(createUnitOperation({ slots: SLOTS }, { record: false }), {
    keepEvents: false,
  });
  globalThis.gc?.();
  const heapBefore = memory();
  const body = startBody(count);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const { batch_id } = await engine.api.start(body, {});
  const startMs = performance.now() - began;
  await engine.event((event) => event.type === 'batch_completed' && event.batch_id === batch_id);
  const wall = performance.now() - began;
  const used = process.cpuUsage(cpu);
  body.photo_ids = [];
  await engine.close(0);
  globalThis.gc?.();
  const bytesAnItem = Math.max(0, memory() - heapBefore) / count;
  await engine.end();
  await rm(engine.dataDir, { recursive: true, force: true });
  return {
    startMs,
    cpuMicros: (used.user + used.system) / count,
    wallMicros: (wall * 1000) / count,
    bytesAnItem,
  };
}

/** Bytes that are really held: heap and array buffers. */
function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Small batches are run many times in a row and interleaved, so that all see the same machine. */
const repeats = (count: number): number => Math.max(1, Math.min(20, Math.round(20_000 / count)));
const rounds = 5;
const results = new Map<number, Run[]>(sizes.map((size) => [size, []]));
await runBatch(1000);
for (let round = 0; round < rounds; round += 1) {
  for (const size of sizes) {
    const runs: Run[] = [];
    for (let repeat = 0; repeat < repeats(size); repeat += 1) runs.push(await runBatch(size));
    results.get(size)?.push({
      startMs: median(runs.map((run) => run.startMs)),
      cpuMicros: median(runs.map((run) => run.cpuMicros)),
      wallMicros: median(runs.map((run) => run.wallMicros)),
      bytesAnItem: median(runs.map((run) => run.bytesAnItem)),
    });
  }
}
const of = (size: number, pick: (run: Run) => number): number => median((results.get(size) ?? []).map(pick));
const cpuOf = (size: number): number => of(size, (run) => run.cpuMicros);
const largest = Math.max(...sizes);
table(
  `Bookkeeping per item (unit items without pixels, real journal; ${rounds} rounds in turns)`,
  ['items', 'start answers ms', 'CPU µs/item', 'wall µs/item', 'of the smallest', 'bytes/item'],
  sizes.map((size) =>
    row(
      size,
      of(size, (run) => run.startMs).toFixed(1),
      cpuOf(size).toFixed(1),
      of(size, (run) => run.wallMicros).toFixed(1),
      `${(cpuOf(size) / cpuOf(sizes[0] ?? 0)).toFixed(2)}x`,
      of(size, (run) => run.bytesAnItem).toFixed(0),
    ),
  ),
);
goals([
  ...sizes
    .filter((size) => size < largest)
    .map((size) => ({
      what: `CPU an item: ${largest.toLocaleString('en-US')} items against ${size.toLocaleString('en-US')}`,
      value: cpuOf(largest) / cpuOf(size),
      limit: 1.3,
      unit: 'x',
    })),
  // In a smaller batch the newest events, of which the daemon keeps 16 MB, would count as if they grew with it.
  ...(largest < 1_000_000
    ? []
    : [{ what: 'memory an item', value: of(largest, (run) => run.bytesAnItem), limit: 150, unit: 'bytes' }]),
]);
