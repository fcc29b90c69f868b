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

export function toExitCode(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
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
