/** The columns of an inventory and a row's record: which cell is which. Judges no values. */
import { BridgeError } from '../../errors.ts';

export const listingColumns = [
  'bucket_truck_id',
  'image_filename',
  'title',
  'description',
  'price',
  'tags',
  'fuel_type',
  'equipment_type',
  'posting_status',
] as const;
export type ListingColumn = (typeof listingColumns)[number];

/** Texts as they stand in the cells, trimmed. */
export type ListingRecord = Readonly<Record<ListingColumn, string>>;

/** `row`: as a spreadsheet program numbers it; the header is row 1 unless lines above it are blank. */
export type InventoryRow = { readonly row: number; readonly record: ListingRecord };

/** Place of each column, from 0. */
export type ColumnPlaces = Readonly<Record<ListingColumn, number>>;

/** Names are compared trimmed and in any case. Throws BridgeError `unprocessable` naming every missing column. */
export function findColumns(header: readonly string[]): ColumnPlaces {
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = missingColumns(header);
  if (missing.length > 0) {
    const columns = missing.length === 1 ? 'column' : 'columns';
    throw new BridgeError('unprocessable', `The inventory lacks the ${columns} ${missing.join(', ')}`, {
      missing_columns: missing,
    });
  }
  return Object.fromEntries(listingColumns.map((name) => [name, names.indexOf(name)])) as ColumnPlaces;
}

export function missingColumns(header: readonly string[]): ListingColumn[] {
  const names = new Set(header.map((name) => name.trim().toLowerCase()));
  return listingColumns.filter((name) => !names.has(name));
}

/** Null for a row in which all known cells are blank. */
export function toRecord(read: (name: ListingColumn) => string): ListingRecord | null {
  const entries = listingColumns.map((name) => [name, read(name).trim()] as const);
  return entries.every(([, text]) => text === '') ? null : (Object.fromEntries(entries) as ListingRecord);
}
