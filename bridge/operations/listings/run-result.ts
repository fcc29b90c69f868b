/** The answer of a whole run. Pure. */
import type { ListingResult } from './post-row.ts';

export type RunResult = {
  success: boolean;
  /** Records that were to be posted. */
  total_records: number;
  successful_posts: number;
  failed_posts: number;
  /** Rows that the mode left out. */
  skipped_records: number;
  results: ListingResult[];
  message: string;
};

/** `saveFault`: why the last save did not come about. */
export function toRunResult(run: {
  selected: number;
  skipped: number;
  results: readonly ListingResult[];
  interrupted: boolean;
  saveFault?: string | undefined;
}): RunResult {
  const { selected, skipped, results, interrupted, saveFault } = run;
  const posted = results.filter(({ success }) => success).length;
  const failed = results.length - posted;
  const allFailed = selected > 0 && posted === 0;
  return {
    success: !interrupted && !allFailed && saveFault === undefined,
    total_records: selected,
    successful_posts: posted,
    failed_posts: failed,
    skipped_records: skipped,
    results: [...results],
    message: [toSummary({ ...run, posted, failed }), saveFault]
      .filter((part) => part !== undefined)
      .join('. '),
  };
}

function toSummary(run: { selected: number; interrupted: boolean; posted: number; failed: number }): string {
  const { selected, interrupted, posted, failed } = run;
  if (selected === 0) return 'No records to process';
  const counts = `${posted} posted, ${failed} failed`;
  if (interrupted) return `Interrupted after ${posted + failed} of ${selected} records: ${counts}`;
  return `Processed ${selected} records: ${counts}`;
}
