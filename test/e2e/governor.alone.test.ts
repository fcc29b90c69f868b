/** How a daemon gives way, from outside: real threads and photos, a load that is told, and what the bridge says of it. */
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BridgeClient } from '../../bridge/client/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { createFolder, exchange, hostsOf, makePhotos, postJson, waitForStatus } from './support.ts';

const entry = fileURLToPath(new URL('../fixtures/loaded-daemon.ts', import.meta.url));
const PHOTOS = 300;
const cores = availableParallelism();

type Profile = 'quiet' | 'balanced' | 'full';
type Running = { daemon: TestDaemon; client: BridgeClient; batchId: string; setLoad(percent: number): void };

/** A batch of real photos, some of them done, on a machine that is otherwise idle. */
async function startBatch(profile: Profile): Promise<Running> {
  const folder = await createFolder();
  const load = join(folder, 'load');
  const setLoad = (percent: number) => writeFileSync(load, String(percent));
  setLoad(0);
  await mkdir(join(folder, 'photos'));
  const daemon = await spawnDaemon({
    entry,
    env: { PHOTO_BRIDGE_TEST_LOAD: load },
    settings: { resources: { profile } },
  });
  const paths = await makePhotos(join(folder, 'photos'), PHOTOS, { width: 1800, height: 1200 });
  const { client } = daemon;
  const { batch_id } = await client.batches.start({ photos: paths.map((path) => ({ path })) });
  await waitForStatus(client, batch_id, ({ processed_count }) => processed_count >= 2);
  return { daemon, client, batchId: batch_id, setLoad };
}

type Resources = Awaited<ReturnType<BridgeClient['resources']>>;

async function waitForResources(
  client: BridgeClient,
  fits: (resources: Resources) => boolean,
): Promise<Resources> {
  for (;;) {
    const resources = await client.resources();
    if (fits(resources)) return resources;
    await delay(50);
  }
}

async function niceOfHost(daemon: TestDaemon): Promise<Set<number>> {
  const [host = 0] = await hostsOf(daemon.pid);
  return new Set(readdirSync(`/proc/${host}/task`).map((thread) => getPriority(Number(thread))));
}

async function eventsOf(daemon: TestDaemon): Promise<Record<string, unknown>[]> {
  const { body } = await exchange(`${daemon.url}/events?since=0`);
  return body.events as Record<string, unknown>[];
}

describe('while other programs want the machine', () => {
  it('a batch goes on one photo at a time at the lowest priority, says why everywhere, and has it all back', async () => {
    const { daemon, client, batchId, setLoad } = await startBatch('balanced');
    const free = await waitForResources(client, ({ state }) => state === 'idle');
    expect([free.limit, free.reason]).toEqual([cores, null]);

    setLoad(99);
    const busy = await waitForResources(client, ({ state }) => state === 'critical');
    const reason = 'other programs use 99 % of the CPU, so one photo at a time at the lowest priority';
    expect([busy.limit, busy.reason]).toEqual([1, reason]);
    const status = await client.batches.status(batchId);
    expect(status).toMatchObject({
      status: 'running',
      holds: [],
      backoff: { limit: 1, capacity: cores, reason },
    });
    if (process.platform === 'linux') expect(await niceOfHost(daemon)).toEqual(new Set([19]));
    const inFlight = await waitForStatus(client, batchId, (now) => now.in_flight_count <= 2);
    const done = inFlight.processed_count;
    await waitForStatus(client, batchId, ({ processed_count }) => processed_count > done + 2);

    setLoad(0);
    const back = await waitForResources(client, ({ limit }) => limit === cores);
    expect(back.reason).toBeNull();
    expect((await client.batches.status(batchId)).backoff).toBeNull();
    const events = await eventsOf(daemon);
    expect(events.filter(({ type }) => type === 'limit_changed')).toEqual([
      expect.objectContaining({ limit: 1, capacity: cores, state: 'critical', reason }),
      expect.objectContaining({
        limit: cores,
        capacity: cores,
        state: 'idle',
        reason: 'no other program needs the machine',
      }),
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'resource_warning', resource: 'cpu', message: reason }),
    );
    expect(back.history.map(({ limit }) => limit)).toEqual(expect.arrayContaining([1, cores]));
  });

  it('in the quiet profile it waits, with a hold that nobody else lifts; in the full one it does not give way', async () => {
    const { daemon, client, batchId, setLoad } = await startBatch('quiet');
    setLoad(97);
    const held = await waitForStatus(client, batchId, ({ holds }) => holds.length > 0);
    expect(held).toMatchObject({ status: 'running', holds: [{ owner: 'cpu' }] });
    expect(held.holds[0]?.reason).toBe('waits: other programs use 97 % of the CPU');
    await waitForStatus(client, batchId, ({ in_flight_count }) => in_flight_count === 0);
    const { processed_count } = await client.batches.status(batchId);

    // Pausing and resuming is the user's; it does not lift what the load holds.
    expect((await postJson(`${daemon.url}/batch/${batchId}/pause`, {})).status).toBe(200);
    expect((await postJson(`${daemon.url}/batch/${batchId}/resume`, {})).status).toBe(200);
    const resumed = await client.batches.status(batchId);
    expect(resumed.holds).toEqual(held.holds);
    expect(resumed.processed_count).toBe(processed_count);

    setLoad(0);
    const lifted = await waitForStatus(client, batchId, ({ holds }) => holds.length === 0);
    await waitForStatus(client, batchId, (now) => now.processed_count > lifted.processed_count);
    const types = (await eventsOf(daemon)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['hold_placed', 'hold_lifted']));
  });

  it('does not give way at all in the full profile', async () => {
    const { client, batchId, setLoad } = await startBatch('full');
    setLoad(100);
    await waitForResources(client, ({ cpu }) => cpu.foreign_percent > 95);
    const at = (await client.batches.status(batchId)).processed_count;
    await waitForStatus(client, batchId, ({ processed_count }) => processed_count > at + 4);
    const { limit, reason, profile } = await client.resources();
    expect([limit, reason, profile]).toEqual([cores, null, 'full']);
  });
});
