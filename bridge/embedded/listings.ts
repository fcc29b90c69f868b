/**
 * Spreadsheet batches as a library (`photo-bridge/listings`): the rows of an inventory through the batch engine of this
 * process, without a daemon. What was cut off goes on when it is called again.
 */
import { resolve } from 'node:path';
import { BridgeError } from '../errors.ts';
import { createHttpPoster } from '../operations/listings/http-poster.ts';
import { openInventory } from '../operations/listings/inventory.ts';
import { resolveInventory } from '../operations/listings/inventory-file.ts';
import { parseRows } from '../operations/listings/listing-item.ts';
import { loadModulePoster } from '../operations/listings/module-poster.ts';
import { findOpenElsewhere } from '../operations/listings/open-elsewhere.ts';
import { checkRow, type ListingResult } from '../operations/listings/post-row.ts';
import type { ListingImage, PostAnswer, PostContext, Poster } from '../operations/listings/poster.ts';
import { toCheckedPoster } from '../operations/listings/poster.ts';
import { createProgress, type OnProgress } from '../operations/listings/progress.ts';
import { type RunResult, toRunResult } from '../operations/listings/run-result.ts';
import { type RunMode, selectRows } from '../operations/listings/status.ts';
import { findSettings } from './find-settings.ts';
import { type ListingsRunOptions, runListings } from './listings-runs.ts';

export type { ListingRecord } from '../operations/listings/columns.ts';
export type { ListingImage, ListingResult, OnProgress, PostAnswer, PostContext, Poster, RunMode, RunResult };
export { createHttpPoster };

export type RunBatchOptions = {
  /** `new`: rows whose status is blank, `pending` or begins with `Error`; `all`: every row. */
  mode: RunMode;
  /** An http(s) address, the path of a `.ts` or `.js` file that exports `postAd`, or a poster of the caller's own. */
  poster: string | Poster | Poster['postAd'];
  /** How an http(s) address gets its rows. */
  posterFormat?: 'json' | 'multipart';
  /** Absent: `assets/images` in the working folder. */
  imagesDir?: string;
  /** Told after each record. What it throws changes nothing. */
  onProgress?: OnProgress;
  /** Why the run waits (the inventory is open in another program), and null when it goes on. */
  onHold?: (reason: string | null) => unknown;
  /** Of rows: the inventory their statuses go to, by their `bucket_truck_id`. */
  file?: string;
  /** `10%` of the records (that is the default) or a number of them. */
  saveEvery?: string | number;
  /** Records posted at once; 1 unless set. */
  concurrent?: number;
  /** Tab of a workbook; absent: the first that has all the columns. */
  sheet?: string;
  /** Checks rows and images; asks no poster and writes nothing anywhere. */
  dryRun?: boolean;
  /** The record in hand finishes and all is saved; calling again goes on. */
  signal?: AbortSignal;
  /** Where runs are kept, in `runs/`, so that one that was cut off goes on. Absent: the data folder of the settings. */
  dataDir?: string;
};

/** The columns of an inventory by their names. Its `posting_status` is kept up to date. */
export type InventoryRowObject = Record<string, unknown>;

/**
 * `source`: path of a CSV or XLSX inventory, or its rows. Rejects with BridgeError, before anything is posted, when the inventory
 * cannot be used (columns missing, open in another program, another run over it) or an option is wrong. No fault of a record
 * rejects.
 */
export async function runBatch(
  source: string | readonly InventoryRowObject[],
  options: RunBatchOptions,
): Promise<RunResult> {
  if (options.dryRun === true) return checkRows(source, options);
  const isFile = typeof source === 'string';
  if (isFile && options.file !== undefined)
    throw new BridgeError('bad_request', 'file is for rows; an inventory gets its own statuses');
  if (!isFile && source.length === 0)
    return toRunResult({ selected: 0, skipped: 0, results: [], interrupted: false });
  const path = isFile ? source : options.file;
  const file = path === undefined ? undefined : await findFree(path);
  const { poster, name } = await loadPoster(options);
  const { onProgress, onHold, signal } = options;
  const config = {
    mode: options.mode,
    poster: name,
    images_dir: toImagesDir(options),
    save_every: options.saveEvery ?? '10%',
    concurrent: options.concurrent ?? 1,
    ...(options.sheet !== undefined && { sheet: options.sheet }),
    ...(!isFile && file !== undefined && { file }),
  };
  const run: ListingsRunOptions = {
    poster,
    config,
    source: isFile ? { file: file ?? source } : { rows: source },
    ...(onProgress && { onProgress }),
    ...(onHold && { onHold }),
    ...(signal && { signal }),
  };
  return runListings(run, options.dataDir ?? (await findSettings({ env: process.env })).dataDir);
}

async function findFree(path: string): Promise<string> {
  const file = await resolveInventory(resolve(path));
  const elsewhere = await findOpenElsewhere(file);
  if (elsewhere !== null) throw new BridgeError('conflict', elsewhere);
  return file;
}

function toImagesDir({ imagesDir }: RunBatchOptions): string {
  return resolve(imagesDir ?? 'assets/images');
}

/** `name`: what tells this poster from others, so that a run goes on only with the same. */
async function loadPoster(options: RunBatchOptions): Promise<{ poster: Poster; name: string }> {
  const { poster, posterFormat: format = 'json' } = options;
  if (typeof poster === 'function') return { poster: toCheckedPoster(poster), name: 'function' };
  if (typeof poster !== 'string')
    return { poster: toCheckedPoster((...given) => poster.postAd(...given)), name: 'object' };
  if (isAddress(poster))
    return { poster: createHttpPoster(poster, { format }), name: `${format} to ${poster}` };
  const path = resolve(poster);
  return { poster: await loadModulePoster(path), name: path };
}

function isAddress(poster: string): boolean {
  return /^https?:\/\//i.test(poster);
}

/** The dry run. */
async function checkRows(
  source: string | readonly InventoryRowObject[],
  options: RunBatchOptions,
): Promise<RunResult> {
  const { mode, poster, sheet, signal } = options;
  if (typeof poster === 'string' && isAddress(poster)) createHttpPoster(poster);
  const rows =
    typeof source === 'string'
      ? (await openInventory(resolve(source), { sheet })).rows
      : parseRows(source.length === 0 ? [] : source);
  const selected = selectRows(rows, mode);
  const progress = createProgress(selected.length, options.onProgress);
  const results: ListingResult[] = [];
  for (const row of selected) {
    if (signal?.aborted) break;
    const checked = await checkRow(row, toImagesDir(options));
    const { bucket_truck_id: record_id, posting_status: status_update } = row.record;
    const message = checked.ok ? 'Would be posted' : checked.reason;
    const timestamp = new Date().toISOString();
    results.push({ success: checked.ok, message, status_update, ad_url: null, record_id, timestamp });
    progress(record_id);
  }
  const counts = { selected: selected.length, skipped: rows.length - selected.length };
  return toRunResult({ ...counts, results, interrupted: results.length < selected.length, isDry: true });
}
