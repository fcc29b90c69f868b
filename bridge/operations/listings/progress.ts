/** Tells a caller how far a run is. Never lets a fault of the caller reach the run. */

/** `percent`: 0..100, rising. */
export type OnProgress = (percent: number, message: string) => unknown;

/** Answers what is to be called after each record, with its id. 100 is told with the last one only. */
export function createProgress(
  total: number,
  onProgress: OnProgress | undefined,
): (recordId: string) => void {
  let done = 0;
  return (recordId) => {
    done += 1;
    // Cut, not rounded: 1999 of 2000 are not 100 %.
    const percent = Math.floor((done / total) * 1000) / 10;
    try {
      const answer = onProgress?.(percent, `Processing record ${done}/${total}: ${recordId}`);
      if (answer instanceof Promise) answer.catch(() => {});
    } catch {
      // The caller's own affair.
    }
  };
}
