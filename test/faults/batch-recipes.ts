/** The start bodies of a campaign of kills: batches of small photos with different settings, and what must come of each. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StartRequest } from '../../bridge/client/index.ts';
import type { Expectation } from '../helpers/oracle/batch-ledger.ts';
import type { Random } from './random.ts';

export type Sources = {
  /** Good photos, id by path. */
  good: ReadonlyMap<string, number>;
  /** Photos that cannot be decoded. */
  bad: ReadonlyMap<string, number>;
  /** A finished photo of another program. */
  stranger: string;
  /** Where all output folders are. */
  root: string;
};
export type Recipe = {
  body: StartRequest;
  expects: Expectation;
  /** Null: the daemon's own, named after the batch. */
  folder: { path: string; replaces: boolean } | null;
  /** Batches of one key can be merged. */
  mergeKey: string | null;
  /** Photos of files that a stranger's file in the folder has the name of. */
  isRepeatable: boolean;
};

type Kind = 'shared' | 'look' | 'own' | 'overwrite' | 'if-changed' | 'skip';
const STRANGERS = 20;

/** `number`: unlike that of every other recipe. */
export function createRecipe(sources: Sources, random: Random, number: number): Recipe {
  const kind = random.pick<Kind>([
    'shared',
    'shared',
    'look',
    'look',
    'own',
    'overwrite',
    'if-changed',
    'skip',
  ]);
  const paths = pickPaths(sources, random);
  const bad = kind === 'shared' && random.next() < 0.4 ? [...sources.bad.keys()] : [];
  const priority = random.whole(1, 11);
  const config = configOf(sources, kind, number);
  const folder = config?.output.folder ?? null;
  const replaces = kind === 'overwrite' || kind === 'if-changed';
  if (folder !== null && (replaces || kind === 'skip')) leaveStrangers(sources, folder, paths);
  const all = [...paths, ...bad];
  return {
    body: {
      ...(random.next() < 0.5
        ? { photos: all.map((path, index) => ({ path, ref: `ref ${index}` })) }
        : { photo_ids: all.map((path) => sources.good.get(path) ?? sources.bad.get(path) ?? 0) }),
      priority,
      session_id: number,
      ...(config === null ? {} : { config }),
    },
    expects: {
      photos: all.length,
      priority,
      status: 'running',
      bad: new Set(bad.map((path) => sources.bad.get(path) ?? 0)),
      maySkip: kind === 'skip' || kind === 'if-changed',
    },
    folder: folder === null ? null : { path: folder, replaces },
    mergeKey: kind === 'shared' || kind === 'look' ? kind : null,
    isRepeatable: kind === 'if-changed',
  };
}

/** The same photos into the same folder once more, after the first time is over. */
export function repeatRecipe(recipe: Recipe, number: number): Recipe {
  return { ...recipe, body: { ...recipe.body, session_id: number }, isRepeatable: false };
}

function pickPaths(sources: Sources, random: Random): string[] {
  const paths = [...sources.good.keys()];
  const count = Math.min(paths.length, random.whole(50, 150));
  const first = random.whole(0, paths.length - count + 1);
  return paths.slice(first, first + count);
}

function configOf({ root }: Sources, kind: Kind, number: number) {
  const into = (folder: string) => join(root, folder);
  switch (kind) {
    case 'own':
      return null;
    case 'shared':
      return { output: { folder: into('shared'), quality: 80 } };
    case 'look':
      return { preset: 'WhiteLayer_v4', blend: 60, output: { folder: into('shared') } };
    case 'overwrite':
    case 'if-changed':
    case 'skip':
      return {
        blend: 40,
        preset: 'WhiteLayer_v4',
        output: { folder: into(`${kind}-${number}`), on_conflict: kind },
      };
  }
}

function leaveStrangers({ stranger }: Sources, folder: string, paths: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const path of paths.slice(0, STRANGERS)) copyFileSync(stranger, join(folder, basename(path)));
}
