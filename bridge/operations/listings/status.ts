/** The texts of the `posting_status` column and which rows a run takes. Pure. */
import type { InventoryRow } from './columns.ts';

export const runModes = ['new', 'all'] as const;
export type RunMode = (typeof runModes)[number];

export const IMAGE_NOT_FOUND = 'Image not found';
export const SYSTEM_ERROR = 'System error';
export const CUT_OFF = 'cut off while posting; clear this cell if the ad is not there';
const REASON_LIMIT = 100;

/** `date`: `YYYY-MM-DD`. */
export function toPostedStatus(date: string): string {
  return `Posted ${date}`;
}

/**
 * One line, the reason cut at 100 characters. As every status begins with a word of ours, none can begin with `=`, `+`,
 * `-` or `@`, which a spreadsheet program would take for a formula.
 */
export function toErrorStatus(reason: string): string {
  const line = toLine(reason) || SYSTEM_ERROR;
  const characters = [...line];
  const text = characters.length > REASON_LIMIT ? `${characters.slice(0, REASON_LIMIT).join('')}...` : line;
  return `Error: ${text}`;
}

/** What may stand in a cell of a CSV and of an XML file: no line ends, no control characters, no lone surrogates. */
function toLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\uFFFE\uFFFF]+/gu, ' ')
    .trim();
}

export function isPosted(status: string): boolean {
  return /^posted\b/i.test(status.trim());
}

/** Cut off where nobody can tell whether the ad is there: no run of mode `new` takes the row, so that it is never posted twice. */
export function toUnconfirmedStatus(before: string, reason: string): string {
  return isPosted(before) ? before : `Unconfirmed: ${toErrorStatus(reason).slice('Error: '.length)}`;
}

export function isUnconfirmed(status: string): boolean {
  return status.trim().startsWith('Unconfirmed:');
}

/** `new`: blank, `pending` or starting with `Error`; `all`: every row. */
export function isSelected(status: string, mode: RunMode): boolean {
  const text = status.trim();
  return mode === 'all' || text === '' || text.toLowerCase() === 'pending' || text.startsWith('Error');
}

export function selectRows(rows: readonly InventoryRow[], mode: RunMode): InventoryRow[] {
  return rows.filter(({ record }) => isSelected(record.posting_status, mode));
}

/** A row that is posted keeps its text when another attempt fails. */
export function toFailedStatus(before: string, reason: string): string {
  return isPosted(before) ? before : toErrorStatus(reason);
}

/** For exports only, never for the user's own file: a text that a spreadsheet program would take for a formula gets a `'`. */
export function toExportCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
