/** What is wrong with a row, before any poster is asked (operations.md, "Spreadsheet batches"). Pure. */
import type { ListingRecord } from './columns.ts';

const PRICE_LIMIT = 1_000_000;
const IMAGE_NAME = /\.(jpe?g|png|gif|webp|bmp)$/i;

/** Null when nothing is; else the first reason, in order of the columns. Lengths count characters of the trimmed text. */
export function findRowFault(record: ListingRecord): string | null {
  const { bucket_truck_id: id, image_filename: image, price } = record;
  if (!/^[A-Z0-9_-]+$/.test(id)) return 'Invalid bucket_truck_id: only A-Z 0-9 _ - are allowed';
  if (!IMAGE_NAME.test(image)) return 'Invalid image_filename: no jpg png gif webp or bmp file';
  return (
    lengthFault('title', record.title, [5, 200]) ??
    lengthFault('description', record.description, [10, 5000]) ??
    priceFault(price) ??
    lengthFault('tags', record.tags, [2, 50])
  );
}

function lengthFault(
  name: string,
  text: string,
  [least, most]: readonly [least: number, most: number],
): string | null {
  const length = [...text].length;
  return length >= least && length <= most
    ? null
    : `Invalid ${name}: must have ${least} to ${most} characters`;
}

function priceFault(text: string): string | null {
  const price = parsePrice(text);
  if (price === null) return 'Invalid price: not a number';
  return price > 0 && price <= PRICE_LIMIT ? null : 'Invalid price: must be above 0 and at most 1000000';
}

/** A plain decimal number, also in the form in which workbooks keep large or small ones (`1.25E4`). */
export function parsePrice(text: string): number | null {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : null;
}
