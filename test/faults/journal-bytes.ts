/**
 * Damages single bytes of a data folder that a crash left, in process, and holds the engine against an independent reader
 * of the same bytes: a journal cut at every byte of its last records, and any bit flipped in any file.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BridgeEvent, ItemResult } from '../../bridge/contract/index.ts';
import type { TestEngine } from '../helpers/engine.ts';
import { startBody } from '../helpers/engine.ts';
import { createUnitOperation } from '../helpers/unit-operation.ts';
import { addFigures, type Campaign, type Figures, noFigures } from './campaign.ts';
import {
  type CrashScene,
  createCalmScene,
  createCrashScene,
  type Files,
  removeCases,
  writeFiles,
} from './crash-scene.ts';
import { compareFacts, openLeft, photosOf, readFacts } from './engine-facts.ts';
import {
  type BatchFacts,
  type Facts,
  foldRecords,
  type ReadRecord,
  readSegment,
  type StateLike,
} from './journal-fold.ts';
import { flipLogs } from './log-bytes.ts';
import { createRandom, type Random } from './random.ts';

/** A batch that does not end within this has come to a stand. */
const PATIENCE_MS = 10_000;

/** How a case differs from the real thing; the control changes it. */
export type Treatment = { open: typeof openLeft };
const real: Treatment = { open: openLeft };

export const journalBytes: Campaign = {
  name: 'journal-bytes',
  what: 'the journal cut at every byte of its last records, a flipped bit anywhere in the data folder',
  unit: 'cases',
  longCount: 6000,
  missing: async () => null,
  async run({ seed, count }) {
    // Closing an engine leaves nothing that would keep a plain script alive.
    const alive = setInterval(() => {}, 1000);
    try {
      const cuts = await cutEverywhere({ records: Math.min(33, 12 + Math.floor(count / 200)) });
      const flips = addFigures(await flipBits({ seed, count }), await flipLogs({ seed, count: count / 10 }));
      return addFigures(cuts, flips);
    } finally {
      clearInterval(alive);
    }
  },
};

/** Cuts the last segment at every byte of its last records; every `livesEach`-th one is lived on with, and opened again. */
export async function cutEverywhere(
  { records, livesEach = 1 }: { records: number; livesEach?: number },
  treatment = real,
): Promise<Figures> {
  const scene = await createCrashScene();
  const bytes = scene.files.get(scene.last.path) ?? Buffer.alloc(0);
  const whole = readSegment(bytes, scene.last.id);
  let figures = noFigures();
  for (let length = whole.at(-records)?.start ?? 0; length < bytes.length; length += 1)
    figures = addFigures(
      figures,
      await cutAt(scene, { length, livesOn: length % livesEach === 0 }, treatment),
    );
  removeCases();
  return figures;
}

type Cut = { length: number; livesOn: boolean };

async function cutAt(scene: CrashScene, { length, livesOn }: Cut, treatment: Treatment): Promise<Figures> {
  const bytes = (scene.files.get(scene.last.path) ?? Buffer.alloc(0)).subarray(0, length);
  const files = new Map(scene.files).set(scene.last.path, bytes);
  const end = readSegment(bytes, scene.last.id).at(-1)?.end ?? 0;
  const figures = { ...noFigures(), faults: 1 };
  const say = (problem: string) => figures.problems.push(`cut at byte ${length}: ${problem}`);
  const dataDir = writeFiles(files);
  const engine = await treatment.open(dataDir);
  const facts = await readFacts(engine);
  const expected = foldRecords(readStates(files), readJournal(files));
  for (const line of compareFacts(expected, facts)) say(line);
  countLosses(figures, expected, facts);
  const quarantine = join(dataDir, 'quarantine');
  const kept = join(quarantine, `${basename(scene.last.path)}.tail`);
  if (length > end && !(existsSync(kept) && readFileSync(kept).equals(bytes.subarray(end))))
    say('the torn bytes are not in the quarantine');
  if (length === end && readdirSync(quarantine).length > 0) say('a whole journal was set aside');
  if (livesOn) await liveOn({ engine, dataDir, facts, say, treatment });
  else await engine.end();
  await rm(dataDir, { recursive: true });
  return figures;
}

type Life = {
  engine: TestEngine;
  dataDir: string;
  facts: Facts;
  say: (problem: string) => void;
  treatment: Treatment;
};

