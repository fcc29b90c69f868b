/** What an engine says of its batches, in the shape that the independent reader of journals answers. */
import type { ItemResult } from '../../bridge/contract/index.ts';
import { openTestEngine, type TestEngine } from '../helpers/engine.ts';
import { createUnitOperation, type UnitOperation } from '../helpers/unit-operation.ts';
import type { BatchFacts, Facts, Item } from './journal-fold.ts';

/** Recovers a data folder and leaves what was under way as it is. No output is found to be finished. */
export function openLeft(
  dataDir: string,
  operation: UnitOperation = createUnitOperation(),
): Promise<TestEngine> {
  return openTestEngine(operation, { dataDir, settings: { recovery: { on_start: 'leave' } } });
}

export async function readFacts(engine: TestEngine): Promise<Facts> {
  const facts: Facts = {};
  for (const { batch_id, status, priority, holds } of engine.api.list({ limit: 1000 }).batches) {
    const settled: BatchFacts['settled'] = {};
    for (const [index, photo] of (await photosOf(engine, batch_id)).entries()) {
      const { status: item } = photo;
      if (item !== 'pending' && item !== 'in_flight') settled[index] = item satisfies Item;
    }
    facts[batch_id] = { status, priority, holds: holds.map(({ owner }) => owner), settled };
  }
  return facts;
}

export async function photosOf(engine: TestEngine, batchId: string): Promise<ItemResult[]> {
  return (await engine.api.photos(batchId, { limit: 10_000 })).photos;
}

/** One line a difference; empty when both say the same. */
export function compareFacts(expected: Facts, found: Facts): string[] {
  const ids = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...ids].flatMap((id) => {
    const [before, now] = [JSON.stringify(expected[id]), JSON.stringify(found[id])];
    return before === now ? [] : [`${id}: expected ${before}, found ${now}`];
  });
}
