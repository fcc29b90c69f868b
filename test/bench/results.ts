/** The gathered results as one page for people, and the list of goals that hold. Pure. */
import { type Goal, goalCells, holds, type Report } from './report.ts';
import type { PartResult, Results } from './run.ts';

/** Above this load average at its start a part competed for the cores: its wall-clock figures say little. */
const BUSY_LOAD = 1.5;

export function toMarkdown(results: Results): string {
  const { machine, parts, form } = results;
  const facts = [
    `${machine.date}, ${form} form`,
    `${machine.cores} cores, ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}`,
    `Node ${machine.node}, sharp ${machine.sharp}, libvips ${machine.libvips}`,
  ];
  return [
    '# Benchmarks of Photo Bridge',
    '',
    `![Every goal with what was measured](${form === 'full' ? 'latest' : 'quick'}.svg)`,
    '',
    'Made by `npm run bench`. Ratios compare what was measured in turns in one run; figures are medians unless they say otherwise.',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    '## Goals',
    '',
    ...goalTable(parts),
    ...parts.flatMap((part) => partSection(part, machine.date)),
    '',
  ].join('\n');
}

/** One line a goal, for the terminal. */
export function toVerdict({ parts }: Results): string[] {
  const all = parts.flatMap((part) => goalsOf(part).map((goal) => ({ part, goal })));
  const missed = all.filter(({ goal }) => !holds(goal));
  return [
    `${all.length - missed.length} of ${all.length} goals hold`,
    ...missed.map(({ part, goal }) => {
      const [measured, wanted] = goalCells(goal);
      return `missed: ${goal.what}: ${measured}, wanted ${wanted}${isBusy(part) ? ' (the machine was busy)' : ''}`;
    }),
    ...parts.filter(({ failed }) => failed).map(({ name }) => `failed: ${name}`),
  ];
}

function goalTable(parts: readonly PartResult[]): string[] {
  const rows = parts.flatMap((part) =>
    goalsOf(part).map((goal) => [part.name, goal.what, ...goalCells(goal)]),
  );
  return markdownTable(['part', 'goal', 'measured', 'wanted', ''], rows, 3);
}

function goalsOf(part: PartResult): Goal[] {
  return part.reports.flatMap((report) => (report.kind === 'goals' ? report.goals : []));
}

function partSection(part: PartResult, runDate: string): string[] {
  const { name, date = runDate, seconds, load, failed, reports } = part;
  const busy = isBusy(part) ? `; **the machine was busy: load average ${load.toFixed(1)} at the start**` : '';
  return [
    '',
    `## ${name}`,
    '',
    `Took ${seconds.toFixed(0)} s${date === runDate ? '' : ` on ${date}`}${busy}.${failed ? ' **It failed.**' : ''}`,
    ...reports.flatMap(reportSection),
  ];
}

function reportSection(report: Report): string[] {
  switch (report.kind) {
    case 'goals':
      return [];
    case 'note':
      return ['', report.text.trim()];
    case 'table':
      return ['', `**${report.title}**`, '', ...markdownTable(report.head, report.rows, 1)];
  }
}

/** The first `left` columns are words, the others numbers. */
function markdownTable(head: readonly string[], rows: readonly string[][], left: number): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const rule = head.map((_, column) => (column < left ? '---' : '---:'));
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)];
}

function escapeCell(cell: string): string {
  return cell.trim().replaceAll('|', '\\|');
}

function isBusy({ load }: PartResult): boolean {
  return load > BUSY_LOAD;
}