/** Makes an acknowledged change, a batch that is cancelled at once, and looks at the next life. */
async function liveOn({ engine, dataDir, facts, say, treatment }: Life): Promise<void> {
  const hold = { start_at: new Date(Date.now() + 3_600_000).toISOString() };
  const { batch_id } = await engine.api.start(startBody(1, hold), {});
  await engine.api.cancel(batch_id);
  await engine.end();
  const second = await treatment.open(dataDir);
  const { [batch_id]: added, ...rest } = await readFacts(second);
  await second.end();
  if (added?.status !== 'cancelled') say('what was acknowledged after the cut is lost');
  for (const line of compareFacts(facts, rest)) {
    // A cut between the two records of one write leaves a batch that begins by itself.
    const isWaiting = line.includes('expected {"status":"pending"') && !line.includes('found undefined');
    if (!isWaiting) say(`at the next start: ${line}`);
  }
}

/** Flips a bit in a file of a crashed or of a calm data folder, `count` times. */
export async function flipBits(
  { seed, count }: { seed: number; count: number },
  treatment = real,
): Promise<Figures> {
  const random = createRandom(seed);
  const scenes = [await known(await createCrashScene()), await known(await createCalmScene())] as const;
  let figures = noFigures();
  for (let round = 0; round < count; round += 1) {
    const scene = random.pick(scenes);
    // Files alike, not bytes: the small ones are as precious.
    const paths = [...scene.files.keys()].sort() as [string, ...string[]];
    const path = random.pick(paths);
    figures = addFigures(figures, await flipIn(scene, { path, random, treatment }));
  }
  removeCases();
  return figures;
}

type KnownScene = CrashScene & { whole: Facts; results: ReadonlyMap<string, readonly ItemResult[]> };

/** The scene with what it holds: to an independent reader, and to the engine while nothing is damaged. */
async function known(scene: CrashScene): Promise<KnownScene> {
  const dataDir = writeFiles(scene.files);
  const engine = await openLeft(dataDir);
  const whole = foldRecords(readStates(scene.files), readJournal(scene.files));
  const results = new Map<string, ItemResult[]>();
  for (const id of Object.keys(whole)) results.set(id, await photosOf(engine, id));
  await engine.end();
  await rm(dataDir, { recursive: true });
  return { ...scene, whole, results };
}

type Flip = { files: Map<string, Buffer>; path: string; at: number; name: string };

type FlipPlan = { path: string; random: Random; treatment: Treatment };

async function flipIn(scene: KnownScene, { path, random, treatment }: FlipPlan): Promise<Figures> {
  const damaged = Buffer.from(scene.files.get(path) ?? Buffer.alloc(1));
  const at = random.whole(0, damaged.length);
  const bit = random.whole(0, 8);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
  const files = new Map(scene.files).set(path, damaged);
  const flip: Flip = { files, path, at, name: `bit ${bit} of byte ${at} of ${path} flipped` };
  const figures = { ...noFigures(), faults: 1 };
  const say = (problem: string) => figures.problems.push(`${flip.name}: ${problem}`);
  const dataDir = writeFiles(files);
  try {
    const operation = createUnitOperation();
    const engine = await treatment.open(dataDir, operation);
    try {
      await judge({ scene, flip, engine, dataDir, figures, say });
    } finally {
      await engine.end();
    }
  } catch (thrown) {
    say(`the engine did not open: ${thrown}`);
  }
  await rm(dataDir, { recursive: true });
  return figures;
}

type Case = {
  scene: KnownScene;
  flip: Flip;
  engine: TestEngine;
  dataDir: string;
  figures: Figures;
  say: (problem: string) => void;
};

async function judge(of: Case): Promise<void> {
  const { scene, flip, engine, dataDir, figures, say } = of;
  const { whole } = scene;
  const found = await readFacts(engine);
  const hit = hitRecord(scene.files, flip);
  const allowed = allowance(whole, flip, hit);
  const wrong = compareFacts(whole, found).filter((line) => !allowed(line));
  for (const line of wrong) say(line);
  if (wrong.length > 0) countLosses(figures, whole, found);
  const differs = compareFacts(whole, found).length > 0;
  const reported = readdirSync(join(dataDir, 'quarantine')).length > 0;
  if (differs && !reported) say('the damage shows and was not reported');
  const forgotten = await forgottenResults(of, found);
  if (forgotten.length > 0 && !reported) say('lost results were not reported');
  // A record is in the item log only, once its batch is in a synced state file.
  if (forgotten.length > (flip.path.startsWith('batch_items/') && flip.path.endsWith('.log') ? 1 : 0)) {
    figures.lostChanges += forgotten.length;
    say(`results forgotten: ${forgotten.join(', ')}`);
  }
  await runOut(of, found);
}

