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
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchLedger } from '../helpers/oracle/batch-ledger.ts';
import type { Findings, Loss } from '../helpers/oracle/findings.ts';
import { Oracle } from '../helpers/oracle.ts';
import { type Life, type LifeOptions, prepareLife, startLife } from './life.ts';
import { makeSmallPhotos } from './small-photos.ts';

type Scene = {
  dataDir: string;
  batchId: string;
  /** State files as they were before the last change. */
  older: string;
  /** Outputs that were acknowledged, and the name of one to come. */
  outputs: readonly string[];
  next: string;
};
export type Control = {
  name: string;
  loss: Loss;
  /** Answers what the oracle's sentence must name. */
  sabotage(scene: Scene): string;
};

/** Controls that do not touch each other share a scene. */
export const scenes: readonly (readonly Control[])[] = [
  [
    {
      name: 'an acknowledged output that is deleted',
      loss: 'lostPhotos',
      sabotage({ outputs: [output = ''] }) {
        rmSync(output);
        return `${output} is gone`;
      },
    },
    {
      name: 'an output that is written a second time',
      loss: 'doubleWrites',
      sabotage({ outputs: [, output = ''] }) {
        const bytes = readFileSync(output);
        rmSync(output);
        writeFileSync(output, bytes);
        return `${output} was written a second time`;
      },
    },
    {
      name: 'a second copy of an output under another name',
      loss: 'doubleWrites',
      sabotage({ outputs: [, , output = ''] }) {
        const copy = output.replace('.jpg', '-2.jpg');
        copyFileSync(output, copy);
        return `${copy} is the output of no photo`;
      },
    },
    {
      name: 'an output cut short',
      loss: 'partialFiles',
      sabotage({ outputs: [, , , output = ''] }) {
        truncateSync(output, Math.floor(readFileSync(output).length / 2));
        return `${output} is no longer what it was`;
      },
    },
    {
      name: 'a half file at the name of an output to come',
      loss: 'partialFiles',
      sabotage({ outputs: [, , output = ''], next }) {
        writeFileSync(next, readFileSync(output).subarray(0, 500));
        return `${next} is the output of no photo`;
      },
    },
    {
      name: 'a temp file in an output folder that no start sweeps',
      loss: 'orphanTemps',
      sabotage({ next }) {
        const temp = join(dirname(next), '.pb-nobody-1-1.tmp');
        writeFileSync(temp, '');
        return `${temp} was left`;
      },
    },
    {
      name: 'a temp file in the data folder that no start sweeps',
      loss: 'orphanTemps',
      sabotage({ dataDir }) {
        const temp = join(dataDir, 'quarantine', 'left.tmp');
        writeFileSync(temp, '');
        return `${temp} was left`;
      },
    },
    {
      name: 'half a state file',
      loss: 'unreadableStates',
      sabotage({ dataDir, batchId }) {
        const path = join(dataDir, 'batch_states', `${batchId}.json`);
        truncateSync(path, Math.floor(readFileSync(path).length / 2));
        return `${batchId}.json is not JSON`;
      },
    },
  ],
  [
    {
      name: 'the last acknowledged record cut off the journal, its batch put back to an older state file',
      loss: 'lostChanges',
      sabotage({ dataDir, batchId, older }) {
        cutLastPriority(join(dataDir, 'journal'));
        cpSync(older, join(dataDir, 'batch_states'), { recursive: true });
        return `${batchId}: has priority 5, not 9`;
      },
    },
  ],
  [
    {
      name: 'state file, backup and journal destroyed',
      loss: 'lostChanges',
      sabotage({ dataDir, batchId }) {
        removeAll(join(dataDir, 'batch_states'));
        removeAll(join(dataDir, 'journal'));
        return `${batchId} is gone`;
      },
    },
    {
      name: 'a registered photo that is forgotten',
      loss: 'lostChanges',
      sabotage({ dataDir }) {
        rmSync(join(dataDir, 'catalog.log'));
        return 'photo 1 was';
      },
    },
  ],
];

/** One batch, stopped half way, acknowledged changes, a kill, `sabotage`, a new life. Answers what the oracle found. */
export async function playScene(sabotage: (scene: Scene) => void): Promise<Findings> {
  const root = mkdtempSync(join(tmpdir(), 'photo-bridge-control-'));
  const options = prepareLife(root);
  const oracle = new Oracle();
  sabotage(await playFirstLife({ root, options, oracle }));
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
  const { ended } = await oracle.listenToAll(life.url);
  const ledger = await startBatch(life, oracle, { photos: files.good, folder });
  while (ledger.settled.size < 5) await delay(5);
  ledger.begin({ kind: 'pause' });
  await life.client.batches.pause(ledger.id, { mode: 'hard' });
  ledger.answered();
  while ((await life.client.batches.status(ledger.id)).in_flight_count > 0) await delay(5);
  const older = join(root, 'older');
  cpSync(join(options.dataDir, 'batch_states'), older, { recursive: true });
  ledger.begin({ kind: 'priority', priority: 9 });
  ledger.answered(await life.client.batches.setPriority(ledger.id, 9));
  await life.kill();
  await ended;
  oracle.look();
  const outputs = [...ledger.settled.values()].map(({ path }) => path ?? '');
  return { dataDir: options.dataDir, batchId: ledger.id, older, outputs, next: join(folder, 'good-299.jpg') };
}

async function startBatch(
  { client }: Life,
  oracle: Oracle,
  batch: { photos: readonly string[]; folder: string },
): Promise<BatchLedger> {
  const { photos } = await client.photos.add({ paths: [...batch.photos] });
  oracle.registered(photos);
  oracle.outputs.watch(batch.folder, { replaces: false });
  oracle.startAsked({
    session: 1,
    expects: { photos: photos.length, priority: 5, status: 'running', bad: new Set(), maySkip: false },
    folderOf: () => ({ path: batch.folder, isNew: false, replaces: false }),
  });
  const { batch_id } = await client.batches.start({
    photo_ids: photos.map(({ photo_id }) => photo_id),
    session_id: 1,
    config: { output: { folder: batch.folder } },
  });
  const ledger = oracle.started(1, batch_id);
  if (ledger === null) throw new Error('the batch is not known');
  return ledger;
}

function removeAll(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
}

/** From the change on nothing is left, as if it had been answered before it was on disk. */
function cutLastPriority(folder: string): void {
  const segments = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const name = segments.sort().at(-1) ?? '';
  const bytes = readFileSync(join(folder, name));
  const at = bytes.lastIndexOf('"_priority":9');
  if (at < 0) throw new Error('the change is not in the journal');
  truncateSync(join(folder, name), bytes.lastIndexOf('\n', at) + 1);
}
