import { describe, expect, it, vi } from 'vitest';
import type { BatchResult } from '../../../bridge/batch-processor/batch-processor.ts';
import { createFakeTimers } from './fake-timers.ts';
import { echo, open, settle } from './opened.ts';

describe('BatchProcessor', () => {
  describe('maxWaitMs', () => {
    it('counts from the oldest pending item and fires by itself', async () => {
      const timers = createFakeTimers();
      const { processor, results } = open({ maxWaitMs: 100, timers });
      await processor.add(1);
      timers.advance(60);
      await processor.add(2);
      timers.advance(39);
      expect(processor.pendingCount).toBe(2);
      timers.advance(1);
      expect(processor.pendingCount).toBe(0);
      await settle();
      expect(results[0]?.successful).toEqual(['#1', '#2']);
    });

    it('counts anew from what a full batch left pending', async () => {
      const timers = createFakeTimers();
      const { processor } = open({ maxWaitMs: 100, timers });
      await processor.add(1);
      timers.advance(60);
      await processor.addBatch([2, 3, 4]);
      timers.advance(99);
      expect(processor.pendingCount).toBe(1);
      timers.advance(1);
      expect(processor.pendingCount).toBe(0);
    });

    it('has one timer at most, and none while nothing is pending', async () => {
      const timers = createFakeTimers();
      const { processor } = open({ maxWaitMs: 100, timers });
      expect(timers.armed).toBe(0);
      await processor.add(1);
      await processor.add(2);
      expect(timers.armed).toBe(1);
      await processor.add(3);
      expect(timers.armed).toBe(0);
      await processor.add(4);
      await processor.close();
      expect(timers.armed).toBe(0);
    });

    it('sets no timer without a limit', async () => {
      const timers = createFakeTimers();
      await open({ timers }).processor.add(1);
      await open({ timers, maxWaitMs: Number.POSITIVE_INFINITY }).processor.add(1);
      expect(timers.armed).toBe(0);
    });

    it('is what flushIfNeeded looks at, for callers who drive it', async () => {
      const timers = createFakeTimers();
      const { processor } = open({ autoFlush: false, maxWaitMs: 100, timers });
      expect(await processor.flushIfNeeded()).toBeUndefined();
      await processor.addBatch([1, 2, 3, 4]);
      timers.advance(99);
      expect(await processor.flushIfNeeded()).toBeUndefined();
      timers.advance(1);
      expect((await processor.flushIfNeeded())?.totalItems).toBe(4);
      expect(await processor.flushIfNeeded()).toBeUndefined();
    });

    it('never makes flushIfNeeded flush without a limit', async () => {
      const timers = createFakeTimers();
      const { processor } = open({ timers });
      await processor.add(1);
      timers.advance(1e9);
      expect(await processor.flushIfNeeded()).toBeUndefined();
    });

    it('fires on the real clock with timers that never keep the process alive', async () => {
      const made = vi.spyOn(globalThis, 'setTimeout');
      try {
        const { promise, resolve } = Promise.withResolvers<BatchResult<number, string>>();
        const { processor } = open({ maxWaitMs: 5, onResult: resolve });
        await processor.add(1);
        const timer = made.mock.results.at(-1)?.value as NodeJS.Timeout;
        expect(timer.hasRef()).toBe(false);
        expect((await promise).successful).toEqual(['#1']);
      } finally {
        made.mockRestore();
      }
    });

    it('takes a limit longer than a timer of Node can be', async () => {
      vi.useFakeTimers();
      try {
        const { processor } = open({ maxWaitMs: 2 ** 31 + 1000 });
        await processor.add(1);
        await vi.advanceTimersByTimeAsync(2 ** 31);
        expect(processor.pendingCount).toBe(1);
        await vi.advanceTimersByTimeAsync(1000);
        expect(processor.pendingCount).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });
  });

  describe('abort', () => {
    it('leaves the items of a flush under way failed with the reason, none lost', async () => {
      const abort = new AbortController();
      const reason = new Error('shutting down');
      const started = Promise.withResolvers<void>();
      const { processor, calls } = open({
        autoFlush: false,
        signal: abort.signal,
        process: (items) => {
          if (items[0] === 1) return echo(items);
          started.resolve();
          return new Promise(() => undefined);
        },
      });
      await processor.addBatch([1, 2, 3, 4, 5, 6, 7]);
      const flushing = processor.flush();
      await started.promise;
      abort.abort(reason);
      const result = await flushing;
      expect(result.successful).toEqual(['#1', '#2', '#3']);
      expect(result.failed).toEqual([4, 5, 6, 7].map((item) => ({ item, error: reason })));
      expect(calls).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
    });

    it('calls process no more, and still lets every item out', async () => {
      const { processor, calls } = open({ signal: AbortSignal.abort('stop'), process: echo });
      const [result] = await processor.addBatch([1, 2, 3, 4]);
      expect(result?.failed).toEqual([1, 2, 3].map((item) => ({ item, error: 'stop' })));
      expect((await processor.close()).failed).toEqual([{ item: 4, error: 'stop' }]);
      expect(calls).toEqual([]);
    });

    it('hands the signal to process and ignores an answer that comes too late', async () => {
      const abort = new AbortController();
      const late = Promise.withResolvers<string[]>();
      let seen: AbortSignal | undefined;
      const { processor, results } = open({
        signal: abort.signal,
        process: (_items, { signal }) => {
          seen = signal;
          return late.promise;
        },
      });
      const filling = processor.addBatch([1, 2, 3]);
      await settle();
      expect(seen).toBe(abort.signal);
      abort.abort('stop');
      expect((await filling)[0]?.failureCount).toBe(3);
      late.reject(new Error('late'));
      await settle();
      expect(results).toHaveLength(1);
    });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a batchSize of %d', (batchSize) => {
    expect(() => open({ batchSize })).toThrow(RangeError);
  });

  it.each([-1, Number.NaN])('refuses a maxWaitMs of %d', (maxWaitMs) => {
    expect(() => open({ maxWaitMs })).toThrow(RangeError);
  });
});
