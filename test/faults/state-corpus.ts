/**
 * Starts a real daemon over a folder of batch states full of files that should not be there, among healthy batches. It must
 * start, keep every healthy batch and every byte, say what it set aside, and do nothing more at the next start.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { makeSmallPhotos } from './small-photos.ts';
import { createStateCases, ownState, type StateCase, seedState } from './state-files.ts';

const HEALTHY = 20;
const PATIENCE_MS = 60_000;

export const stateCorpus: Campaign = {
  name: 'state-corpus',
  what: 'hundreds of damaged, foreign and strange files in the folder of batch states',
  unit: 'rounds',
  longCount: 3,
  missing: async () => (process.platform === 'win32' ? 'links and FIFOs of other systems' : null),
  async run({ seed, count }) {
    const figures = noFigures();
    for (let round = 0; round < count; round += 1) await runCorpus(seed + round, figures);
    return figures;
  },
};

type Corpus = {
  root: string;
  dataDir: string;
  states: string;
  cases: StateCase[];
  before: Map<string, string>;
};
/** What breaks between the files and the start, for controls. */
export type Sabotage = (corpus: Corpus) => void;

export async function runCorpus(
  seed: number,
  figures: Figures,
  sabotage: Sabotage = () => {},
  options: { until?: 'first start' } = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-corpus-'));
  const dataDir = join(root, 'data');
  const states = join(dataDir, 'batch_states');
  mkdirSync(states, { recursive: true });
  const corpus: Corpus = { root, dataDir, states, cases: createStateCases(seed), before: new Map() };
  await registerPhotos(corpus);
  writeAll(corpus);
  sabotage(corpus);
  figures.faults += corpus.cases.length;
  const found: Found = { figures, say: (problem) => figures.problems.push(problem) };
  const aside = await firstStart(corpus, found, options.until === undefined);
  if (options.until === undefined) await secondStart(corpus, { ...found, aside });
  await rm(root, { recursive: true, force: true });
}

async function registerPhotos({ root, dataDir }: Corpus): Promise<void> {
  const { good } = await makeSmallPhotos(root);
  const { daemon, client } = await start(root, dataDir);
  await client.photos.add({ paths: good.slice(0, 3) });
  await daemon.kill('SIGTERM');
}

function writeAll({ states, cases, before }: Corpus): void {
  for (const { name, write } of cases) {
    write(join(states, name));
    before.set(name, identify(join(states, name)));
  }
  for (let index = 0; index < HEALTHY; index += 1) {
    const id = healthyId(index);
    writeFileSync(join(states, `${id}.json`), index % 2 === 0 ? JSON.stringify(seedState(id)) : ownState(id));
  }
  // A damaged main file beside a good backup.
  const id = healthyId(0);
  writeFileSync(join(states, `${id}.json.bak`), ownState(id));
  writeFileSync(join(states, `${id}.json`), ownState(id).slice(0, 90));
}

function healthyId(index: number): string {
  return `batch_healthy${index}`;
}

type Found = { figures: Figures; say: (problem: string) => unknown };

async function firstStart(
  corpus: Corpus,
  { figures, say }: Found,
  runs: boolean,
): Promise<Map<string, string>> {
  const { daemon, client, readyMs } = await start(corpus.root, corpus.dataDir);
  figures.readyMs.push(readyMs);
  const listed = new Set(await listIds(client));
  const { quarantined } = await client.batches.recover();
  const reasons = new Map(quarantined.map(({ file, reason }) => [file, reason]));
  const aside = new Map(readAside(corpus));
  for (const one of corpus.cases) judge(corpus, one, { figures, say, listed, reasons, aside });
  for (let index = 0; index < HEALTHY; index += 1) {
    if (listed.has(healthyId(index))) continue;
    figures.unreadableStates += 1;
    say(`${healthyId(index)} is not listed`);
  }
  if (runs) await runHealthy(client, { figures, say });
  await daemon.kill('SIGTERM');
  return aside;
}

/** A long name is kept shortened. */
function findAside(aside: Map<string, string>, name: string): string | undefined {
  const start = name.slice(0, 100);
  return name.length < 200
    ? aside.get(`${name}.damaged`)
    : [...aside].find(([kept]) => kept.startsWith(start))?.[1];
}

type Judged = Found & { listed: Set<string>; reasons: Map<string, string>; aside: Map<string, string> };