/** Photos whose details (start, duration, failure) are not what they were. */
async function forgottenResults({ engine, scene }: Case, found: Facts): Promise<string[]> {
  const forgotten: string[] = [];
  for (const [id, { settled }] of Object.entries(found)) {
    const now = await photosOf(engine, id);
    for (const index of Object.keys(settled).map(Number)) {
      const [before, after] = [scene.results.get(id)?.[index], now[index]];
      if (before === undefined || before.status !== after?.status) continue;
      if (JSON.stringify(before) !== JSON.stringify(after)) forgotten.push(`${id}:${index}`);
    }
  }
  return forgotten;
}

/** What the damaged file alone could have known may differ: a line of the comparison begins with the batch's id. */
function allowance(whole: Facts, { path }: Flip, hit: ReadRecord | null): (line: string) => boolean {
  if (path.startsWith('journal/')) {
    const id = hit?.payload.b;
    return (line) => id !== undefined && line.startsWith(id);
  }
  // The backup is older; the item log brings back every result but those of failed photos, and no status.
  if (path.endsWith('.json')) {
    const id = basename(path, '.json');
    return (line) => {
      if (!line.startsWith(id)) return false;
      const now = line.slice(line.indexOf(', found ') + ', found '.length);
      if (now === 'undefined') return false;
      const { settled } = JSON.parse(now) as BatchFacts;
      return Object.entries(whole[id]?.settled ?? {}).every(
        ([index, item]) => item === 'failed' || settled[Number(index)] === item,
      );
    };
  }
  return () => false;
}

/** Every batch ends once, and no photo that is done is done again. */
async function runOut({ engine, say, figures }: Case, found: Facts): Promise<void> {
  await engine.api.recover();
  for (const { batch_id, status } of engine.api.list({ limit: 100 }).batches) {
    if (status !== 'paused') continue;
    // Its lifting may be what was hit.
    await engine.api.liftHold(batch_id, { client: 'editor' });
    await engine.api.resume(batch_id);
    const ended = await Promise.race([
      engine.event((event) => isEndOf(event, batch_id)),
      delay(PATIENCE_MS, null, { ref: false }),
    ]);
    if (ended === null) say(`${batch_id} did not end: ${JSON.stringify(engine.api.status(batch_id))}`);
    const ends = engine.events.filter((event) => isEndOf(event, batch_id));
    if (ends.length > 1) say(`${batch_id} ended ${ends.length} times`);
    const left = (await photosOf(engine, batch_id)).filter((photo) => photo.status === 'pending');
    if (left.length > 0) say(`${batch_id} ended with ${left.length} photos not done`);
  }
  const again = engine.operation.ran.filter(
    ({ batchId, index }) => found[batchId]?.settled[index] !== undefined,
  );
  figures.doubleWrites += again.length;
  if (again.length > 0) say(`done again: ${JSON.stringify(again)}`);
}

function isEndOf(event: BridgeEvent, batchId: string): boolean {
  const isEnd = event.type === 'batch_completed' || event.type === 'batch_failed';
  return isEnd && event.batch_id === batchId;
}

/** The journal record whose bytes were hit; null for a header and for other files. */
function hitRecord(files: Files, { path, at }: Flip): ReadRecord | null {
  if (!path.startsWith('journal/')) return null;
  const records = readSegment(files.get(path) ?? Buffer.alloc(0), Number(basename(path, '.log')));
  return (
    records.find((record) => at >= record.start && at < record.end && record.payload.k !== 'segment') ?? null
  );
}

function readJournal(files: Files): ReadRecord[] {
  const segments = [...files.keys()].filter((path) => /^journal\/\d+\.log$/.test(path)).sort();
  return segments
    .flatMap((path) => readSegment(files.get(path) ?? Buffer.alloc(0), Number(basename(path, '.log'))))
    .filter(({ payload }) => payload.k !== 'segment');
}

function readStates(files: Files): StateLike[] {
  return [...files.keys()]
    .filter((path) => path.startsWith('batch_states/') && path.endsWith('.json'))
    .map((path) => JSON.parse((files.get(path) ?? Buffer.alloc(0)).toString('utf8')));
}

function countLosses(figures: Figures, expected: Facts, found: Facts): void {
  for (const [id, batch] of Object.entries(expected)) {
    const now = found[id];
    if (now === undefined) figures.unreadableStates += 1;
    else if (toFields(now) !== toFields(batch)) figures.lostChanges += 1;
    const settled = Object.keys(batch.settled).map(Number);
    figures.lostPhotos += settled.filter((index) => now?.settled[index] === undefined).length;
  }
}

function toFields({ status, priority, holds }: BatchFacts): string {
  return JSON.stringify([status, priority, holds]);
}
