/** Dry run: what a start with this body would do, item by item. Writes nothing but photo registrations. */
import type { PlanItem, StartBody } from '../contract/index.ts';
import type { BatchApi } from './api.ts';
import type { Core } from './core.ts';
import { openRun } from './core.ts';
import { draftBatch } from './start.ts';

export async function planBatch(core: Core, body: StartBody): Promise<Awaited<ReturnType<BatchApi['plan']>>> {
  const batch = await draftBatch(core, body);
  const run = openRun(core, batch);
  const counts: Record<PlanItem['action'], number> = { write: 0, overwrite: 0, skip: 0, fail: 0, compare: 0 };
  const items: PlanItem[] = [];
  for (let index = 0; index < batch.items.total; index += 1) {
    const item = await run.plan({
      index,
      photoId: batch.items.ids[index] ?? 0,
      ref: batch.items.refs?.[index] ?? null,
      attempt: 1,
    });
    counts[item.action] += 1;
    items.push(item);
  }
  return { items, counts, warnings: batch.warnings };
}
