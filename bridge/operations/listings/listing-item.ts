/** What an item of a listings batch is kept as, and which rows of an inventory or a request become items. */
import { z } from 'zod';
import type { ItemInput, ItemSelection } from '../../batch/ports.ts';
import { BridgeError } from '../../errors.ts';
import { findColumns, type InventoryRow, type ListingRecord, listingColumns, toRecord } from './columns.ts';
import { type RunMode, selectRows } from './status.ts';

const recordSchema = z.object(
  Object.fromEntries(listingColumns.map((name) => [name, z.string()])) as Record<
    (typeof listingColumns)[number],
    z.ZodString
  >,
);
const itemSchema = z.object({
  /** Real path of the inventory that gets its status; absent: none does. */
  file: z.string().optional(),
  /** In the file; of a request the place in its list. */
  row: z.int(),
  record: recordSchema,
  /** Of the first item: how many rows the mode left out. */
  left_out: z.int().optional(),
});
/** `posting`: the attempt at which the poster was asked, durable before it was. */
const noteSchema = z.object({ posting: z.int() });

export type ListingItem = z.infer<typeof itemSchema>;
export type KeptItem = { item: ListingItem; posting: number | null };

/** Throws BridgeError `unprocessable`, with `left_out`, when the mode takes none of the rows. */
export function toSelection(
  rows: readonly InventoryRow[],
  { mode, file }: { mode: RunMode; file: string | undefined },
): ItemSelection {
  const selected = selectRows(rows, mode);
  const left_out = rows.length - selected.length;
  if (selected.length === 0) throw new BridgeError('unprocessable', 'No records to process', { left_out });
  const items = selected.map(({ row, record }, place) => {
    const input = { ...(file !== undefined && { file }), row, record, ...(place === 0 && { left_out }) };
    return { ref: record.bucket_truck_id, input: input satisfies ListingItem };
  });
  return { items };
}

/** Rows of a request or a library call: objects with the columns of an inventory. Throws BridgeError. */
export function parseRows(items: readonly unknown[]): InventoryRow[] {
  const names = new Set<string>();
  for (const [place, item] of items.entries()) {
    if (!isObject(item))
      throw new BridgeError('bad_request', `items[${place}] must be an object with the columns of a record`);
    for (const name of Object.keys(item)) names.add(name.trim().toLowerCase());
  }
  findColumns([...names]);
  return items.flatMap((item, place) => {
    const record = isObject(item) ? toRecordOf(item) : null;
    return record === null ? [] : [{ row: place + 1, record }];
  });
}

function toRecordOf(item: Record<string, unknown>): ListingRecord | null {
  const values = new Map(Object.entries(item).map(([name, value]) => [name.trim().toLowerCase(), value]));
  return toRecord((name) => toText(values.get(name)));
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? `${value}`
    : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null for what is no listing item (any more). */
export function toKeptItem(input: ItemInput | undefined): KeptItem | null {
  const item = itemSchema.safeParse(input?.v);
  if (!item.success) return null;
  const note = noteSchema.safeParse(input?.n);
  return { item: item.data, posting: note.success ? note.data.posting : null };
}

const CHUNK = 500;

/** So that of a large batch only a few hundred items are in memory at a time. */
export async function* inChunks<T>(all: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const one of all) {
    chunk.push(one);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
