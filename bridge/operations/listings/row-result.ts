/** A row's end as the engine keeps it, and back to the shape that callers of a run get. Pure. */
import type { UnitResult } from '../../batch/ports.ts';
import type { Failure, FailureCode, ItemResult } from '../../contract/index.ts';
import type { InventoryRow } from './columns.ts';
import { type ListingResult, type RowEnd, toResult } from './post-row.ts';

/** Of the details of a row's result. */
export const listingDetailKeys = ['record_id', 'success', 'message', 'status_update', 'ad_url'] as const;

/** What the same row may meet another time. */
const passing: ReadonlySet<FailureCode> = new Set(['unreachable', 'internal']);

/** `t`: start, ISO UTC; `ms`: how long it took. */
export function toUnitResult(
  { code, result, isLeftOut }: RowEnd,
  timing: { t: string; ms: number },
): UnitResult {
  const { record_id, success, message, status_update, ad_url } = result;
  const d = { record_id, success, message, status_update, ad_url };
  if (isLeftOut === true) return { s: 'skipped', ...timing, d, w: [message] };
  if (code === null) return { s: 'processed', ...timing, d };
  return { s: 'failed', ...timing, d, f: toRowFailure(code, message) };
}

export function toRowFailure(code: FailureCode, message: string): Failure {
  const stage = code === 'invalid_item' || code === 'not_found' ? 'read' : 'run';
  return { code, message, stage, retryable: passing.has(code) };
}

/** The row has a status now that takes it out of the batch. */
export function toLeftOut(row: InventoryRow, status: string): RowEnd {
  const message = `Left out: its posting_status became "${status}" meanwhile`;
  return { code: null, isLeftOut: true, result: toResult(row, message, { success: false, status }) };
}

/** Cut off after its status was saved, so that it is known to be posted. */
export function toPostedBefore(row: InventoryRow, status: string): RowEnd {
  return { code: null, result: toResult(row, 'Posted', { success: true, status }) };
}

export function toWouldBePosted(row: InventoryRow): RowEnd {
  const status = row.record.posting_status;
  return { code: null, result: toResult(row, 'Would be posted', { success: true, status }) };
}

/** Null for an item that was not settled, or left out. */
export function toListingResult(item: ItemResult): ListingResult | null {
  const { status, details = {}, started_at, duration_ms, failure } = item;
  if (status !== 'processed' && status !== 'failed') return null;
  const { record_id, message, status_update, ad_url } = details;
  return {
    success: status === 'processed',
    message: toText(message ?? failure?.message),
    status_update: toText(status_update),
    ad_url: typeof ad_url === 'string' ? ad_url : null,
    record_id: toText(record_id ?? item.ref),
    timestamp: new Date(Date.parse(started_at ?? '') + (duration_ms ?? 0)).toISOString(),
  };
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
}
