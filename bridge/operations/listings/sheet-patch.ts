/** Writes a text into one cell of a worksheet part: the cell keeps its format, all around it stays as it is. */
import type { BytePatch } from './byte-patch.ts';
import { type SheetCell, type SheetRow, toLetters } from './sheet-scan.ts';
import { attribute, toXmlBytes, withoutAttributes } from './xml-scan.ts';

/** `style`: of the column, for a cell that does not exist yet. */
export type CellText = { column: number; text: string; style: string | undefined };

/** Ascending. The text stands in the cell itself, so that no other part of the workbook changes. */
export function toCellPatches(row: SheetRow, given: CellText): BytePatch[] {
  const cell = row.cells.find(({ column }) => column === given.column);
  if (cell !== undefined) {
    // A type, and the numbers of cell and value metadata, belong to the value that goes.
    const kept = withoutAttributes(cell.attributes, ['t', 'cm', 'vm']);
    return [toPatch(cell, element(cell.prefix, kept, given.text))];
  }
  const { prefix } = row.open;
  const style = attribute(row.open.attributes, 's') ?? given.style;
  const reference = `r="${toLetters(given.column)}${row.row}"`;
  const added = element(prefix, style === undefined ? reference : `${reference} s="${style}"`, given.text);
  if (row.open.kind === 'empty') {
    const name = prefix === '' ? 'row' : `${prefix}:row`;
    const attributes = withWiderSpan(row.open.attributes, given.column);
    return [toPatch(row.open, `<${name}${attributes.trimEnd()}>${added}</${name}>`)];
  }
  const next = row.cells.find(({ column }) => column > given.column);
  const at = next?.start ?? row.close;
  return [...toSpanPatch(row, given.column), { start: at, end: at, bytes: Buffer.from(added) }];
}

function element(prefix: string, attributes: string, text: string): string {
  const [c, is, t] = ['c', 'is', 't'].map((name) => (prefix === '' ? name : `${prefix}:${name}`));
  const literal = text.replace(/_(?=x[\dA-Fa-f]{4}_)/g, '_x005F_');
  const space = /^\s|\s$/.test(text) ? ' xml:space="preserve"' : '';
  return `<${c} ${attributes} t="inlineStr"><${is}><${t}${space}>${toXmlBytes(literal)}</${t}></${is}></${c}>`;
}

function toPatch({ start, end }: Pick<SheetCell, 'start' | 'end'>, text: string): BytePatch {
  return { start, end, bytes: Buffer.from(text, 'utf8') };
}

/** A row may say which columns it uses (`spans="1:8"`): a cell beyond them widens that. */
function toSpanPatch({ open }: SheetRow, column: number): BytePatch[] {
  const wider = withWiderSpan(open.attributes, column);
  if (wider === open.attributes) return [];
  const start = open.end - 1 - open.attributes.length;
  return [{ start, end: open.end - 1, bytes: Buffer.from(wider, 'latin1') }];
}

function withWiderSpan(attributes: string, column: number): string {
  return attributes.replace(
    /(\bspans=["'])(\d+):(\d+)(?=["'])/,
    (_, head: string, first: string, last: string) => {
      const number = column + 1;
      return `${head}${Math.min(Number(first), number)}:${Math.max(Number(last), number)}`;
    },
  );
}
