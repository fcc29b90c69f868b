/** Tells a caller how far a run is. Never lets a fault of the caller reach the run. */

/** `percent`: 0..100, rising. */
export type OnProgress = (percent: number, message: string) => unknown;

/** `before`: records that an earlier part of the run has done. Answers what is to be called after each record, with its id. */
export function createProgress(
  total: number,
  onProgress: OnProgress | undefined,
  before = 0,
): (recordId: string) => void {
  let done = before;
  return (recordId) => {
    done += 1;
    // Cut, not rounded: 1999 of 2000 are not 100 %.
    const percent = Math.floor((done / total) * 1000) / 10;
    tell(() => onProgress?.(percent, `Processing record ${done}/${total}: ${recordId}`));
  };
}

/** Calls what is the caller's own; what it throws, now or later, is the caller's own affair. */
export function tell(call: () => unknown): void {
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(() => {});
  } catch {
    // As above.
  }
}
