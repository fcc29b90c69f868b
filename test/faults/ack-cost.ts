/**
 * What acknowledged changes cost, counted in system calls of a real daemon: syncs of the journal for changes made one after
 * the other, and for 64 clients at once with every sync made slow. Times are never compared.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpawnedDaemon } from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { makeImage } from '../helpers/images.ts';
import { type Campaign, noFigures } from './campaign.ts';
import { missingStrace, readTrace, spawnTraced } from './strace.ts';

/** Journal: its segments. States: snapshots and their folder. Other: item logs, catalog, output folders. */
export type Syncs = { journal: number; states: number; other: number };
export type Costs = {
  changes: number;
  /** All syncs while they were made. */
  syncs: Syncs;
  /** Journal syncs that began after the last request was received and before the last answer was sent. */
  afterLastRequest: number;
};

export const CLIENTS = 64;
/** Three sync times: the one that runs when the last request comes, and the one that takes it, and one to spare. */
export const MOST_AFTER_LAST = 3;
const SLOW_US = 50_000;
const PHOTOS = 8;

export const ackCost: Campaign = {
  name: 'ack-cost',
  what: 'journal syncs of 60 changes in a row and of 64 clients at once, with syncs of 50 ms',
  unit: 'changes',
  longCount: 60 + CLIENTS,
  missing: missingStrace,
  async run() {
    const row = await measureInRow();
    const together = await measureTogether();
    return {
      ...noFigures(),
      faults: together.syncs.journal,
      problems: [...judgeRow(row), ...judgeTogether(together)],
    };
  },
};

export function judgeRow({ changes, syncs }: Costs): string[] {
  if (syncs.journal === 0) return ['no sync was seen: nothing was measured'];
  return syncs.journal <= changes ? [] : [`${changes} changes in a row cost ${syncs.journal} journal syncs`];
}

export function judgeTogether({ changes, syncs, afterLastRequest }: Costs): string[] {
  const problems = syncs.journal === 0 ? ['no sync was seen: nothing was measured'] : [];
  if (syncs.journal > changes / 4)
    problems.push(`${changes} changes at once cost ${syncs.journal} journal syncs`);
  if (afterLastRequest > MOST_AFTER_LAST)
    problems.push(`${afterLastRequest} journal syncs began after the last request and before its answer`);
  return problems;
}

/** 60 changes, each asked for when the one before is answered: starts, priorities, holds, pauses, resumes. */
export function measureInRow(): Promise<Costs> {
  return measure({}, async ({ client, url }) => {
    const photoIds = await client.photos
      .list({})
      .then(({ photos }) => photos.map(({ photo_id }) => photo_id));
    const id = await startHeld(client, photoIds);
    const changes: Change[] = [];
    for (let round = 0; round < 10; round += 1) {
      changes.push(change(id, 'priority', { priority: 1 + round }));
      changes.push(change(id, 'hold', { client: 'other', reason: 'busy', lease_s: 600 }));
      changes.push(change(id, 'pause', {}), change(id, 'resume', {}));
      changes.push(
        { path: '/batch/start', body: waiting(photoIds) },
        change(id, 'priority', { priority: 5 }),
      );
    }
    return { changes, send: () => sendInRow(url, changes) };
  });
}

/** 64 changes of 64 batches: sent at once, or (`inRow`) each after the answer to the one before. */
export function measureTogether(
  options: { imports?: readonly string[]; inRow?: boolean } = {},
): Promise<Costs> {
  return measure({ ...options, slow: true }, async ({ client, url }) => {
    const photoIds = await client.photos
      .list({})
      .then(({ photos }) => photos.map(({ photo_id }) => photo_id));
    const held = await startHeld(client, photoIds);
    const changes = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, place) => {
        if (place === 0) return change(held, 'pause', {});
        const { batch_id } = await client.batches.start(waiting(photoIds));
        const hold = { client: `editor ${place}`, reason: 'busy', lease_s: 600 };
        if (place % 3 === 0) return change(batch_id, 'cancel', {});
        return place % 3 === 1
          ? change(batch_id, 'hold', hold)
          : change(batch_id, 'priority', { priority: 7 });
      }),
    );
    return { changes, send: () => (options.inRow ? sendInRow(url, changes) : sendTogether(url, changes)) };
  });
}

type Change = { path: string; body: object };
type Prepared = { changes: readonly Change[]; send(): Promise<void> };
type MeasureOptions = { imports?: readonly string[]; slow?: boolean };
type Place = { client: BridgeClient; url: string };

function change(batchId: string, action: string, body: object): Change {
  return { path: `/batch/${batchId}/${action}`, body };
}

/** Starts in a year. */
function waiting(photoIds: readonly number[]) {
  return { photo_ids: [...photoIds], start_at: new Date(Date.now() + 365 * 86_400_000).toISOString() };
}