function judge(corpus: Corpus, { name, fate, why }: StateCase, now: Judged): void {
  const { say, figures, listed, reasons, aside } = now;
  const id = name.replace(/\.json(\.bak)?$/, '');
  const before = corpus.before.get(name);
  const isAside = findAside(aside, name) === before && reasons.has(name);
  const there = identify(join(corpus.states, name));
  const became = isAside
    ? 'set aside'
    : listed.has(id)
      ? 'batch'
      : reasons.has(name) && there === before
        ? 'kept'
        : 'ignored';
  const isRight = fate === 'either' ? became === 'set aside' || became === 'batch' : became === fate;
  if (!isRight)
    say(`${name} (${why}) should be ${fate} and is ${became}: ${reasons.get(name) ?? 'not reported'}`);
  if (became === 'ignored' && there !== before) {
    figures.unreadableStates += 1;
    say(`${name} (${why}) is lost: ${before} became ${there}`);
  }
}

/** The same bytes stay set aside, and only what is left alone is reported again. */
async function secondStart(
  corpus: Corpus,
  { figures, say, aside }: Found & { aside: Map<string, string> },
): Promise<void> {
  const { daemon, client, readyMs } = await start(corpus.root, corpus.dataDir);
  figures.readyMs.push(readyMs);
  const now = readAside(corpus);
  if (JSON.stringify(now) !== JSON.stringify([...aside])) say('the second start changed the quarantine');
  const { quarantined } = await client.batches.recover();
  const kept = corpus.cases.filter(({ fate }) => fate === 'kept').map(({ name }) => name);
  const again = quarantined.map(({ file }) => file);
  if (JSON.stringify(again.sort()) !== JSON.stringify(kept.sort()))
    say(`reported again: ${again.join(', ')}`);
  for (let index = 0; index < HEALTHY; index += 1) {
    const { status, processed_count } = await client.batches.status(healthyId(index));
    if (status === 'completed' && processed_count === 3) continue;
    figures.lostChanges += 1;
    say(`${healthyId(index)} was completed and is ${status}`);
  }
  await daemon.kill('SIGTERM');
}

async function runHealthy(client: BridgeClient, { figures, say }: Found): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (let index = 0; index < HEALTHY; index += 1) {
    const id = healthyId(index);
    let status = await client.batches.resume(id).then(
      () => client.batches.status(id),
      () => null,
    );
    while (status?.status === 'running' && performance.now() < until)
      status = await client.batches.status(id, { wait_s: 10, since: status.seq });
    if (status?.status === 'completed' && status.processed_count === 3) continue;
    figures.lostPhotos += 3 - (status?.processed_count ?? 0);
    say(`${id} does not run: ${JSON.stringify(status)}`);
  }
}

async function start(
  root: string,
  dataDir: string,
): Promise<{ daemon: SpawnedDaemon; client: BridgeClient; readyMs: number }> {
  const config = join(root, 'bridge.config.json');
  writeFileSync(config, JSON.stringify({ library: { folders: [] } }));
  const began = performance.now();
  const daemon = await spawnServe({
    self,
    args: ['--port', '0', '--data-dir', dataDir, '--config', config],
    env: toTestEnvironment(),
    cwd: root,
  });
  return { daemon, client: createClient({ url: daemon.url }), readyMs: performance.now() - began };
}

async function listIds(client: BridgeClient): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await client.batches.list({ limit: 1000, cursor: cursor ?? undefined });
    ids.push(...page.batches.map(({ batch_id }) => batch_id));
    cursor = page.next_cursor;
  } while (cursor !== undefined && cursor !== null);
  return ids;
}

/** What lies in the quarantine without the reasons beside it, in order of names; a thing without a reason is named so. */
function readAside({ dataDir }: Corpus): [string, string][] {
  const folder = join(dataDir, 'quarantine');
  const names = readdirSync(folder).sort();
  return names
    .filter((name) => !name.endsWith('.reason.txt'))
    .map((name) => [name, names.includes(`${name}.reason.txt`) ? identify(join(folder, name)) : 'no reason']);
}

/** Kind and content of what lies there, without following it or waiting for it. */
function identify(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'nothing';
  if (stat.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (stat.isDirectory()) return `folder of ${readdirSync(path).join(', ')}`;
  if (!stat.isFile()) return stat.isFIFO() ? 'FIFO' : 'socket';
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
