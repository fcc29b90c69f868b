import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grant, MemoryBudget } from '../../../../workers/host/memory-budget.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

/** Begins a task and tells when it may have its pixels. */
function begin(budget: MemoryBudget, bytes: number) {
  const task = { state: 'waiting' as 'waiting' | 'begun' | 'granted', grant: null as Grant | null };
  const grant = budget.ask(() => {
    task.state = 'begun';
    // As in the host: the photo's size is known a while later.
    setImmediate(() =>
      grant.grow(bytes, () => {
        task.state = 'granted';
      }),
    );
  });
  task.grant = grant;
  return task;
}

describe('the memory budget', () => {
  it('lets ordinary photos run at once, as many as there are places', async () => {
    const budget = new MemoryBudget(400, 4);
    const tasks = [100, 90, 5, 100, 50].map((bytes) => begin(budget, bytes));
    await turn();
    expect(tasks.map(({ state }) => state)).toEqual(['granted', 'granted', 'granted', 'granted', 'waiting']);
    tasks[0]?.grant?.end();
    await turn();
    expect(tasks[4]?.state).toBe('granted');
  });

  it('lets a large photo wait for room, and nothing begin before it', async () => {
    const budget = new MemoryBudget(400, 4);
    const small = [begin(budget, 100), begin(budget, 100)];
    await turn();
    const large = begin(budget, 300);
    await turn();
    const late = begin(budget, 10);
    await turn();
    expect([large.state, late.state]).toEqual(['begun', 'waiting']);
    small[0]?.grant?.end();
    await turn();
    expect([large.state, late.state]).toEqual(['granted', 'waiting']);
    small[1]?.grant?.end();
    await turn();
    expect(late.state).toBe('granted');
  });

  it('runs a photo larger than the whole budget alone', async () => {
    const budget = new MemoryBudget(400, 4);
    const small = begin(budget, 10);
    await turn();
    const huge = begin(budget, 100_000);
    await turn();
    expect(huge.state).toBe('begun');
    small.grant?.end();
    await turn();
    expect(huge.state).toBe('granted');
    const next = begin(budget, 1);
    await turn();
    expect(next.state).toBe('waiting');
    huge.grant?.end();
    await turn();
    expect(next.state).toBe('granted');
  });

  it('two large ones that have both begun never wait for each other', async () => {
    const budget = new MemoryBudget(400, 4);
    const tasks = [begin(budget, 400), begin(budget, 400)];
    await turn();
    expect(tasks.map(({ state }) => state)).toEqual(['granted', 'begun']);
    tasks[0]?.grant?.end();
    await turn();
    expect(tasks[1]?.state).toBe('granted');
  });

  it('one that is stopped while it waits leaves its turn to the next', async () => {
    const budget = new MemoryBudget(400, 4);
    const first = begin(budget, 100);
    const stopped = begin(budget, 400);
    await turn();
    expect(stopped.state).toBe('begun');
    stopped.grant?.end();
    const next = begin(budget, 300);
    await turn();
    expect(next.state).toBe('granted');
    first.grant?.end();
  });

  it('is never passed, and everybody gets through, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.nat(100)),
        async (places, sizes, choices) => {
          const total = places * 100;
          const budget = new MemoryBudget(total, places);
          const tasks = sizes.map((bytes) => begin(budget, bytes));
          for (let ended = 0; ended < tasks.length; ended += 1) {
            await turn();
            expect(budget.held).toBeLessThanOrEqual(total);
            const running = tasks.filter(({ state, grant }) => state === 'granted' && grant !== null);
            // Somebody always runs: nobody waits for nobody.
            expect(running.length).toBeGreaterThan(0);
            const chosen = running[Number(choices.next().value) % running.length];
            chosen?.grant?.end();
            if (chosen) chosen.grant = null;
          }
          expect(tasks.every(({ state }) => state === 'granted')).toBe(true);
          expect(budget.held).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
