import { describe, expect, it } from 'vitest';
import { BatchProcessor } from '../../../bridge/batch-processor/batch-processor.ts';
import { createFakeTimers } from './fake-timers.ts';
import { echo, open, settle, state } from './opened.ts';

describe('BatchProcessor', () => {
  describe('adding', () => {
    it('answers undefined until an item fills a batch, then that batch', async () => {
      const { processor, calls } = open({ process: echo });
      expect(await processor.add(1)).toBeUndefined();
      expect(await processor.add(2)).toBeUndefined();
      expect(processor.pendingCount).toBe(2);
      expect(await processor.add(3)).toEqual({
        successful: ['#1', '#2', '#3'],
        failed: [],
        totalItems: 3,
        successCount: 3,
        failureCount: 0,
        successRate: 100,
      });
      expect(processor.pendingCount).toBe(0);
      expect(calls).toEqual([[1, 2, 3]]);
    });

    it('processes each item at once with size 1', async () => {
      const { processor, calls } = open({ batchSize: 1, process: echo });
      expect((await processor.add(7))?.successful).toEqual(['#7']);
      expect((await processor.addBatch([8, 9])).map(({ successful }) => successful)).toEqual([
        ['#8'],
        ['#9'],
      ]);
      expect(calls).toEqual([[7], [8], [9]]);
    });

    it('answers one result a batch for exact multiples, with nothing left', async () => {
      const { processor } = open();
      const results = await processor.addBatch([1, 2, 3, 4, 5, 6]);
      expect(results.map(({ totalItems }) => totalItems)).toEqual([3, 3]);
      expect(processor.pendingCount).toBe(0);
    });

    it('leaves the rest of an addBatch pending and tops up what was pending before', async () => {
      const { processor, calls } = open({ process: echo });
      await processor.add(1);
      const results = await processor.addBatch([2, 3, 4, 5, 6, 7]);
      expect(results).toHaveLength(2);
      expect(calls).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect(processor.pendingCount).toBe(1);
    });

    it('answers an empty addBatch with no results', async () => {
      const { processor, calls } = open({ process: echo });
      expect(await processor.addBatch([])).toEqual([]);
      expect(calls).toEqual([]);
    });

    it('takes its item before its first await', () => {
      const { processor } = open();
      void processor.add(1);
      void processor.addBatch([2]);
      expect(processor.pendingCount).toBe(2);
    });

    it('never waits for a batch that is being processed unless it fills one itself', async () => {
      const gate = Promise.withResolvers<void>();
      const { processor } = open({
        process: async (items) => {
          await gate.promise;
          return echo(items);
        },
      });
      const filling = processor.addBatch([1, 2, 3]);
      expect(await processor.add(4)).toBeUndefined();
      expect(await processor.add(5)).toBeUndefined();
      const second = processor.add(6);
      expect(await state(second)).toBe('waiting');
      gate.resolve();
      expect((await filling)[0]?.successful).toEqual(['#1', '#2', '#3']);
      expect((await second)?.successful).toEqual(['#4', '#5', '#6']);
    });

    it('calls one process at a time, in the order of adding', async () => {
      let running = 0;
      let most = 0;
      const { processor, calls } = open({
        batchSize: 2,
        process: async (items) => {
          running += 1;
          most = Math.max(most, running);
          await settle();
          running -= 1;
          return echo(items);
        },
      });
      await Promise.all([
        ...[1, 2, 3, 4, 5].map((item) => processor.add(item)),
        processor.flush(),
        processor.addBatch([6, 7, 8]),
      ]);
      await processor.close();
      expect(most).toBe(1);
      expect(calls).toEqual([[1, 2], [3, 4], [5], [6, 7], [8]]);
    });

    it('processes nothing by itself with autoFlush off, however much is pending', async () => {
      const timers = createFakeTimers();
      const { processor, calls } = open({ autoFlush: false, maxWaitMs: 5, timers, process: echo });
      expect(await processor.add(1)).toBeUndefined();
      expect(await processor.addBatch([2, 3, 4, 5])).toEqual([]);
      expect(timers.armed).toBe(0);
      timers.advance(100);
      expect(processor.pendingCount).toBe(5);
      expect((await processor.flush()).totalItems).toBe(5);
      expect(calls).toEqual([
        [1, 2, 3],
        [4, 5],
      ]);
    });
  });

  describe('what process answers', () => {
    it('tells partial failure item by item, to two decimals', async () => {
      const error = new Error('no such track');
      const { processor } = open({
        process: () => [{ ok: true, value: 'a' }, { ok: false, error }, 'plain'],
      });
      expect(await processor.addBatch([1, 2, 3])).toEqual([
        {
          successful: ['a', 'plain'],
          failed: [{ item: 2, error }],
          totalItems: 3,
          successCount: 2,
          failureCount: 1,
          successRate: 66.67,
        },
      ]);
    });

    it.each([
      ['throws', () => Promise.reject(new Error('down'))],
      [
        'throws before its first await',
        () => {
          throw new Error('down');
        },
      ],
    ])('fails every item with the same error when it %s, and throws at nobody', async (_title, process) => {
      const { processor } = open({ process });
      const [result] = await processor.addBatch([1, 2, 3]);
      expect(result?.failed.map(({ item }) => item)).toEqual([1, 2, 3]);
      expect(new Set(result?.failed.map(({ error }) => error)).size).toBe(1);
      expect(result?.failed[0]?.error).toMatchObject({ message: 'down' });
      expect(result?.successRate).toBe(0);
    });

    it('fails the items a short answer leaves out, and drops what is too much', async () => {
      const { processor } = open({ process: (items) => (items[0] === 1 ? ['a'] : ['b', 'c', 'd', 'e']) });
      const [short, long] = await processor.addBatch([1, 2, 3, 4, 5, 6]);
      expect(short?.successful).toEqual(['a']);
      expect(short?.failed.map(({ item }) => item)).toEqual([2, 3]);
      expect(short?.failed[0]?.error).toMatchObject({ message: 'process answered 1 of 3 items' });
      expect(long?.successful).toEqual(['b', 'c', 'd']);
    });

    it('fails every item when the answer is no list', async () => {
      const { processor } = open({ process: (() => undefined) as never });
      const [result] = await processor.addBatch([1, 2, 3]);
      expect(result?.failureCount).toBe(3);
    });

    it('takes a value for a success whatever it is, also undefined, null and an object with ok', async () => {
      const values: unknown[] = [undefined, null, { ok: true }, { ok: false, reason: 'mine' }];
      const processor = new BatchProcessor<number, unknown>({ batchSize: 4, process: () => values });
      const [result] = await processor.addBatch([1, 2, 3, 4]);
      expect(result?.successful).toEqual(values);
    });

    it('keeps item and answer together when process changes its list', async () => {
      const { processor } = open({
        process: (items) => {
          (items as number[]).reverse().pop();
          return [{ ok: false, error: 'first' }, '#2', '#3'];
        },
      });
      expect((await processor.addBatch([1, 2, 3]))[0]?.failed).toEqual([{ item: 1, error: 'first' }]);
    });

    it('can retry the failed items of a result', async () => {
      let isDown = true;
      const { processor } = open({
        process: (items) => {
          if (isDown) throw new Error('down');
          return echo(items);
        },
      });
      const [first] = await processor.addBatch([1, 2, 3]);
      isDown = false;
      const again = await processor.addBatch(first!.failed.map(({ item }) => item));
      expect(again[0]?.successRate).toBe(100);
    });
  });

  describe('flushing', () => {
    it('deals with everything pending, in chunks: 7 pending, size 3, three calls, 0 left', async () => {
      const { processor, calls } = open({ autoFlush: false, process: echo });
      await processor.addBatch([1, 2, 3, 4, 5, 6, 7]);
      const result = await processor.flush();
      expect(calls).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
      expect(result.successful).toEqual(['#1', '#2', '#3', '#4', '#5', '#6', '#7']);
      expect(processor.pendingCount).toBe(0);
    });

    it('answers total 0 and rate 0 when nothing is pending, without calling process', async () => {
      const { processor, calls, results } = open({ process: echo });
      expect(await processor.flush()).toMatchObject({ totalItems: 0, successRate: 0 });
      expect(calls).toEqual([]);
      expect(results).toEqual([]);
    });

    it('goes on with the other chunks after one has failed', async () => {
      const { processor } = open({
        autoFlush: false,
        process: (items) => {
          if (items[0] === 4) throw new Error('middle');
          return echo(items);
        },
      });
      await processor.addBatch([1, 2, 3, 4, 5, 6, 7]);
      const result = await processor.flush();
      expect(result.successful).toEqual(['#1', '#2', '#3', '#7']);
      expect(result.failed.map(({ item }) => item)).toEqual([4, 5, 6]);
    });
  });

  describe('closing', () => {
    it('flushes everything in chunks, then add rejects', async () => {
      const { processor, calls } = open({ autoFlush: false, process: echo });
      await processor.addBatch([1, 2, 3, 4]);
      expect((await processor.close()).totalItems).toBe(4);
      expect(calls).toHaveLength(2);
      await expect(processor.add(5)).rejects.toThrow('closed');
      await expect(processor.addBatch([])).rejects.toThrow('closed');
      expect(processor.pendingCount).toBe(0);
    });

    it('refuses an add made while it is still flushing', async () => {
      const { processor } = open();
      await processor.add(1);
      const closing = processor.close();
      await expect(processor.add(2)).rejects.toThrow('closed');
      expect((await closing).totalItems).toBe(1);
    });

    it('answers only what it flushed itself, waits for what runs, and reports nothing again', async () => {
      const gate = Promise.withResolvers<void>();
      const { processor } = open({
        process: async (items) => {
          await gate.promise;
          return echo(items);
        },
      });
      const filling = processor.addBatch([1, 2, 3, 4]);
      const closing = processor.close();
      const again = processor.close();
      expect(await state(again)).toBe('waiting');
      gate.resolve();
      expect((await filling)[0]?.totalItems).toBe(3);
      expect((await closing).successful).toEqual(['#4']);
      expect((await again).totalItems).toBe(0);
    });
  });

  describe('onResult', () => {
    it('receives every result, also those of timer flushes', async () => {
      const timers = createFakeTimers();
      const { processor, results } = open({ maxWaitMs: 10, timers });
      await processor.addBatch([1, 2, 3, 4]);
      timers.advance(10);
      await settle();
      await processor.add(5);
      await processor.flush();
      expect(results.map(({ successful }) => successful)).toEqual([['#1', '#2', '#3'], ['#4'], ['#5']]);
    });

    it.each([
      [
        'throws',
        () => {
          throw new Error('listener');
        },
      ],
      [
        'rejects',
        (async () => {
          throw new Error('listener');
        }) as () => void,
      ],
    ])('changes nothing when it %s', async (_title, onResult) => {
      const { processor } = open({ onResult });
      expect((await processor.addBatch([1, 2, 3]))[0]?.successCount).toBe(3);
      expect((await processor.addBatch([4, 5, 6]))[0]?.successCount).toBe(3);
    });
  });
});
