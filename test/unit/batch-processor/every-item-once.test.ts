import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchProcessor, type BatchResult } from '../../../bridge/batch-processor/batch-processor.ts';
import { createFakeTimers } from './fake-timers.ts';

type Result = BatchResult<number, number>;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'add' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('addBatch' as const), count: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'flushIfNeeded' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'yield' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'abort' as const }) },
);
const answer = fc.constantFrom(
  'values',
  'mixed',
  'throw',
  'reject',
  'short',
  'long',
  'nothing',
  'slow',
  'hang',
);

describe('every item added', () => {
  it('comes out exactly once, whatever is called, fails, answers wrongly, waits or is aborted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          steps: fc.array(step, { maxLength: 40 }),
          answers: fc.infiniteStream(answer),
          batchSize: fc.integer({ min: 1, max: 5 }),
          autoFlush: fc.boolean(),
          maxWaitMs: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
        }),
        async ({ steps, answers, batchSize, autoFlush, maxWaitMs }) => {
          const run = open({ answers, batchSize, autoFlush, maxWaitMs });
          for (const next of steps) await run.take(next);
          run.abortIfHung();
          await run.end();
          const heard = run.heard.flatMap(itemsOf).toSorted(byNumber);
          expect(heard).toEqual(run.added);
          const returned = (await Promise.all(run.returned)).flat().flatMap(itemsOf);
          expect(new Set(returned).size).toBe(returned.length);
          // What no caller was told came from a timer, and onResult has it.
          expect(returned.every((item) => run.added.includes(item))).toBe(true);
          if (maxWaitMs === undefined) expect(returned.toSorted(byNumber)).toEqual(run.added);
          expect(run.processor.pendingCount).toBe(0);
          expect(run.timers.armed).toBe(0);
          expect(run.mostAtOnce()).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 400 },
    );
  });
});

type Setup = {
  answers: fc.Stream<string>;
  batchSize: number;
  autoFlush: boolean;
  maxWaitMs: number | undefined;
};
type Step = { do: string; count?: number; ms?: number };

function open({ answers, batchSize, autoFlush, maxWaitMs }: Setup) {
  const abort = new AbortController();
  const timers = createFakeTimers();
  const heard: Result[] = [];
  const returned: Promise<Result[]>[] = [];
  const added: number[] = [];
  let isClosed = false;
  let hung = false;
  let atOnce = 0;
  let most = 0;
  const processor = new BatchProcessor<number, number>({
    batchSize,
    autoFlush,
    ...(maxWaitMs !== undefined && { maxWaitMs }),
    signal: abort.signal,
    timers,
    onResult: (result) => heard.push(result),
    process: async (items, { signal }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      try {
        const kind = answers.next().value;
        if (kind === 'hang') {
          hung = true;
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        }
        if (kind === 'slow') await turn();
        return toAnswer(kind, items);
      } finally {
        atOnce -= 1;
      }
    },
  });
  const next = (count: number) => Array.from({ length: count }, () => added.push(added.length) - 1);
  const keep = (promise: Promise<Result | Result[] | undefined>) => {
    returned.push(promise.then((value) => (value === undefined ? [] : [value].flat())));
  };
  const take = async (step: Step) => {
    if (step.do === 'pass') timers.advance(step.ms ?? 0);
    else if (step.do === 'yield') await turn();
    else if (step.do === 'abort') abort.abort(new Error('aborted'));
    else if (step.do === 'flush') keep(processor.flush());
    else if (step.do === 'flushIfNeeded') keep(processor.flushIfNeeded());
    else if (step.do === 'close') {
      keep(processor.close());
      isClosed = true;
    } else if (isClosed) await expect(processor.add(-1)).rejects.toThrow('closed');
    else if (step.do === 'add') keep(processor.add(next(1)[0]!));
    else keep(processor.addBatch(next(step.count ?? 0)));
  };
  return {
    processor,
    timers,
    heard,
    returned,
    added,
    take,
    mostAtOnce: () => most,
    abortIfHung: () => hung && abort.abort(new Error('given up')),
    async end() {
      const closing = processor.close();
      keep(closing);
      while (await Promise.race([turn().then(() => true), closing.then(() => false)])) {
        if (hung) abort.abort(new Error('given up'));
      }
    },
  };
}

/** Successes carry their own item, so that a result tells which items it is about. */
function toAnswer(kind: string, items: readonly number[]) {
  if (kind === 'throw') throw new Error('thrown');
  if (kind === 'reject') return Promise.reject(new Error('rejected'));
  if (kind === 'nothing') return undefined as never;
  if (kind === 'short') return items.slice(1).map((_, index) => items[index]!);
  if (kind === 'long') return [...items, -1, -2];
  if (kind !== 'mixed') return [...items];
  return items.map((item) =>
    item % 2 === 0 ? { ok: true as const, value: item } : { ok: false as const, error: new Error('odd') },
  );
}

const itemsOf = (result: Result) => [...result.successful, ...result.failed.map(({ item }) => item)];
const byNumber = (one: number, other: number) => one - other;
const turn = () => new Promise((resolve) => setImmediate(resolve));
