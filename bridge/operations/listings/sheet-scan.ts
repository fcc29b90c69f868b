/** Finds the rows and cells of a worksheet part as ranges of its text. Changes nothing. */
import { toUnreadable } from './limits.ts';
import { readRichText, type SharedStrings } from './shared-strings.ts';
import { attribute, scanTags, toText, type XmlTag } from './xml-scan.ts';

/** `column` from 0. `start..end`: the whole element. `inside`: where its content begins; = `end` for an empty one. */
export type SheetCell = {
  column: number;
  prefix: string;
  attributes: string;
  start: number;
  inside: number;
  end: number;
  hasFormula: boolean;
};

/** `row` from 1. `open`: its start tag; `close`: where the end tag begins, or the end of an empty row. */
export type SheetRow = { row: number; open: XmlTag; cells: SheetCell[]; close: number };

/** All rows, or those from where one begins (`after`: the number of the row before it). */
export function* scanRows(xml: string, from?: { at: number; after: number }): Generator<SheetRow> {
  let row: SheetRow | null = null;
  let cell: SheetCell | null = null;
  let last = from?.after ?? 0;
  for (const tag of scanTags(xml, from?.at ?? findData(xml))) {
    if (tag.name === 'sheetData' && tag.kind !== 'open') return;
    if (tag.name === 'row' && tag.kind !== 'close') {
      last = toRowNumber(tag, last);
      row = { row: last, open: tag, cells: [], close: tag.end };
      if (tag.kind === 'empty') yield row;
    } else if (tag.name === 'row' && row !== null) {
      yield { ...row, close: tag.start };
      row = null;
    } else if (tag.name === 'c' && tag.kind !== 'close' && row !== null) {
      cell = toCell(tag, row.cells.at(-1)?.column ?? -1);
      row.cells.push(cell);
    } else if (tag.name === 'c' && cell !== null) {
      cell.end = tag.end;
      cell = null;
    } else if (tag.name === 'f' && cell !== null) {
      cell.hasFormula = true;
    }
  }
}

function findData(xml: string): number {
  for (const { name, kind, start, end } of scanTags(xml)) {
    if (name === 'sheetData') return kind === 'empty' ? start : end;
  }
  throw toUnreadable('its sheet has no data');
}

function toRowNumber(tag: XmlTag, last: number): number {
  const given = attribute(tag.attributes, 'r');
  if (given === undefined) return last + 1;
  const row = Number(given);
  if (!Number.isInteger(row) || row <= last) throw toUnreadable('the rows of its sheet are out of order');
  return row;
}

function toCell(tag: XmlTag, last: number): SheetCell {
  const { prefix, attributes, start, end } = tag;
  const reference = attribute(attributes, 'r');
  const column = reference === undefined ? last + 1 : toColumn(reference);
  if (column <= last) throw toUnreadable('the cells of its sheet are out of order');
  return { column, prefix, attributes, start, inside: end, end, hasFormula: false };
}

/** `A1` → 0, `AB12` → 27. */
function toColumn(reference: string): number {
  const letters = /^([A-Z]{1,3})\d{1,7}$/.exec(reference)?.[1];
  if (letters === undefined) throw toUnreadable(`its sheet has a cell "${reference.slice(0, 20)}"`);
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** 0 → `A`. */
export function toLetters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest === 0 ? '' : toLetters(rest - 1)) + String.fromCharCode(65 + (column % 26));
}

/** What the cell shows, numbers as they are kept. */
export function readCell(xml: string, cell: SheetCell, shared: SharedStrings): string {
  const type = attribute(cell.attributes, 't');
  if (type === 'inlineStr') return readRichText(xml, cell.inside, cell.end);
  const value = readValue(xml, cell);
  if (type === 's') return value === '' ? '' : shared(Number(value));
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  return value;
}

function readValue(xml: string, cell: SheetCell): string {
  let start = -1;
  for (const tag of scanTags(xml, cell.inside, cell.end)) {
    if (tag.name !== 'v') continue;
    if (tag.kind === 'open') start = tag.end;
    else return start < 0 ? '' : toText(xml.slice(start, tag.start));
  }
  return '';
}
