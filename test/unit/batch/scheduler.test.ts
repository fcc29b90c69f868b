import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../bridge/batch/batch.ts';
import { Scheduler } from '../../../bridge/batch/scheduler.ts';

const batchOf = (priority: number): Batch => ({ priority }) as Batch;

describe('the scheduler', () => {
  it('shares equally between equal batches and by weight between unequal ones', () => {
    const scheduler = new Scheduler();
    const [a, b, c] = [batchOf(5), batchOf(5), batchOf(6)];
    for (const batch of [a, b, c]) scheduler.add(batch);
    const turns = new Map<Batch, number>();
    for (let turn = 0; turn < 5000; turn += 1) {
      const batch = scheduler.next(() => true);
      if (batch !== null) turns.set(batch, (turns.get(batch) ?? 0) + 1);
    }
    expect(Math.abs((turns.get(a) ?? 0) - (turns.get(b) ?? 0))).toBeLessThanOrEqual(1);
    expect((turns.get(c) ?? 0) / (turns.get(a) ?? 1)).toBeCloseTo(3, 1);
  });

  it('never starves a ready batch: it is served within the total of weights over its own', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 6 }),
        fc.nat(5),
        (priorities, late) => {
          const scheduler = new Scheduler();
          const batches = priorities.map(batchOf);
          for (const batch of batches.slice(0, -1)) scheduler.add(batch);
          for (let turn = 0; turn < late * 7; turn += 1) scheduler.next(() => true);
          const newcomer = batches.at(-1) ?? batchOf(1);
          scheduler.add(newcomer);
          let turns = 0;
          while (scheduler.next(() => true) !== newcomer) turns += 1;
          // A newcomer begins at the front: it waits at most for those that stand there with it.
          expect(turns).toBeLessThanOrEqual(priorities.length);
        },
      ),
    );
  });

  it('does not let a batch that had nothing to hand out save up turns', () => {
    const scheduler = new Scheduler();
    const [idle, busy] = [batchOf(5), batchOf(5)];
    scheduler.add(idle);
    scheduler.add(busy);
    for (let turn = 0; turn < 100; turn += 1) scheduler.next((batch) => batch === busy);
    const next = Array.from({ length: 10 }, () => scheduler.next(() => true));
    expect(next.filter((batch) => batch === idle).length).toBeLessThanOrEqual(6);
  });
});
