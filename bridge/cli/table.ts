/** Tables that fit the terminal: columns shrink, then go, and no line ever wraps. Without a terminal nothing is cut. Pure. */
import type { Terminal } from './terminal.ts';
import { fitEnd, fitMiddle, padTo, toPrintable, widthOf } from './text-width.ts';

const GAP = 2;

/** How a column gives way. Absent: it never does. */
export type ColumnRule = {
  /** Shrinks, cut where said; to `min` columns (8) and no further. */
  cut?: 'end' | 'middle';
  min?: number;
  /** Goes when shrinking is not enough, the highest first. */
  drop?: number;
};
export type TableOptions = {
  /** Columns of the terminal; null: as wide as it comes. */
  width?: number | null;
  /** By column from the left. */
  rules?: readonly (ColumnRule | null)[];
};
type Layout = { columns: number[]; widths: number[] };

/** One line a row, two spaces between columns. */
export function toTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const cells = rows.map((row) => row.map(toPrintable));
  const { width = null, rules = [] } = options;
  const natural = toWidths(cells);
  const all = { columns: [...natural.keys()], widths: natural };
  const layout = width === null ? all : toLayout(all, width, rules);
  return cells.map((row) => {
    const line = layout.columns
      .map((column, at) => fitCell(row[column] ?? '', layout.widths[at] ?? 0, rules[column]?.cut))
      .join(' '.repeat(GAP))
      .trimEnd();
    return width === null ? line : fitEnd(line, width);
  });
}

/** Prints it; the first row of `headed` is set off. */
export function showTable(
  terminal: Terminal,
  rows: readonly (readonly string[])[],
  options: { rules?: TableOptions['rules']; headed?: boolean } = {},
): void {
  const { rules = [], headed = false } = options;
  const lines = toTable(rows, { width: terminal.width, rules });
  for (const [at, line] of lines.entries()) {
    terminal.line(headed && at === 0 ? terminal.paint('bold', line) : line);
  }
}

function fitCell(cell: string, width: number, cut: 'end' | 'middle' | undefined): string {
  const fitted = cut === 'middle' ? fitMiddle(cell, width) : fitEnd(cell, width);
  return padTo(fitted, width);
}

function toWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  }
  return widths;
}

function toLayout(layout: Layout, width: number, rules: readonly (ColumnRule | null)[]): Layout {
  const shrunk = shrink(layout, width, rules);
  if (totalOf(shrunk.widths) <= width) return shrunk;
  const droppable = layout.columns.filter((column) => rules[column]?.drop !== undefined);
  if (droppable.length === 0) return shrunk;
  const first = droppable.reduce((a, b) => ((rules[b]?.drop ?? 0) > (rules[a]?.drop ?? 0) ? b : a));
  const isKept = (_: unknown, at: number) => layout.columns[at] !== first;
  const rest = { columns: layout.columns.filter(isKept), widths: layout.widths.filter(isKept) };
  return toLayout(rest, width, rules);
}

/** Takes from the widest column that may give, so that two long ones end alike. */
function shrink({ columns, widths }: Layout, width: number, rules: readonly (ColumnRule | null)[]): Layout {
  const left = [...widths];
  for (let excess = totalOf(left) - width; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [at, column] of columns.entries()) {
      const rule = rules[column];
      const own = left[at] ?? 0;
      if (rule?.cut !== undefined && own > (rule.min ?? 8) && own > (left[widest] ?? 0)) widest = at;
    }
    if (widest === -1) break;
    left[widest] = (left[widest] ?? 0) - 1;
  }
  return { columns, widths: left };
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}
