/**
 * An operation's run whose accidents are values: what it throws becomes a failure or a log line, so that no item hangs in
 * flight and no daemon fails to start because a folder could not be looked at. Decides nothing else.
 */
import type { Failure, FailureCode } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock, OperationRun } from './ports.ts';

/** `onLitter` is told when something an item left could not be removed: it is there until the batch is swept. */
export function guardRun(
  run: OperationRun,
  { log, clock }: { log: Log; clock: Clock },
  onLitter: () => void = () => undefined,
): OperationRun {
  const failure = (thrown: unknown, code: FailureCode, stage: Failure['stage']): Failure => {
    log.error({ err: thrown, stage }, 'a step of an operation threw');
    return { code, message: toError(thrown).message, stage, retryable: true };
  };
  const cleaned = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (thrown) {
      log.warn({ err: thrown }, 'left-overs of an item could not be removed');
      onLitter();
    }
  };
  return {
    folder: run.folder,
    ...(run.atOnce !== undefined && { atOnce: run.atOnce }),
    rest: (at) =>
      orElse(run.rest?.(at) ?? Promise.resolve(null), (thrown) =>
        failure(thrown, 'output_not_writable', 'write'),
      ),
    ready: (at) => orElse(run.ready(at), (thrown) => failure(thrown, 'output_not_writable', 'write')),
    claim: (item) =>
      orElse(run.claim(item), (thrown) => ({
        ok: false,
        failure: failure(thrown, 'internal', 'claim'),
        path: null,
      })),
    run: (unit, signal) =>
      orElse(run.run(unit, signal), (thrown) => {
        const f = failure(thrown, 'internal', 'run');
        return unit.map(() => ({ kind: 'settled', result: { s: 'failed', t: clock.iso(), ms: 0, f } }));
      }),
    settled: (item, name) => cleaned(() => run.settled(item, name)),
    discard: (item, name) => cleaned(() => run.discard(item, name)),
    adopt: (item, name) =>
      orElse(run.adopt(item, name), (thrown) => {
        log.warn({ err: thrown }, 'an output could not be looked at');
        return null;
      }),
    sweep: () => cleaned(() => run.sweep()),
    plan: (item) =>
      orElse(run.plan(item), (thrown) => ({
        photo_id: item.photoId,
        path: null,
        action: 'fail',
        output_path: null,
        failure: failure(thrown, 'internal', 'claim'),
      })),
  };
}

async function orElse<T>(step: Promise<T>, instead: (thrown: unknown) => T): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    return instead(thrown);
  }
}
