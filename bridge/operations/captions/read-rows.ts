/** Turns the text of a JSON or CSV input into raw rows with the place each came from. Judges no field. */
import { parse } from 'csv-parse/sync';
import { toError } from '../../errors.ts';
import { type InputProblem, toProblem } from './input-problem.ts';

export type InputFormat = 'json' | 'csv';
export type RawRow = { where: string; fields: Record<string, unknown> };
export type RawRows = { ok: true; rows: RawRow[] } | { ok: false; problems: InputProblem[] };

const columns = [
  'image_id',
  'post_id',
  'post_url',
  'media_id',
  'attachment_index',
  'caption',
  'reviewed_caption',
  'status',
  'updated_at',
];

/** The format a file name or content type speaks of; else what the text looks like. */
export function guessFormat(name: string, text: string): InputFormat {
  if (/\bcsv\b/i.test(name)) return 'csv';
  if (/\bjson\b/i.test(name)) return 'json';
  return /^\uFEFF?\s*[[{]/.test(text) ? 'json' : 'csv';
}

export function readRows(text: string, format: InputFormat): RawRows {
  return format === 'json' ? readJson(text) : readCsv(text);
}

/** Rows of a request body: a list, or an object with the list in `captions`. */
export function toRows(value: unknown): RawRows {
  const list = isObject(value) ? value.captions : value;
  if (!Array.isArray(list)) {
    return fault('captions', undefined, 'give a list of captions, or an object with the list in "captions"');
  }
  const problems: InputProblem[] = [];
  const rows = list.flatMap((fields: unknown, index): RawRow[] => {
    const where = `item ${index + 1}`;
    if (isObject(fields)) return [{ where, fields }];
    problems.push(toProblem(where, 'item', fields, 'give an object with the fields of a caption'));
    return [];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rows };
}

function readJson(text: string): RawRows {
  try {
    return toRows(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (thrown) {
    return fault('JSON', toError(thrown).message, 'mend the JSON');
  }
}

function readCsv(text: string): RawRows {
  const delimiter = guessDelimiter(text);
  let header: string[] = [];
  let seen = 1;
  const rows: RawRow[] = [];
  try {
    const records = parse(text, { bom: true, delimiter, info: true, skip_empty_lines: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    for (const { record, info } of records) {
      const where = `line ${Math.max(seen, info.lines - countBreaks(record))}`;
      seen = info.lines;
      if (header.length === 0) header = record.map((name) => name.trim().toLowerCase());
      else
        rows.push({ where, fields: Object.fromEntries(header.map((name, place) => [name, record[place]])) });
    }
  } catch (thrown) {
    return fault('CSV', toError(thrown).message, 'mend that line');
  }
  const missing = missingColumn(header);
  if (missing !== null) return fault('header', header.join(delimiter), `the column ${missing} is needed`);
  return { ok: true, rows };
}

function missingColumn(header: readonly string[]): string | null {
  const needed = [
    ['image_id'],
    ['post_id', 'post_url'],
    ['media_id', 'attachment_index'],
    ['caption'],
    ['status'],
  ];
  const lacking = needed.find((names) => !names.some((name) => header.includes(name)));
  return lacking === undefined ? null : lacking.join(' or ');
}

/** The one that splits the header into most known columns. */
function guessDelimiter(text: string): string {
  const [header = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  const known = (delimiter: string) =>
    header.split(delimiter).filter((name) => columns.includes(name.trim().replaceAll('"', '').toLowerCase()))
      .length;
  const [best = ','] = [',', ';', '\t'].toSorted((one, other) => known(other) - known(one));
  return best;
}

function countBreaks(record: readonly string[]): number {
  return record.reduce((sum, value) => sum + (value.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(field: string, value: unknown, remedy: string): RawRows {
  return { ok: false, problems: [toProblem('input', field, value, remedy)] };
}
