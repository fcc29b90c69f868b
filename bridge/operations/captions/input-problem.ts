/** What is wrong with a field of the input, said so that a person can put it right. */

/** `where`: `line 4` of a CSV file (the first line of the record), `item 2` of a JSON list (from 1), or `input`. */
export type InputProblem = { where: string; field: string; value: string; message: string };

const LONGEST_VALUE = 60;

export function toProblem(where: string, field: string, value: unknown, remedy: string): InputProblem {
  const text = value === undefined ? '' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const shown = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
  const stated = shown === '' ? 'is missing' : `is "${shown}"`;
  return { where, field, value: shown, message: `${where}: ${field} ${stated}: ${remedy}` };
}
