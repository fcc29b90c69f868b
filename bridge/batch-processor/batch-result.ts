/** What came of the items of one call: a value that is complete when it is handed out. Never calls anything. */

/** An item that did not make it; `error` is what was thrown, answered or given as the reason of an abort. */
export type FailedItem<T> = { readonly item: T; readonly error: unknown };

export type BatchResult<T, R> = {
  /** In order of adding. */
  readonly successful: readonly R[];
  readonly failed: readonly FailedItem<T>[];
  readonly totalItems: number;
  readonly successCount: number;
  readonly failureCount: number;
  /** Percent, 0 to 100, to two decimals; 0 when there was nothing to do. */
  readonly successRate: number;
};

/** One answer per item, or a plain value for a success. */
export type ItemAnswer<R> =
  | R
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly error: unknown };

export function toBatchResult<T, R>(
  successful: readonly R[],
  failed: readonly FailedItem<T>[],
): BatchResult<T, R> {
  const totalItems = successful.length + failed.length;
  return {
    successful,
    failed,
    totalItems,
    successCount: successful.length,
    failureCount: failed.length,
    successRate: totalItems === 0 ? 0 : Math.round((successful.length / totalItems) * 10_000) / 100,
  };
}

/** All items of a batch, failed for one reason. */
export function toFailedResult<T, R>(items: readonly T[], error: unknown): BatchResult<T, R> {
  return toBatchResult<T, R>(
    [],
    items.map((item) => ({ item, error })),
  );
}

/** Pairs items with answers by position. An item without an answer has failed; answers too many are dropped. */
export function pairAnswers<T, R>(items: readonly T[], answers: unknown): BatchResult<T, R> {
  if (!Array.isArray(answers)) {
    return toFailedResult(items, new TypeError('process answered no list: one answer per item is needed'));
  }
  const successful: R[] = [];
  const failed: FailedItem<T>[] = [];
  const missing = new Error(`process answered ${answers.length} of ${items.length} items`);
  items.forEach((item, index) => {
    const answer: unknown = answers[index];
    if (index >= answers.length) failed.push({ item, error: missing });
    else if (isFailure(answer)) failed.push({ item, error: answer.error });
    else successful.push((isSuccess(answer) ? answer.value : answer) as R);
  });
  return toBatchResult(successful, failed);
}

/** The results of several calls as one, in their order. */
export function joinResults<T, R>(results: readonly BatchResult<T, R>[]): BatchResult<T, R> {
  const [only] = results;
  if (only !== undefined && results.length === 1) return only;
  return toBatchResult(
    results.flatMap(({ successful }) => successful),
    results.flatMap(({ failed }) => failed),
  );
}

function isSuccess(answer: unknown): answer is { ok: true; value: unknown } {
  return (
    typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true && 'value' in answer
  );
}

function isFailure(answer: unknown): answer is { ok: false; error: unknown } {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'ok' in answer &&
    answer.ok === false &&
    'error' in answer
  );
}