/** Running, with photos left, and a hold that keeps it from handing out any: nothing but requests changes it. */
async function startHeld(client: BridgeClient, photoIds: readonly number[]): Promise<string> {
  const { batch_id } = await client.batches.start({ photo_ids: [...photoIds] });
  await client.batches.placeHold(batch_id, { client: 'test', reason: 'stays as it is', lease_s: 600 });
  let status = await client.batches.status(batch_id);
  while (status.in_flight_count > 0)
    status = await client.batches.status(batch_id, { wait_s: 10, since: status.seq });
  if (status.status !== 'running') throw new Error(`the held batch is ${status.status}`);
  return batch_id;
}

async function measure(
  options: MeasureOptions,
  prepare: (place: Place) => Promise<Prepared>,
): Promise<Costs> {
  const { imports = [], slow = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-ack-'));
  const dataDir = join(folder, 'data');
  const daemon = await spawnCounted({ folder, dataDir, imports, slow });
  try {
    const client = createClient({ url: daemon.url });
    await client.photos.add({ paths: await makePhotos(folder) });
    const { changes, send } = await prepare({ client, url: daemon.url });
    await mark(daemon, 'begin');
    await send();
    await mark(daemon, 'end');
    await daemon.kill('SIGTERM');
    const costs = toCosts(await readTrace({ folder, name: 'ack' }), changes.length);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    return costs;
  } finally {
    await daemon.kill('SIGTERM');
  }
}

type Counted = { folder: string; dataDir: string; imports: readonly string[]; slow: boolean };

function spawnCounted({ folder, dataDir, imports, slow }: Counted): Promise<SpawnedDaemon> {
  return spawnTraced({
    folder,
    name: 'ack',
    args: ['--port', '0', '--data-dir', dataDir],
    env: imports.length === 0 ? {} : { NODE_OPTIONS: imports.map((url) => `--import ${url}`).join(' ') },
    calls: ['fdatasync', 'fsync', 'read', 'write', 'writev'],
    ...(slow ? { inject: [{ calls: ['fdatasync'], fault: `delay_enter=${SLOW_US}` }] } : {}),
    shown: 48,
  });
}

async function makePhotos(folder: string): Promise<string[]> {
  const bytes = await makeImage({ width: 48, height: 32 });
  return Promise.all(
    Array.from({ length: PHOTOS }, async (_, index) => {
      const path = join(folder, `p${index}.jpg`);
      // A comment behind the end makes each file another one.
      await writeFile(path, Buffer.concat([bytes, Buffer.from(`photo ${index}`)]));
      return path;
    }),
  );
}

/** A request whose line in the trace says where something began or ended. */
async function mark({ url }: SpawnedDaemon, name: string): Promise<void> {
  await fetch(`${url}/health?${name}-of-changes`).then((answer) => answer.arrayBuffer());
}

async function sendInRow(url: string, changes: readonly Change[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const one of changes) await send(agent, url, one);
  agent.destroy();
}

async function sendTogether(url: string, changes: readonly Change[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: changes.length, maxFreeSockets: changes.length });
  // Every client has its connection before the first asks.
  await Promise.all(changes.map(() => send(agent, url, { path: '/health', body: {} })));
  await Promise.all(changes.map((one) => send(agent, url, one)));
  agent.destroy();
}

function send(agent: Agent, url: string, { path, body }: Change): Promise<void> {
  const text = JSON.stringify(body);
  const isLook = path === '/health';
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const options = isLook ? { agent } : { agent, method: 'POST', headers };
    const asked = request(`${url}${path}`, options, (answer) => {
      const said: Buffer[] = [];
      answer.on('data', (piece: Buffer) => said.push(piece));
      answer.once('end', () => {
        if (answer.statusCode === 200 || answer.statusCode === 201) resolve();
        else reject(new Error(`${path} was answered ${answer.statusCode}: ${Buffer.concat(said)}`));
      });
    });
    asked.once('error', reject);
    asked.end(isLook ? undefined : text);
  });
}

/** Lines stand in the order in which their calls began (of a read: ended). */
export function toCosts(trace: string, changes: number): Costs {
  const lines = trace.split('\n');
  const begin = lines.findIndex((line) => line.includes('"GET /health?begin-of-changes'));
  const end = lines.findIndex((line) => line.includes('"GET /health?end-of-changes'));
  if (begin < 0 || end < 0) throw new Error('the trace does not show the requests');
  const during = lines.slice(begin, end);
  const asked = during.findLastIndex((line) => line.includes('"POST /batch/'));
  const answered = during.findLastIndex((line) => /write.*"HTTP\/1\.1 20[01]/.test(line));
  const syncs: Syncs = { journal: 0, states: 0, other: 0 };
  let afterLastRequest = 0;
  for (const [place, line] of during.entries()) {
    const path = /\bf(?:data)?sync\(\d+<([^>]*)>/.exec(line)?.[1];
    if (path === undefined) continue;
    if (path.includes('/data/journal/')) {
      syncs.journal += 1;
      if (place > asked && place < answered) afterLastRequest += 1;
    } else if (path.includes('/data/batch_states')) syncs.states += 1;
    else syncs.other += 1;
  }
  return { changes, syncs, afterLastRequest };
}
