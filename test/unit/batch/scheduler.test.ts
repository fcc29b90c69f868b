import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../bridge/batch/batch.ts';
import { FLOOR_TURNS, Scheduler } from '../../../bridge/batch/scheduler.ts';

const batchOf = (priority: number): Batch => ({ priority }) as Batch;
const always = () => true;

function turnsOf(scheduler: Scheduler, count: number): Map<Batch | null, number> {
  const turns = new Map<Batch | null, number>();
  for (let turn = 0; turn < count; turn += 1) {
    const batch = scheduler.next(always);
    turns.set(batch, (turns.get(batch) ?? 0) + 1);
  }
  return turns;
}

describe('the scheduler', () => {
  it('shares equally between equal batches and by weight between unequal ones', () => {
    const scheduler = new Scheduler();
    const [a, b, c] = [batchOf(5), batchOf(5), batchOf(6)];
    for (const batch of [a, b, c]) scheduler.add(batch);
    const turns = turnsOf(scheduler, 5000);
    expect(Math.abs((turns.get(a) ?? 0) - (turns.get(b) ?? 0))).toBeLessThanOrEqual(1);
    expect((turns.get(c) ?? 0) / (turns.get(a) ?? 1)).toBeCloseTo(3, 1);
  });

  it('lets a newcomer begin at the front, unless something more important is ready', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 10 }),
        fc.nat(5),
        (priorities, priority, late) => {
          const scheduler = new Scheduler();
          for (const batch of priorities.map(batchOf)) scheduler.add(batch);
          for (let turn = 0; turn < late * 7; turn += 1) scheduler.next(always);
          const newcomer = batchOf(Math.max(priority, ...priorities));
          scheduler.add(newcomer);
          let turns = 0;
          while (scheduler.next(always) !== newcomer) turns += 1;
          // It waits at most for those that stand there with it.
          expect(turns).toBeLessThanOrEqual(priorities.length);
        },
      ),
    );
  });

  it('gives the lowest priority beside the highest one unit in every 33, and the highest the others', () => {
    const scheduler = new Scheduler();
    const [low, high] = [batchOf(1), batchOf(10)];
    for (const batch of [low, high]) scheduler.add(batch);
    const turns = turnsOf(scheduler, 33 * 100);
    expect(turns.get(low)).toBeGreaterThanOrEqual(99);
    expect(turns.get(low)).toBeLessThanOrEqual(101);
  });

  it('takes only a thirty-second from an urgent batch, however many wait behind it', () => {
    const scheduler = new Scheduler();
    const urgent = batchOf(10);
    scheduler.add(urgent);
    for (let other = 0; other < 200; other += 1) scheduler.add(batchOf(2));
    expect(turnsOf(scheduler, 3200).get(urgent)).toBeGreaterThanOrEqual(3200 - 101);
  });

  it('leaves a long batch its share beside an endless stream of batches of one photo', () => {
    for (const [priority, ofOthers] of [
      [5, 5],
      [10, 1],
    ] as const) {
      const scheduler = new Scheduler();
      const long = batchOf(priority);
      scheduler.add(long);
      let served = 0;
      let other: Batch | null = null;
      for (let turn = 0; turn < 400; turn += 1) {
        // The next one comes as soon as the one before it was served.
        other ??= batchOf(ofOthers);
        scheduler.add(other);
        const batch = scheduler.next(always);
        if (batch === long) {
          served += 1;
          continue;
        }
        scheduler.remove(other);
        other = null;
      }
      expect(served).toBeGreaterThanOrEqual(400 / 2);
    }
  });

  it('does not let a batch that had nothing to hand out, or was held, save up turns', () => {
    const scheduler = new Scheduler();
    const [idle, busy] = [batchOf(5), batchOf(5)];
    scheduler.add(idle);
    scheduler.add(busy);
    for (let turn = 0; turn < 100; turn += 1) scheduler.next((batch) => batch === busy);
    const next = Array.from({ length: 10 }, () => scheduler.next(always));
    expect(next.filter((batch) => batch === idle).length).toBeLessThanOrEqual(6);
    expect(next.filter((batch) => batch === busy).length).toBeLessThanOrEqual(6);
  });

  it('does not hold the turns of the floor against a batch when the important one is gone', () => {
    const scheduler = new Scheduler();
    const [old, urgent, young] = [batchOf(1), batchOf(10), batchOf(1)];
    scheduler.add(old);
    scheduler.add(urgent);
    turnsOf(scheduler, 3300);
    scheduler.add(young);
    scheduler.remove(urgent);
    expect(turnsOf(scheduler, 40).get(old)).toBeGreaterThanOrEqual(17);
  });
});

type Step =
  | { do: 'turns'; count: number }
  | { do: 'come'; priority: number; units: number }
  | { do: 'change'; pick: number; priority: number }
  | { do: 'hold'; pick: number };

const priority = fc.integer({ min: 1, max: 10 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('come' as const),
      priority,
      units: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), pick: fc.nat(40), priority }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), pick: fc.nat(40) }) },
);

/** A load on a scheduler, and for each batch how long it waits and may wait. */
class Load {
  readonly #scheduler = new Scheduler();
  readonly #left = new Map<Batch, number>();
  readonly #held = new Set<Batch>();
  readonly #waits = new Map<Batch, { turns: number; most: number }>();

  readonly #isReady = (batch: Batch): boolean => !this.#held.has(batch) && (this.#left.get(batch) ?? 0) > 0;

  do(step: Step): void {
    const batches = [...this.#left.keys()];
    switch (step.do) {
      case 'turns':
        for (let turn = 0; turn < step.count; turn += 1) this.#turn();
        return;
      case 'come': {
        const batch = batchOf(step.priority);
        this.#left.set(batch, step.units);
        this.#scheduler.add(batch);
        return;
      }
      case 'change': {
        const batch = batches[step.pick % Math.max(1, batches.length)];
        if (batch === undefined) return;
        batch.priority = step.priority;
        this.#scheduler.renew(batch);
        return;
      }
      case 'hold': {
        const batch = batches[step.pick % Math.max(1, batches.length)];
        if (batch === undefined) return;
        if (!this.#held.delete(batch)) this.#held.add(batch);
      }
    }
  }

  #turn(): void {
    const ready = [...this.#left.keys()].filter(this.#isReady);
    for (const batch of this.#waits.keys()) if (!this.#isReady(batch)) this.#waits.delete(batch);
    for (const batch of ready) {
      if (!this.#waits.has(batch))
        this.#waits.set(batch, { turns: 0, most: FLOOR_TURNS * (ready.length + 1) });
    }
    const served = this.#scheduler.next(this.#isReady);
    expect(served === null).toBe(ready.length === 0);
    if (served === null) return;
    expect(this.#isReady(served)).toBe(true);
    this.#waits.delete(served);
    for (const wait of this.#waits.values()) {
      wait.turns += 1;
      expect(wait.turns).toBeLessThanOrEqual(wait.most);
    }
    const left = (this.#left.get(served) ?? 0) - 1;
    this.#left.set(served, left);
    if (left > 0) return;
    this.#left.delete(served);
    this.#scheduler.remove(served);
  }
}

describe('over generated loads', () => {
  it('no ready batch waits longer than the stated bound, whatever arrives, is held or changes its priority', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { minLength: 5, maxLength: 40 }), (steps) => {
        const load = new Load();
        for (const step of steps) load.do(step);
        load.do({ do: 'turns', count: 500 });
      }),
      { numRuns: 60 },
    );
  });
});
