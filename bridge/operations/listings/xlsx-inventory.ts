/** An inventory in an XLSX workbook: its rows, and the workbook's bytes with other statuses. Only the part of the one sheet changes. */
import { BridgeError } from '../../errors.ts';
import { applyPatches, type BytePatch } from './byte-patch.ts';
import {
  type ColumnPlaces,
  findColumns,
  type InventoryRow,
  type ListingColumn,
  missingColumns,
  toRecord,
} from './columns.ts';
import { toUnreadable } from './limits.ts';
import { createPace } from './pace.ts';
import { type FoundRow, placeEdits, type StatusEdit } from './placing.ts';
import { toCellPatches } from './sheet-patch.ts';
import { readCell, type SheetRow, scanRows, toLetters } from './sheet-scan.ts';
import { openWorkbook, type Workbook } from './workbook.ts';
import { attribute, scanTags, toXmlText } from './xml-scan.ts';

/** `sheet`: name of the tab; without it the first that has all the columns. */
export type SheetChoice = { sheet?: string | undefined };

/** Rejects with BridgeError `unprocessable`. */
export async function readXlsxInventory(bytes: Buffer, choice: SheetChoice = {}): Promise<InventoryRow[]> {
  const rows: InventoryRow[] = [];
  const sheet = await openSheet(await openWorkbook(bytes), choice);
  for await (const row of dataRows(sheet)) {
    const record = toRecord((name) => readColumn(sheet, row, name));
    if (record !== null) rows.push({ row: row.row, record });
  }
  return rows;
}

/** The whole workbook with these statuses in place; `bytes` itself is left alone. */
export async function patchXlsxInventory(
  bytes: Buffer,
  edits: readonly StatusEdit[],
  choice: SheetChoice = {},
): Promise<{ bytes: Buffer; missed: StatusEdit[] }> {
  const workbook = await openWorkbook(bytes);
  const sheet = await openSheet(workbook, choice);
  const found: (FoundRow & { start: number })[] = [];
  for await (const row of dataRows(sheet)) {
    const id = readColumn(sheet, row, 'bucket_truck_id');
    found.push({ row: row.row, id, status: readColumn(sheet, row, 'posting_status'), start: row.open.start });
  }
  const { texts, missed } = placeEdits(found, edits);
  if (texts.size === 0) return { bytes, missed };
  const column = sheet.places.posting_status;
  const style = findColumnStyle(sheet.xml, column);
  const patches: BytePatch[] = [];
  const pace = createPace();
  for (const { row: number, start } of found) {
    const text = texts.get(number);
    if (text === undefined) continue;
    const [row] = scanRows(sheet.xml, { at: start, after: number - 1 }).take(1);
    if (row !== undefined) patches.push(...toCellPatches(row, { column, text, style }));
    await pace();
  }
  const content = applyPatches(Buffer.from(sheet.xml, 'latin1'), patches);
  return { bytes: await workbook.zip.replace(sheet.part, content), missed };
}

type OpenSheet = { part: string; xml: string; header: number; places: ColumnPlaces; workbook: Workbook };

async function openSheet(workbook: Workbook, { sheet: wanted }: SheetChoice): Promise<OpenSheet> {
  const candidates = workbook.sheets.filter(({ name }) => wanted === undefined || name === wanted);
  if (candidates.length === 0)
    throw toUnreadable(wanted === undefined ? 'it has no sheet' : `it has no sheet "${wanted}"`);
  let nearest: { header: string[]; missing: number } | null = null;
  for (const { part } of candidates) {
    const xml = toXmlText(await workbook.zip.read(part), part);
    const { row, header } = readHeader(xml, workbook);
    const missing = missingColumns(header).length;
    if (missing === 0) return { part, xml, header: row, places: findColumns(header), workbook };
    if (nearest === null || missing < nearest.missing) nearest = { header, missing };
  }
  throw refusal(nearest?.header ?? []);
}

/** Names the columns that the sheet nearest to an inventory lacks. */
function refusal(header: readonly string[]): BridgeError {
  try {
    findColumns(header);
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
  }
  return toUnreadable('it has no sheet');
}

/** The first row with any text. */
function readHeader(xml: string, { shared }: Workbook): { row: number; header: string[] } {
  for (const { row, cells } of scanRows(xml)) {
    const header: string[] = [];
    for (const cell of cells) header[cell.column] = readCell(xml, cell, shared);
    if (header.some((text) => text.trim() !== ''))
      return { row, header: Array.from(header, (text) => text ?? '') };
  }
  return { row: 0, header: [] };
}

/** A status that is a formula's result cannot be replaced without breaking the workbook's order of calculation. */
async function* dataRows({ xml, header, places }: OpenSheet): AsyncGenerator<SheetRow> {
  const pace = createPace();
  for (const row of scanRows(xml)) {
    await pace();
    if (row.row <= header) continue;
    if (row.cells.some(({ column, hasFormula }) => hasFormula && column === places.posting_status)) {
      const cell = `${toLetters(places.posting_status)}${row.row}`;
      throw toUnreadable(`posting_status in ${cell} is a formula; put a plain text there`);
    }
    yield row;
  }
}

function readColumn({ xml, places, workbook }: OpenSheet, { cells }: SheetRow, name: ListingColumn): string {
  const cell = cells.find(({ column }) => column === places[name]);
  return cell === undefined ? '' : readCell(xml, cell, workbook.shared).trim();
}

/** The format that a new cell of this column gets, as a spreadsheet program would give it. */
function findColumnStyle(xml: string, column: number): string | undefined {
  for (const { name, attributes } of scanTags(xml)) {
    if (name === 'sheetData') return undefined;
    const isIt = name === 'col' && Number(attribute(attributes, 'min')) <= column + 1;
    if (isIt && Number(attribute(attributes, 'max')) >= column + 1) return attribute(attributes, 'style');
  }
  return undefined;
}
