/** Finds the records and cells of a CSV file as ranges of its bytes. Changes nothing and decodes only what is asked for. */
import { isUtf8 } from 'node:buffer';
import { toUnreadable } from './limits.ts';

/** `start..end`: the raw cell, with its quotes. */
export type CsvCell = { start: number; end: number };
/** `record` counts from 1 with the header; `end`: before the line end. A blank line is a record of one empty cell. */
export type CsvRecord = { record: number; cells: CsvCell[]; end: number };

/** `start`: the first byte after a byte order mark and a `sep=` line. */
export type CsvForm = { encoding: 'utf8' | 'windows-1252'; delimiter: number; start: number };

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;
const CELLS_LIMIT = 20_000;

/** Throws BridgeError `unprocessable` for UTF-16 and for a quote that is never closed. */
export function detectCsvForm(bytes: Buffer): CsvForm {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    throw toUnreadable('it is UTF-16 text; save it as "CSV UTF-8"');
  const bom = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
  const encoding = isUtf8(bytes) ? 'utf8' : 'windows-1252';
  const hint = /^sep=([,;\t|])(\r\n|\n|\r)/i.exec(bytes.toString('latin1', bom, bom + 8));
  if (hint !== null) {
    return { encoding, delimiter: (hint[1] ?? ',').charCodeAt(0), start: bom + hint[0].length };
  }
  return { encoding, delimiter: detectDelimiter(bytes, bom), start: bom };
}

/** That which gives the first record the most cells. */
function detectDelimiter(bytes: Buffer, start: number): number {
  let best = { delimiter: 0x2c, cells: 0 };
  for (const delimiter of Buffer.from(',;\t|')) {
    const [header] = scanCsv(bytes, { encoding: 'utf8', delimiter, start });
    const cells = header?.cells.length ?? 0;
    if (cells > best.cells) best = { delimiter, cells };
  }
  return best.delimiter;
}

export function* scanCsv(bytes: Buffer, { delimiter, start }: CsvForm): Generator<CsvRecord> {
  let at = start;
  let record = 0;
  while (at < bytes.length) {
    record += 1;
    const cells: CsvCell[] = [];
    do {
      if (cells.length > 0) at += 1;
      const end = findCellEnd(bytes, { at, delimiter, record });
      cells.push({ start: at, end });
      if (cells.length > CELLS_LIMIT)
        throw toUnreadable(`record ${record} has more than ${CELLS_LIMIT} cells`);
      at = end;
    } while (bytes[at] === delimiter);
    yield { record, cells, end: at };
    at += bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
  }
}

function findCellEnd(bytes: Buffer, from: { at: number; delimiter: number; record: number }): number {
  let { at } = from;
  if (bytes[at] === QUOTE) {
    do {
      at = bytes.indexOf(QUOTE, at + 1) + 1;
      if (at === 0) throw toUnreadable(`a quote in record ${from.record} is never closed`);
    } while (bytes[at] === QUOTE);
  }
  // What follows a closing quote belongs to the cell, as spreadsheet programs have it.
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === from.delimiter || byte === LF || byte === CR) break;
    at += 1;
  }
  return at;
}

export function toCellText(bytes: Buffer, cell: CsvCell, encoding: CsvForm['encoding']): string {
  const raw = decode(bytes.subarray(cell.start, cell.end), encoding);
  if (!raw.startsWith('"')) return raw;
  const [, inner = '', rest = ''] = /^"((?:[^"]|"")*)"([\s\S]*)$/.exec(raw) ?? [];
  return inner.replaceAll('""', '"') + rest;
}

function decode(bytes: Buffer, encoding: CsvForm['encoding']): string {
  return encoding === 'utf8' ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes);
}
