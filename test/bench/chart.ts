/** The goals of a run as a bar chart: how much of what is allowed was used. Plain SVG, readable on light and dark pages. Pure. */
import { type Goal, goalCells, holds } from './report.ts';
import type { Results } from './run.ts';

const WIDTH = 1000;
const ROW = 22;
const LABEL_X = 16;
const BAR_X = 540;
/** Length of a bar that just reaches its goal. */
const GOAL_LENGTH = 220;
/** A bar that is longer is cut, and drawn with an open end. */
const MOST = 1.3;
const VALUE_X = WIDTH - 16;
const LABEL_LENGTH = 84;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .part { font-weight: 600 }
  .value { text-anchor: end; font-variant-numeric: tabular-nums }
  .quiet { fill: #57606a }
  .holds { fill: #2f8f6b }
  .missed { fill: #d1671f }
  .goal { stroke: #57606a; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .holds { fill: #3fb68b }
    .missed { fill: #f0883e }
    .goal { stroke: #9198a1 }
  }`;

export function toSvg({ machine, parts }: Results): string {
  const drawn: string[] = [];
  let y = 84;
  for (const { name, reports } of parts) {
    const goals = reports.flatMap((report) => (report.kind === 'goals' ? report.goals : []));
    if (goals.length === 0) continue;
    drawn.push(`<text class="part" x="${LABEL_X}" y="${y}">${escapeText(name)}</text>`);
    for (const goal of goals) {
      y += ROW;
      drawn.push(...goalRow(goal, y));
    }
    y += ROW + 10;
  }
  const goalX = BAR_X + GOAL_LENGTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`,
    `<title>Benchmarks of Photo Bridge against their goals</title>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="${LABEL_X}" y="28">Measured against the goal: shorter is better, the line is the goal</text>`,
    `<text class="quiet" x="${LABEL_X}" y="48">${escapeText(
      `${machine.date}, ${machine.cores} cores, ${machine.cpu}, ${machine.platform}`,
    )}</text>`,
    `<line class="goal" x1="${goalX}" x2="${goalX}" y1="66" y2="${y - 16}"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function goalRow(goal: Goal, y: number): string[] {
  const [measured, wanted] = goalCells(goal);
  const share = shareOf(goal);
  const length = Math.max(2, Math.min(share, MOST) * GOAL_LENGTH);
  const kind = holds(goal) ? 'holds' : 'missed';
  const [top, bottom] = [y - 11, y + 2];
  const bar =
    share > MOST
      ? `<path class="${kind}" d="M${BAR_X} ${top}h${length.toFixed(1)}l10 6.5l-10 6.5H${BAR_X}z"/>`
      : `<rect class="${kind}" x="${BAR_X}" y="${top}" width="${length.toFixed(1)}" height="${bottom - top}" rx="2"/>`;
  return [
    `<text x="${LABEL_X}" y="${y}">${escapeText(shorten(goal.what))}</text>`,
    bar,
    `<text class="value" x="${VALUE_X}" y="${y}">${escapeText(measured)} <tspan class="quiet">${escapeText(wanted)}</tspan></text>`,
  ];
}

/** How much of what is allowed was used: 1 just reaches the goal, below holds it, whichever way it is told. */
export function shareOf({ value, limit, atLeast }: Goal): number {
  const [used, allowed] = atLeast ? [limit, value] : [value, limit];
  if (allowed > 0) return used / allowed;
  return used <= allowed ? 0 : Number.POSITIVE_INFINITY;
}

function shorten(text: string): string {
  return text.length <= LABEL_LENGTH ? text : `${text.slice(0, LABEL_LENGTH - 1).trimEnd()}…`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
