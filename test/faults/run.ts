/**
 * The long form of the fault campaigns: `npm run test:faults -- [--kills N] [--seed S] [--only name,name] [--list]`. Prints one
 * table; ends with 1 when any promise was broken. A seed that failed brings the same faults again.
 */
import { parseArgs } from 'node:util';
import { ackCost } from './ack-cost.ts';
import type { Campaign, Figures } from './campaign.ts';
import { lossesOf } from './campaign.ts';
import { cards } from './cards.ts';
import { clocks } from './clocks.ts';
import { freezes } from './freezes.ts';
import { hostCrashes } from './host-crashes.ts';
import { journalBytes } from './journal-bytes.ts';
import { kills } from './kills.ts';
import { poison } from './poison.ts';
import { powerCuts } from './power-cuts.ts';
import { starters } from './starters.ts';
import { stateCorpus } from './state-corpus.ts';
import { stateDisk } from './state-disk.ts';
import { storage } from './storage.ts';
import { syscallErrors } from './syscall-errors.ts';
import { syscallKills } from './syscall-kills.ts';

/** In the order they run. */
const campaigns: readonly Campaign[] = [
  kills,
  clocks,
  freezes,
  starters,
  storage,
  stateDisk,
  cards,
  hostCrashes,
  poison,
  powerCuts,
  journalBytes,
  stateCorpus,
  syscallKills,
  syscallErrors,
  ackCost,
];

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

type Line = { campaign: Campaign; figures: Figures | null; skipped: string | null; seconds: number };

async function main(): Promise<void> {
  if (values.list) {
    for (const { name, what } of campaigns) process.stdout.write(`${name}: ${what}\n`);
    return;
  }
  const seed = Number(values.seed);
  process.stdout.write(`seed ${seed}\n`);
  const lines: Line[] = [];
  for (const campaign of chosen()) {
    const line = await runOne(campaign, seed);
    lines.push(line);
    process.stdout.write(`${toRow(line).join(' | ')}\n`);
    for (const problem of line.figures?.problems.slice(0, 20) ?? []) process.stdout.write(`  ${problem}\n`);
  }
  process.stdout.write(`\n${toTable(lines)}\n`);
  process.exitCode = lines.some(({ figures }) => figures !== null && isBroken(figures)) ? 1 : 0;
}

function chosen(): readonly Campaign[] {
  const names = values.only?.split(',');
  const unknown = names?.filter((name) => !campaigns.some((campaign) => campaign.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no such campaign: ${unknown.join(', ')} (--list shows all)`);
  return campaigns.filter(({ name }) => names?.includes(name) ?? true);
}

async function runOne(campaign: Campaign, seed: number): Promise<Line> {
  const began = performance.now();
  const skipped = await campaign.missing();
  const count = campaign.unit === 'kills' && values.kills ? Number(values.kills) : campaign.longCount;
  const figures = skipped === null ? await campaign.run({ seed, count }) : null;
  return { campaign, figures, skipped, seconds: Math.round((performance.now() - began) / 1000) };
}

function isBroken(figures: Figures): boolean {
  return lossesOf(figures) > 0 || figures.problems.length > 0;
}

const heads = [
  'campaign',
  'faults',
  'lost changes',
  'lost photos',
  'double writes',
  'partial files',
  'orphan temps',
  'unreadable states',
  'ready ms median',
  'ready ms worst',
  'seconds',
];

function toRow({ campaign, figures, skipped, seconds }: Line): string[] {
  if (figures === null) return [campaign.name, `skipped: ${skipped}`, '', '', '', '', '', '', '', '', ''];
  const ready = figures.readyMs.toSorted((a, b) => a - b);
  return [
    campaign.name,
    figures.faults,
    figures.lostChanges,
    figures.lostPhotos,
    figures.doubleWrites,
    figures.partialFiles,
    figures.orphanTemps,
    figures.unreadableStates,
    Math.round(ready[Math.floor(ready.length / 2)] ?? 0),
    Math.round(ready.at(-1) ?? 0),
    seconds,
  ].map(String);
}

function toTable(lines: readonly Line[]): string {
  const rows = [heads, heads.map(() => '---'), ...lines.map(toRow)];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

await main();
