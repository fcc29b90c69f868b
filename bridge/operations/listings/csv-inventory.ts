/** An inventory in a CSV file: its rows, and its bytes with other statuses. Byte order mark, delimiter, line ends and quoting of other cells stay. */
import { applyPatches, type BytePatch } from './byte-patch.ts';
import { type ColumnPlaces, findColumns, type InventoryRow, toRecord } from './columns.ts';
import { type CsvForm, type CsvRecord, detectCsvForm, scanCsv, toCellText } from './csv-scan.ts';
import { toUnreadable } from './limits.ts';
import { createPace } from './pace.ts';
import { type FoundRow, placeEdits, type StatusEdit } from './placing.ts';

/** Throws BridgeError `unprocessable`. */
export async function readCsvInventory(bytes: Buffer): Promise<InventoryRow[]> {
  const rows: InventoryRow[] = [];
  for await (const { row, record } of readRows(bytes, openCsv(bytes))) rows.push({ row, record });
  return rows;
}

/** The whole file with these statuses in place; `bytes` itself is left alone. */
export async function patchCsvInventory(
  bytes: Buffer,
  edits: readonly StatusEdit[],
): Promise<{ bytes: Buffer; missed: StatusEdit[] }> {
  const csv = openCsv(bytes);
  const found: FoundRow[] = [];
  for await (const { row, record } of readRows(bytes, csv)) {
    found.push({ row, id: record.bucket_truck_id, status: record.posting_status });
  }
  const { texts, missed } = placeEdits(found, edits);
  const patches: BytePatch[] = [];
  const pace = createPace();
  for (const record of scanCsv(bytes, csv.form)) {
    const text = texts.get(record.record);
    if (text !== undefined) patches.push(toPatch({ bytes, csv, record, text }));
    await pace();
  }
  return { bytes: applyPatches(bytes, patches), missed };
}

type OpenCsv = { form: CsvForm; header: number; places: ColumnPlaces };

function openCsv(bytes: Buffer): OpenCsv {
  const form = detectCsvForm(bytes);
  for (const { record, cells } of scanCsv(bytes, form)) {
    const names = cells.map((cell) => toCellText(bytes, cell, form.encoding));
    if (names.every((name) => name.trim() === '')) continue;
    return { form, header: record, places: findColumns(names) };
  }
  throw toUnreadable('it is empty');
}

async function* readRows(bytes: Buffer, { form, header, places }: OpenCsv): AsyncGenerator<InventoryRow> {
  const pace = createPace();
  for (const { record: row, cells } of scanCsv(bytes, form)) {
    await pace();
    if (row <= header) continue;
    const record = toRecord((name) => {
      const cell = cells[places[name]];
      return cell === undefined ? '' : toCellText(bytes, cell, form.encoding);
    });
    if (record !== null) yield { row, record };
  }
}

function toPatch(given: { bytes: Buffer; csv: OpenCsv; record: CsvRecord; text: string }): BytePatch {
  const { bytes, csv, record, text } = given;
  const column = csv.places.posting_status;
  const delimiter = String.fromCharCode(csv.form.delimiter);
  const cell = record.cells[column];
  if (cell === undefined) {
    const missing = delimiter.repeat(column - record.cells.length + 1);
    const added = missing + quoteIfNeeded(text, delimiter);
    return { start: record.end, end: record.end, bytes: encode(added, csv.form) };
  }
  const wasQuoted = bytes[cell.start] === 0x22;
  const shown = wasQuoted ? quote(text) : quoteIfNeeded(text, delimiter);
  return { ...cell, bytes: encode(shown, csv.form) };
}

function quoteIfNeeded(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? quote(text) : text;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Of Windows-1252 only what it shares with Latin-1; a status needs no more. */
function encode(text: string, { encoding }: CsvForm): Buffer {
  if (encoding === 'utf8') return Buffer.from(text, 'utf8');
  return Buffer.from(text.replace(/[^\x20-\x7e\xa0-\xff]/gu, '?'), 'latin1');
}
