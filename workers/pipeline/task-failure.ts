/** How a stage of the pipeline says that a photo failed: thrown inside a thread, never across its border. */
import type { Failure, FailureCode, FailureStage } from '../../bridge/contract/failure.ts';

export class TaskFailure extends Error {
  readonly failure: Failure;

  constructor(
    code: FailureCode,
    stage: FailureStage,
    message: string,
    options: { retryable?: boolean } = {},
  ) {
    super(message);
    this.name = 'TaskFailure';
    this.failure = { code, message, stage, retryable: options.retryable ?? false };
  }
}

/** Anything thrown in a stage as a Failure; what nobody foresaw is `internal`. */
export function toFailure(thrown: unknown, stage: FailureStage): Failure {
  if (thrown instanceof TaskFailure) return thrown.failure;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (isOutOfMemory(message)) {
    return {
      code: 'out_of_memory',
      message: 'There was not enough memory for this photo.',
      stage,
      retryable: true,
    };
  }
  return { code: 'internal', message: `Unexpected fault: ${message}`, stage, retryable: false };
}

export function isOutOfMemory(message: string): boolean {
  return /out of memory|cannot allocate|unable to allocate|allocation fail|ENOMEM|std::bad_alloc/i.test(
    message,
  );
}
