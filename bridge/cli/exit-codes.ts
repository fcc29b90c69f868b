/** Exit codes of the command line and what leads to each. Pure. */
import type { BatchStatusObject } from '../client/index.ts';
import { BridgeProblem } from '../client/index.ts';

export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  wrongState: 5,
  someFailed: 6,
  allFailed: 7,
  interrupted: 130,
} as const;

/** A mistake in how the command was called, with a sentence that says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for is not there, and no daemon had to say so. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** Ctrl-C. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** An error with what can be done about it; `cause` is the error itself. */
export class AdvisedError extends Error {
  override readonly name = 'AdvisedError';
  readonly advice: readonly string[];

  constructor(cause: Error, advice: readonly string[]) {
    super(cause.message, { cause });
    this.advice = advice;
  }
}

export function toExitCode(error: unknown): number {
  if (error instanceof AdvisedError) return toExitCode(error.cause);
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof NotFoundError) return exitCodes.notFound;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  if (!(error instanceof BridgeProblem)) return exitCodes.error;
  if (error.status === 0) return exitCodes.unreachable;
  if (error.status === 404) return exitCodes.notFound;
  if (error.status === 409) return exitCodes.wrongState;
  return exitCodes.error;
}

/** Of a batch that was followed to its end. A cancelled one, or one that failed as a whole, is an error. */
export function toBatchExitCode(batch: BatchStatusObject): number {
  if (batch.status === 'completed') return batch.failed_count === 0 ? exitCodes.ok : exitCodes.someFailed;
  if (batch.status !== 'failed') return exitCodes.error;
  return batch.failed_count > 0 && batch.processed_count === 0 ? exitCodes.allFailed : exitCodes.error;
}

/** Of several, as of one batch of all their items; one that was cancelled or could not go on is an error. */
export function toBatchesExitCode(batches: readonly BatchStatusObject[]): number {
  const codes = new Set(batches.map(toBatchExitCode));
  if (codes.has(exitCodes.error)) return exitCodes.error;
  if (codes.size === 1 && codes.has(exitCodes.allFailed)) return exitCodes.allFailed;
  return codes.has(exitCodes.allFailed) || codes.has(exitCodes.someFailed)
    ? exitCodes.someFailed
    : exitCodes.ok;
}
