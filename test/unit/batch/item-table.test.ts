import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ItemTable } from '../../../bridge/batch/item-table.ts';

const tableOf = (count: number): ItemTable =>
  new ItemTable(Float64Array.from({ length: count }, (_, index) => index + 1));

describe('the item table', () => {
  it('keeps counts that sum up to the total and hands each item to one taker, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom(
        'take',
        'suspect',
        'claim',
        'start',
        'give back',
        'lost',
        'done',
        'fail',
        'offer',
        'reopen',
      ),
      pick: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), (count, steps) => {
        const items = tableOf(count);
        const taken = new Set<number>();
        for (const { what, pick } of steps) {
          const held = [...taken][pick % Math.max(1, taken.size)];
          act(items, { what, taken, held, pick: pick % count });
          const counts = items.counts();
          expect(counts.pending + counts.in_flight + counts.processed + counts.failed).toBe(count);
          for (let index = 0; index < count; index += 1) {
            const isHeld = items.state(index) === 'claimed' || items.state(index) === 'in_flight';
            expect(isHeld).toBe(taken.has(index));
          }
        }
        for (const index of taken) giveBack(items, index);
        const left = drain(items);
        const pending = items.counts().pending;
        expect(left.length).toBe(pending);
        expect(new Set(left).size).toBe(left.length);
      }),
      { numRuns: 300 },
    );
  });

  it('never hands a suspect out with the others', () => {
    const items = tableOf(3);
    const index = items.take() ?? -1;
    items.claim(index, { attempt: 1, name: 'a' });
    items.release(index, { spent: true, crashed: true });
    items.offer(index);
    expect(items.peekSuspect()).toBe(0);
    expect([items.take(), items.take(), items.take()]).toEqual([1, 2, null]);
    expect(items.takeSuspect()).toBe(0);
  });

  it('hands an item that is pending again out only once it is offered', () => {
    for (const count of [1, 3]) {
      const items = tableOf(count);
      for (let round = 1; round <= 3; round += 1) {
        expect(items.take()).toBe(0);
        items.claim(0, { attempt: round, name: 'a' });
        items.release(0, { spent: true });
        for (const other of drain(items)) items.settle(other, 'processed', 1);
        expect(items.peek()).toBeNull();
        items.offer(0);
      }
    }
  });

  it('hands no item of a unit out before it is offered again, though others of it were handed out with the first', () => {
    const items = new ItemTable(Float64Array.from([1, 2, 3, 4]), null, [3, 1]);
    const unit = items.takeUnit();
    expect(unit).toEqual([0, 1, 2]);
    for (const index of unit) items.claim(index, { attempt: 1, name: `${index}.jpg` });
    // One after the other they come back; together they are offered.
    for (const index of unit) {
      items.release(index, { spent: false });
      expect(items.peek()).toBe(3);
    }
    for (const index of unit) items.offer(index);
    expect(items.takeUnit()).toEqual([0, 1, 2]);
    for (const index of unit) items.claim(index, { attempt: 1, name: `${index}.jpg` });
    // One of them waits for another attempt: it is not taken along with those that are offered before.
    for (const index of unit) items.release(index, { spent: true });
    for (const index of [0, 2]) items.offer(index);
    expect(items.takeUnit()).toEqual([0, 2]);
    expect(items.takeUnit()).toEqual([3]);
    expect(items.takeUnit()).toEqual([]);
    items.offer(1);
    expect(items.takeUnit()).toEqual([1]);
  });

  it('keeps the claim of a withdrawn item open, and counts its attempt back once', () => {
    const items = tableOf(1);
    items.take();
    items.claim(0, { attempt: 2, name: 'a' });
    items.start(0);
    items.withdraw(0);
    expect([items.state(0), items.attempts(0), items.claims.size]).toEqual(['pending', 1, 1]);
    items.release(0, { spent: false });
    expect([items.state(0), items.attempts(0), items.claims.size]).toEqual(['pending', 1, 0]);
  });

  it('takes an attempt back when the item was only given back', () => {
    const items = tableOf(1);
    items.take();
    items.claim(0, { attempt: 1, name: 'a' });
    expect(items.attempts(0)).toBe(1);
    items.release(0, { spent: false });
    expect(items.attempts(0)).toBe(0);
  });

  it('counts failures by code as they come and go', () => {
    const items = tableOf(3);
    for (let index = 0; index < 3; index += 1) items.take();
    items.settle(0, 'failed', 1, 'timeout');
    items.settle(1, 'failed', 1, 'damaged_image');
    items.settle(2, 'failed', 1, 'timeout');
    expect(items.failureCounts()).toEqual({ timeout: 2, damaged_image: 1 });
    items.reopen(0);
    expect(items.failureCounts()).toEqual({ timeout: 1, damaged_image: 1 });
    expect(items.failureCode(1)).toBe('damaged_image');
  });

  it('needs less than 20 bytes an item', () => {
    const { state, attempts, failure, ids } = tableOf(1000).freeze();
    const bytes = [state, attempts, failure, ids].reduce((sum, array) => sum + array.byteLength, 0);
    expect(bytes / 1000).toBeLessThan(20);
  });
});

type Act = { what: string; taken: Set<number>; held: number | undefined; pick: number };

function act(items: ItemTable, { what, taken, held, pick }: Act): void {
  if (what === 'take' || what === 'suspect') {
    const index = what === 'take' ? items.take() : items.takeSuspect();
    if (index === null) return;
    expect(taken.has(index)).toBe(false);
    taken.add(index);
  } else if (what === 'offer') items.offer(pick);
  else if (what === 'reopen' && items.state(pick) === 'failed') items.reopen(pick);
  else if (held !== undefined) actOnHeld(items, what, taken, held);
  // An offer gives back what was taken without a claim.
  for (const index of [...taken]) if (items.state(index) === 'pending') taken.delete(index);
}

function actOnHeld(items: ItemTable, what: string, taken: Set<number>, held: number): void {
  if (what === 'claim' && items.state(held) === 'claimed')
    items.claim(held, { attempt: items.attempts(held) + 1, name: 'x' });
  if (what === 'start') items.start(held);
  if (what === 'give back') giveBack(items, held);
  if (what === 'lost' && items.claims.has(held)) {
    items.release(held, { spent: true, crashed: true });
    items.offer(held);
  }
  if (what === 'done') items.settle(held, 'processed', 1);
  if (what === 'fail') items.settle(held, 'failed', 1, 'timeout');
  if (items.state(held) !== 'claimed' && items.state(held) !== 'in_flight') taken.delete(held);
}

function giveBack(items: ItemTable, index: number): void {
  items.release(index, { spent: false });
  items.offer(index);
}

function drain(items: ItemTable): number[] {
  const left: number[] = [];
  for (let index = items.take(); index !== null; index = items.take()) left.push(index);
  for (let index = items.takeSuspect(); index !== null; index = items.takeSuspect()) left.push(index);
  return left;
}
