/** Small helpers of the benchmarks: medians and plain tables. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function row(...cells: (string | number)[]): string[] {
  return cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell));
}

/** Prints one table with aligned columns. */
export function table(title: string, head: readonly string[], rows: readonly string[][]): void {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  process.stdout.write(`\n${title}\n${line(head)}\n${rows.map(line).join('\n')}\n`);
}
