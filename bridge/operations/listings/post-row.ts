/** One row: checked, its image found, handed to the poster, its outcome as a value. Writes no file and never throws. */
import type { InventoryRow } from './columns.ts';
import { findImage } from './images.ts';
import type { ListingImage, PostAnswer, PostContext, Poster } from './poster.ts';
import { findRowFault } from './row-checks.ts';
import { IMAGE_NOT_FOUND, SYSTEM_ERROR, toFailedStatus, toPostedStatus } from './status.ts';

/** `status_update`: what stands in the row's status cell after this. `timestamp`: ISO UTC. */
export type ListingResult = {
  success: boolean;
  message: string;
  status_update: string;
  ad_url: string | null;
  record_id: string;
  timestamp: string;
};

/** `stopped`: aborted before or while posting. After the poster was asked nobody knows whether the ad is there. */
export type PostEnd =
  | { kind: 'result'; result: ListingResult; error?: unknown }
  | { kind: 'stopped'; mayBePosted: boolean };

export type PostParts = {
  poster: Poster;
  imagesDir: string;
  /** ISO-8601 UTC. */
  now: () => string;
  /** `YYYY-MM-DD` as the user's calendar has it. */
  today: () => string;
};

export type CheckedRow = { ok: true; images: ListingImage[] } | { ok: false; reason: string };

/** All that can be known before the poster is asked; what a dry run reports. */
export async function checkRow({ record }: InventoryRow, imagesDir: string): Promise<CheckedRow> {
  const fault = findRowFault(record);
  if (fault !== null) return { ok: false, reason: fault };
  const image = await findImage(imagesDir, record.image_filename);
  return image === null ? { ok: false, reason: IMAGE_NOT_FOUND } : { ok: true, images: [image] };
}

export async function postRow(parts: PostParts, row: InventoryRow, context: PostContext): Promise<PostEnd> {
  const checked = await checkRow(row, parts.imagesDir);
  if (context.signal.aborted) return { kind: 'stopped', mayBePosted: false };
  if (!checked.ok) return { kind: 'result', result: toFailure(parts, row, checked.reason) };
  try {
    const answer = await parts.poster.postAd(row.record, checked.images, context);
    return { kind: 'result', result: toResult(parts, row, answer) };
  } catch (thrown) {
    if (context.signal.aborted) return { kind: 'stopped', mayBePosted: true };
    return { kind: 'result', result: toFailure(parts, row, SYSTEM_ERROR), error: thrown };
  }
}

function toResult(parts: PostParts, row: InventoryRow, answer: PostAnswer): ListingResult {
  if (!answer.success) return toFailure(parts, row, answer.message || 'The poster gave no reason');
  return {
    success: true,
    message: answer.message || 'Posted',
    status_update: toPostedStatus(parts.today()),
    ad_url: answer.ad_url ?? null,
    record_id: row.record.bucket_truck_id,
    timestamp: parts.now(),
  };
}

function toFailure(parts: PostParts, { record }: InventoryRow, reason: string): ListingResult {
  return {
    success: false,
    message: reason,
    status_update: toFailedStatus(record.posting_status, reason),
    ad_url: null,
    record_id: record.bucket_truck_id,
    timestamp: parts.now(),
  };
}

/** The user's local day. */
export function toLocalDate(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
