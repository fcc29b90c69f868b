/**
 * Broken promises made by hand between two lives of a daemon, to show that the oracle of the kills catches each. (The product
 * keeps them, so the break is done to its files.)
 */
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Loss } from '../helpers/oracle/findings.ts';
import { Oracle } from '../helpers/oracle.ts';
import { type LifeOptions, prepareLife, startLife } from './life.ts';
import { makeSmallPhotos } from './small-photos.ts';

type Scene = {
  dataDir: string;
  batchId: string;
  /** State files as they were before the last change. */
  older: string;
  /** An output that was acknowledged. */
  output: string;
};
export type Control = { name: string; caught: Loss; sabotage(scene: Scene): void };

export const controls: readonly Control[] = [
  {
    name: 'an acknowledged output that is deleted',
    caught: 'lostPhotos',
    sabotage: ({ output }) => rmSync(output),
  },
  {
    name: 'an output that is written a second time',
    caught: 'doubleWrites',
    sabotage({ output }) {
      copyFileSync(output, `${output}.again`);
      rmSync(output);
      cpSync(`${output}.again`, output);
      rmSync(`${output}.again`);
    },
  },
  {
    name: 'a second copy of an output under another name',
    caught: 'doubleWrites',
    sabotage: ({ output }) => copyFileSync(output, output.replace('.jpg', '-2.jpg')),
  },
  {
    name: 'an output cut short',
    caught: 'partialFiles',
    sabotage: ({ output }) => truncateSync(output, Math.floor(readFileSync(output).length / 2)),
  },
  {
    name: 'a half file at the name of an output to come',
    caught: 'partialFiles',
    sabotage: ({ output }) => writeFileSync(output.replace(/[^/]+$/, 'good-299.jpg'), readFileSync(output).subarray(0, 500)),
  },
  {
    name: 'a temp file in an output folder that no start sweeps',
    caught: 'orphanTemps',
    sabotage: ({ output }) => copyFileSync(output, output.replace(/[^/]+$/, '.pb-nobody-1-1.tmp')),
  },
  {
    name: 'a temp file in the data folder that no start sweeps',
    caught: 'orphanTemps',
    sabotage: ({ dataDir }) => writeFileSync(join(dataDir, 'quarantine', 'left.tmp'), ''),
  },
  {
    name: 'the last acknowledged record cut off the journal, its batch put back to an older state file',
    caught: 'lostChanges',
    sabotage({ dataDir, older }) {
      cutLastPriority(join(dataDir, 'journal'));
      cpSync(older, join(dataDir, 'batch_states'), { recursive: true });
    },
  },
  {
    name: 'state file, backup and journal destroyed',
    caught: 'lostChanges',
    sabotage({ dataDir, batchId }) {
      for (const name of readdirSync(join(dataDir, 'batch_states')))
        if (name.startsWith(batchId)) rmSync(join(dataDir, 'batch_states', name));
      for (const name of readdirSync(join(dataDir, 'journal'))) rmSync(join(dataDir, 'journal', name));
    },
  },
  {
    name: 'half a state file',
    caught: 'unreadableStates',
    sabotage({ dataDir, batchId }) {
      const path = join(dataDir, 'batch_states', `${batchId}.json`);
      truncateSync(path, Math.floor(readFileSync(path).length / 2));
    },
  },
  {
    name: 'a registered photo that is forgotten',
    caught: 'lostChanges',
    sabotage({ dataDir }) {
      for (const name of readdirSync(dataDir)) if (name.startsWith('catalog')) rmSync(join(dataDir, name), { recursive: true });
    },
  },
];

/** One batch, stopped half way, acknowledged changes, a kill, `sabotage`, a new life. Answers what the oracle found. */
export async function runControl(sabotage: (scene: Scene) => void): Promise<Oracle['findings']> {
  const root = mkdtempSync(join(tmpdir(), 'photo-bridge-control-'));
  const options = prepareLife(root);
  const oracle = new Oracle();
  const scene = await playFirstLife({ root, options, oracle });
  sabotage(scene);
  oracle.died(options.dataDir);
  const life = await startLife(options);
  try {
    await oracle.checkLife(life.client, { ...options, startedAt: life.startedAt, everything: true });
  } finally {
    await life.kill();
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  return oracle.findings;
}

async function playFirstLife(given: { root: string; options: LifeOptions; oracle: Oracle }): Promise<Scene> {
  const { root, options, oracle } = given;
  const files = await makeSmallPhotos(root);
  const folder = join(root, 'out');
  const life = await startLife(options);
  const { client } = life;
  const { ended } = await oracle.listenToAll(life.url);
  const { photos } = await client.photos.add({ paths: files.good });
  oracle.registered(photos);
  oracle.outputs.watch(folder, { replaces: false });
  oracle.startAsked({
    session: 1,
    expects: { photos: photos.length, priority: 5, status: 'running', bad: new Set(), maySkip: false },
  });
  const started = await client.batches.start({
    photo_ids: photos.map(({ photo_id }) => photo_id),
    session_id: 1,
    config: { output: { folder } },
  });
  const ledger = oracle.started(1, started.batch_id);
  if (ledger === null) throw new Error('the batch is not known');
  while (ledger.settled.size < 5) await delay(5);
  ledger.begin({ kind: 'pause' });
  await client.batches.pause(ledger.id, { mode: 'hard' });
  ledger.answered();
  while ((await client.batches.status(ledger.id)).in_flight_count > 0) await delay(5);
  const older = join(root, 'older');
  cpSync(join(options.dataDir, 'batch_states'), older, { recursive: true });
  ledger.begin({ kind: 'priority', priority: 9 });
  ledger.answered(await client.batches.setPriority(ledger.id, 9));
  await life.kill();
  await ended;
  oracle.look();
  const output = [...ledger.settled.values()][0]?.path ?? '';
  return { dataDir: options.dataDir, batchId: ledger.id, older, output };
}

/** From the change on nothing is left, as if it had been answered before it was on disk. */
function cutLastPriority(folder: string): void {
  const name = readdirSync(folder).sort().at(-1) ?? '';
  const bytes = readFileSync(join(folder, name));
  const at = bytes.lastIndexOf('"_priority":9');
  if (at < 0) throw new Error('the change is not in the journal');
  truncateSync(join(folder, name), bytes.lastIndexOf('\n', at) + 1);
}
