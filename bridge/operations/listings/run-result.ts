/** The answer of a whole run. Pure. */
import type { ListingResult } from './post-row.ts';

export type RunResult = {
  /** False when every record failed, the run was interrupted, or statuses could not be saved. */
  success: boolean;
  /** Records that were to be posted. */
  total_records: number;
  successful_posts: number;
  failed_posts: number;
  /** Rows that the mode left out, or that were taken out of the run meanwhile. */
  skipped_records: number;
  /** In order of the rows. */
  results: ListingResult[];
  message: string;
};

export type Run = {
  selected: number;
  skipped: number;
  results: readonly ListingResult[];
  interrupted: boolean;
  /** Nothing was posted: the rows were only checked. */
  isDry?: boolean;
  /** Why the last save did not come about. */
  saveFault?: string | undefined;
  /** Ids of records whose row was gone when their status was to be written. */
  missed?: readonly string[];
};

export function toRunResult(run: Run): RunResult {
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
    message: [toSummary(run, { posted, failed }), toMissed(run.missed ?? []), saveFault]
      .filter((part) => part !== undefined)
      .join('. '),
  };
}

type Counts = { posted: number; failed: number };

function toSummary({ selected, interrupted, isDry }: Run, { posted, failed }: Counts): string {
  if (selected === 0) return 'No records to process';
  const counts = `${posted} ${isDry ? 'would be posted' : 'posted'}, ${failed} failed`;
  if (interrupted) return `Interrupted after ${posted + failed} of ${selected} records: ${counts}`;
  return `${isDry ? 'Checked' : 'Processed'} ${selected} records: ${counts}`;
}

const IDS_SHOWN = 10;

function toMissed(missed: readonly string[]): string | undefined {
  if (missed.length === 0) return undefined;
  const more = missed.length > IDS_SHOWN ? ', ...' : '';
  return `Rows that are gone, so that their status could not be written: ${missed.slice(0, IDS_SHOWN).join(', ')}${more}`;
}
