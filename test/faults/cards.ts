/**
 * Kills of the daemon while a batch writes to a card without hard links: no output is written twice, none is left
 * half, no marker stays. Also two photos whose names differ in upper and lower case alone.
 */
import { linkSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OutputConfig } from '../../bridge/contract/index.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { createLinklessDisk, missingLinklessDisk } from './linkless-disk.ts';
import { createRandom, type Random } from './random.ts';
import { openHost, withFolder } from './storage.ts';
import { Stage } from './storage-stage.ts';

export const cards: Campaign = {
  name: 'cards',
  what: 'kill -9 while outputs go to a card without hard links (FAT, exFAT)',
  unit: 'kills',
  longCount: 60,
  async missing() {
    return missingLinklessDisk();
  },
  async run({ seed, count }) {
    const figures = noFigures();
    const random = createRandom(seed);
    for (let kills = 0; kills < count; )
      kills += await killOneBatch(figures, random, Math.min(4, count - kills));
    return figures;
  },
};

const policies: readonly [OutputConfig['on_conflict'], ...OutputConfig['on_conflict'][]] = [
  'unique',
  'overwrite',
  'if-changed',
];

/** Answers how often it killed. */
async function killOneBatch(figures: Figures, random: Random, kills: number): Promise<number> {
  await withFolder(async (root) => {
    const disk = await createLinklessDisk(root);
    const host = await openHost(root, figures);
    try {
      assertLinkless(disk.path);
      const on_conflict = random.pick(policies);
      const stage = new Stage({ name: `${disk.kind}, ${on_conflict}`, root, figures, client: host.client });
      const photos = await namedAlike(await stage.photos());
      await stage.begin(join(disk.path, 'out'), photos, { config: { output: { on_conflict } } });
      for (let kill = 0; kill < kills; kill += 1) {
        await delay(random.whole(0, 250));
        await host.restart();
        figures.faults += 1;
        const { status } = await stage.status();
        if (status === 'paused') await host.client().batches.resume(stage.batchId);
      }
      await stage.exactlyOnce();
      stage.check((await readdir(join(disk.path, 'out'))).length === photos.length, 'not one file a photo');
    } catch (thrown) {
      figures.problems.push(thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      await host.end();
      disk.remove();
    }
  });
  return kills;
}

/** With photos of the same names in capitals: beside their namesakes, and at the end. */
async function namedAlike(photos: readonly string[]): Promise<string[]> {
  const loud = join(dirname(photos[0] ?? ''), 'loud');
  await mkdir(loud);
  const others = photos.slice(0, 4).map((path) => [path, join(loud, toCapitals(basename(path)))] as const);
  for (const [path, other] of others) await copyFile(path, other);
  const [first = '', ...rest] = others.map(([, other]) => other);
  return [photos[0] ?? '', first, ...photos.slice(1), ...rest];
}

function toCapitals(name: string): string {
  return `${parse(name).name.toUpperCase()}${parse(name).ext}`;
}

function assertLinkless(folder: string): void {
  const one = join(folder, 'one');
  writeFileSync(one, '');
  let hasLinks = true;
  try {
    linkSync(one, join(folder, 'two'));
  } catch {
    hasLinks = false;
  }
  if (hasLinks) throw new Error('the card has hard links');
}
