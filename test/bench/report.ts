/**
 * Medians, tables and goals of the benchmarks. Prints for people; with `PB_BENCH_RESULTS` (set by `run.ts`) it also appends
 * each table and goal to that file, one JSON value a line.
 */
import { appendFileSync } from 'node:fs';

export type Table = { kind: 'table'; title: string; head: string[]; rows: string[][] };
/** `value` holds the goal at `limit` or below, with `atLeast` at or above. */
export type Goal = { what: string; value: number; limit: number; unit: string; atLeast?: boolean };
export type Note = { kind: 'note'; text: string };
export type Report = Table | Note | { kind: 'goals'; goals: Goal[] };

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function row(...cells: (string | number)[]): string[] {
  return cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell));
}

/** Lowest to highest, for the reader to see how far the rounds were apart. */
export function range(values: readonly number[], digits = 2): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}

/** Prints one table with aligned columns. */
export function table(title: string, head: readonly string[], rows: readonly string[][]): void {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  process.stdout.write(`\n${title}\n${line(head)}\n${rows.map(line).join('\n')}\n`);
  keep({ kind: 'table', title, head: [...head], rows: rows.map((cells) => [...cells]) });
}

export function note(text: string): void {
  process.stdout.write(`${text}\n`);
  keep({ kind: 'note', text });
}

/** Stands for what did not happen at all: JSON knows no infinity, and a hole in it would pass for 0. */
export const NEVER = Number.MAX_SAFE_INTEGER;

export function goals(told: readonly Goal[]): void {
  const list = told.map((goal) =>
    Number.isFinite(goal.value) ? goal : { ...goal, value: goal.atLeast ? 0 : NEVER },
  );
  const rows = list.map((goal) => [goal.what, ...goalCells(goal)]);
  const head = ['', 'measured', 'goal', ''];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const lines = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  process.stdout.write(`\n${lines.map((line) => line.trimEnd()).join('\n')}\n`);
  keep({ kind: 'goals', goals: list });
}

export function goalCells(goal: Goal): [measured: string, wanted: string, verdict: string] {
  const { value, limit, unit, atLeast } = goal;
  if (value >= NEVER / 1000) return ['never', `<= ${limit} ${unit}`.trimEnd(), 'MISSED'];
  const shown = Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
  const sign = atLeast ? '>=' : '<=';
  return [
    `${shown} ${unit}`.trimEnd(),
    `${sign} ${limit} ${unit}`.trimEnd(),
    holds(goal) ? 'holds' : 'MISSED',
  ];
}

export function holds({ value, limit, atLeast }: Goal): boolean {
  return atLeast ? value >= limit : value <= limit;
}

function keep(report: Report): void {
  const path = process.env.PB_BENCH_RESULTS;
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(report)}\n`);
}
