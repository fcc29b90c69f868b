/** One row: checked, its image found, handed to the poster, its outcome as a value. Writes no file and never throws. */
import type { FailureCode } from '../../contract/index.ts';
import type { InventoryRow } from './columns.ts';
import { findImage } from './images.ts';
import type { ListingImage, PostAnswer, PostContext, Poster } from './poster.ts';
import { findRowFault } from './row-checks.ts';
import {
  CUT_OFF,
  IMAGE_NOT_FOUND,
  SYSTEM_ERROR,
  toFailedStatus,
  toPostedStatus,
  toUnconfirmedStatus,
} from './status.ts';

/** `status_update`: what stands in the row's status cell after this. `timestamp`: ISO UTC. */
export type ListingResult = {
  success: boolean;
  message: string;
  status_update: string;
  ad_url: string | null;
  record_id: string;
  timestamp: string;
};

/** `code`: why it failed; null when it did not. `isLeftOut`: the row was taken out of the batch. */
export type RowEnd = {
  code: FailureCode | null;
  result: Omit<ListingResult, 'timestamp'>;
  error?: unknown;
  isLeftOut?: boolean;
};

export type CheckedRow =
  | { ok: true; images: ListingImage[] }
  | { ok: false; code: 'invalid_item' | 'not_found'; reason: string };

/** All that can be known before the poster is asked; what a dry run reports. `mayRead`: null, or why not. */
export async function checkRow(
  { record }: InventoryRow,
  imagesDir: string,
  mayRead: (path: string) => Promise<string | null> = async () => null,
): Promise<CheckedRow> {
  const fault = findRowFault(record);
  if (fault !== null) return { ok: false, code: 'invalid_item', reason: fault };
  const image = await findImage(imagesDir, record.image_filename);
  if (image === null || (await mayRead(image.path)) !== null)
    return { ok: false, code: 'not_found', reason: IMAGE_NOT_FOUND };
  return { ok: true, images: [image] };
}

export type Posting = {
  poster: Poster;
  row: InventoryRow;
  images: readonly ListingImage[];
  context: PostContext;
  /** `YYYY-MM-DD` as the user's calendar has it. */
  today: string;
};

/** What is stopped may still say that it had not begun. */
const GRACE_MS = 500;

/**
 * Asks the poster. Null: stopped, and surely not posted. One that is stopped in the middle is soon answered, whatever the
 * poster does: nobody knows then whether the ad is there.
 */
export async function postRow(posting: Posting): Promise<RowEnd | null> {
  const { poster, row, images, context } = posting;
  if (context.signal.aborted) return null;
  const stopped = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    timer = setTimeout(() => stopped.reject(new Error('Stopped')), GRACE_MS);
  };
  context.signal.addEventListener('abort', stop);
  try {
    return toEnd(posting, await Promise.race([poster.postAd(row.record, images, context), stopped.promise]));
  } catch (thrown) {
    if (context.signal.aborted) return toUnconfirmed(row, CUT_OFF);
    return { ...toFailure(row, 'internal', SYSTEM_ERROR), error: thrown };
  } finally {
    context.signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}

function toEnd({ row, today }: Posting, answer: PostAnswer): RowEnd | null {
  if (answer.success) {
    const status = toPostedStatus(today);
    return {
      code: null,
      result: toResult(row, answer.message || 'Posted', { success: true, status, url: answer.ad_url }),
    };
  }
  const reason = answer.message || 'The poster gave no reason';
  if (answer.fault === 'not_posted') return null;
  if (answer.fault === 'unconfirmed') return toUnconfirmed(row, reason);
  return toFailure(row, answer.fault ?? 'rejected', reason);
}

export function toFailure(row: InventoryRow, code: FailureCode, reason: string): RowEnd {
  const status = toFailedStatus(row.record.posting_status, reason);
  return { code, result: toResult(row, reason, { success: false, status }) };
}

/** Somebody must look whether the ad is there. */
export function toUnconfirmed(row: InventoryRow, reason: string): RowEnd {
  const status = toUnconfirmedStatus(row.record.posting_status, reason);
  return { code: 'unconfirmed', result: toResult(row, reason, { success: false, status }) };
}

/** A poster may answer with a page; it is kept for each row. */
const MESSAGE_LIMIT = 500;

type Shown = { success: boolean; status: string; url?: string | undefined };

export function toResult({ record }: InventoryRow, message: string, { success, status, url }: Shown) {
  return {
    success,
    message: message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT)}...` : message,
    status_update: status,
    ad_url: url ?? null,
    record_id: record.bucket_truck_id,
  };
}

/** The user's local day. */
export function toLocalDate(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
