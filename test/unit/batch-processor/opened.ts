/** A processor under test with what went through it. */
import {
  BatchProcessor,
  type BatchProcessorOptions,
  type BatchResult,
} from '../../../bridge/batch-processor/batch-processor.ts';

type Options = Partial<BatchProcessorOptions<number, string>>;

/** A processor that records the batches it was called with. */
export function open(options: Options = {}) {
  const calls: number[][] = [];
  const results: BatchResult<number, string>[] = [];
  const processor = new BatchProcessor<number, string>({
    batchSize: 3,
    process: (items) => items.map((item) => `#${item}`),
    onResult: (result) => results.push(result),
    ...options,
    ...(options.process && {
      process: (items, context) => {
        calls.push([...items]);
        return options.process!(items, context);
      },
    }),
  });
  return { processor, calls, results };
}
export const echo = (items: readonly number[]) => items.map((item) => `#${item}`);
export const settle = () => new Promise((resolve) => setImmediate(resolve));
export const state = async (promise: Promise<unknown>) => {
  let ended = false;
  const end = () => {
    ended = true;
  };
  promise.then(end, end);
  await settle();
  return ended ? 'ended' : 'waiting';
};
