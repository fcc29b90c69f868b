/**
 * The long form of the fuzz campaigns: `npm run test:fuzz -- [--minutes N] [--cases N] [--seed S] [--only name,name] [--list]`. The
 * minutes are shared out among the campaigns. Prints one table; ends with 1 when any promise was broken.
 */
import { parseArgs } from 'node:util';
import type { FuzzCampaign, FuzzFigures } from './campaign.ts';
import { frames } from './frames.ts';
import { photos } from './photos.ts';
import { presets } from './presets.ts';
import { routes } from './routes.ts';

const campaigns: readonly FuzzCampaign[] = [routes, frames, photos, presets];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** Of each campaign, in place of minutes. */
    cases: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

type Row = { name: string; figures: FuzzFigures | null; skipped: string | null; seconds: number };

async function main(): Promise<void> {
  if (values.list) {
    for (const { name, what } of campaigns) process.stdout.write(`${name}: ${what}\n`);
    return;
  }
  const chosen = choose();
  const seed = Number(values.seed);
  process.stdout.write(`seed ${seed}\n`);
  const rows: Row[] = [];
  for (const campaign of chosen) {
    const row = await runOne(campaign, { seed, share: 1 / chosen.length });
    rows.push(row);
    for (const line of toLines(row)) process.stdout.write(`${line}\n`);
  }
  process.exitCode = rows.some(({ figures }) => (figures?.problems.length ?? 0) > 0) ? 1 : 0;
}

function choose(): readonly FuzzCampaign[] {
  const names = values.only?.split(',');
  const unknown = names?.filter((name) => !campaigns.some((campaign) => campaign.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no such campaign: ${unknown.join(', ')} (--list shows all)`);
  return campaigns.filter(({ name }) => names?.includes(name) ?? true);
}

async function runOne(
  campaign: FuzzCampaign,
  { seed, share }: { seed: number; share: number },
): Promise<Row> {
  const began = performance.now();
  const endsAt = began + Number(values.minutes) * 60_000 * share;
  const cases = values.cases === undefined ? null : Number(values.cases);
  const skipped = await campaign.missing();
  const goesOn = (done: number) => (cases === null ? performance.now() < endsAt : done < cases);
  const figures = skipped === null ? await campaign.run({ seed, goesOn }) : null;
  return { name: campaign.name, figures, skipped, seconds: Math.round((performance.now() - began) / 1000) };
}

function toLines({ name, figures, skipped, seconds }: Row): string[] {
  if (figures === null) return [`${name}: skipped: ${skipped}`];
  const outcomes = Object.entries(figures.outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, times]) => `${outcome} ${times}`);
  return [
    `${name}: ${figures.cases} cases in ${seconds} s, ${figures.problems.length} problems`,
    `  ${outcomes.join(', ')}`,
    ...figures.notes.map((note) => `  ${note}`),
    ...figures.problems.slice(0, 20).map((problem) => `  PROBLEM ${problem}`),
  ];
}

await main();
