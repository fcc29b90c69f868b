/** Content records from a CSV text: one a row, cells turned into the types of their fields, blank cells left out. */
import { BridgeError } from '../../errors.ts';
import { detectCsvForm, scanCsv, toCellText } from '../listings/csv-scan.ts';
import { type LoadedRecords, parseContentRecords, refuse } from './record.ts';

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
  yes: true,
  no: false,
};
const numberFields: ReadonlySet<string> = new Set(['price', 'refundWindowDays']);
const booleanFields: ReadonlySet<string> = new Set(['tokenGating', 'refundable', 'isRemoved']);

/** Field names in the first line, in this spelling but any case. */
export function parseContentCsv(bytes: Buffer): LoadedRecords {
  try {
    return parseContentRecords(readObjects(bytes));
  } catch (thrown) {
    if (thrown instanceof BridgeError) return refuse(thrown.message.replace(/^The inventory/, 'The CSV'));
    throw thrown;
  }
}

const knownNames = [
  ...[
    'id',
    'creator',
    'title',
    'description',
    'contentType',
    'tokenGating',
    'refundable',
    'refundWindowDays',
  ],
  ...['price', 'isRemoved', 'removedAt', 'removalReason'],
];
const spelling = new Map(knownNames.map((name) => [name.toLowerCase(), name]));

function readObjects(bytes: Buffer): Record<string, unknown>[] {
  const form = detectCsvForm(bytes);
  const objects: Record<string, unknown>[] = [];
  let names: string[] | null = null;
  for (const { cells } of scanCsv(bytes, form)) {
    const texts = cells.map((cell) => toCellText(bytes, cell, form.encoding).trim());
    if (texts.every((text) => text === '')) continue;
    if (names === null) names = texts.map((name) => spelling.get(name.toLowerCase()) ?? name);
    else objects.push(toObject(names, texts));
  }
  return objects;
}

function toObject(names: readonly string[], texts: readonly string[]): Record<string, unknown> {
  const entries = names.map((name, column) => [name, texts[column] ?? ''] as const);
  return Object.fromEntries(
    entries
      .filter(([name, text]) => name !== '' && text !== '')
      .map(([name, text]) => [name, toValue(name, text)]),
  );
}

/** What is no number or truth value stays text, and the record's check names it. */
function toValue(name: string, text: string): unknown {
  if (numberFields.has(name)) return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return booleanFields.has(name) ? (booleans[text.toLowerCase()] ?? text) : text;
}
