/** Three kills of a daemon in a row, and what the next one does: nothing, until somebody says so. */
import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BatchStatusObject } from '../../bridge/client/index.ts';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import {
  createFolder,
  exchange,
  hostsOf,
  makePhotos,
  postJson,
  registerPhotos,
  waitForEnd,
  waitForStatus,
} from './support.ts';

const PHOTOS = 16;
const settings = { recovery: { on_start: 'resume' } };
const settledOf = (status: BatchStatusObject) => status.processed_count + status.failed_count;

/** A running batch that lived through `kills` kills, and the daemon after the last of them. */
async function killTimes(kills: number): Promise<{ daemon: TestDaemon; id: string; ids: number[] }> {
  const paths = await makePhotos(await createFolder(), PHOTOS, { width: 2000, height: 1400 });
  let daemon = await spawnDaemon({ settings });
  const { dataDir } = daemon;
  const ids = await registerPhotos(daemon.client, paths);
  const { batch_id: id } = await daemon.client.batches.start({ photo_ids: ids });
  for (let kill = 1; kill <= kills; kill += 1) {
    const { status, in_flight_count } = await waitForStatus(
      daemon.client,
      id,
      (now) => now.in_flight_count > 0 || now.status !== 'running',
    );
    expect({ status, in_flight: in_flight_count > 0 }).toEqual({ status: 'running', in_flight: true });
    await daemon.kill('SIGKILL');
    daemon = await spawnDaemon({ dataDir, settings });
  }
  return { daemon, id, ids };
}

describe.runIf(process.platform === 'linux')('after unclean ends of the daemon', () => {
  it('three within seconds lead to safe mode: nothing renders by itself, until a resume', async () => {
    const { daemon, id, ids } = await killTimes(3);
    const { client } = daemon;
    const ready = await exchange(`${daemon.url}/health/ready`);
    expect(ready).toMatchObject({
      status: 200,
      body: { ready: true, state: 'safe_mode', reason: expect.stringContaining('three times') },
    });
    expect(await client.health()).toMatchObject({ live: true, ready: true, state: 'safe_mode' });
    const before = await client.batches.status(id);
    expect(before).toMatchObject({ status: 'paused', in_flight_count: 0 });

    const started = await client.batches.start({ photo_ids: ids.slice(0, 2), config: { blend: 40 } });
    const held = await client.batches.status(started.batch_id);
    expect(held).toMatchObject({ status: 'running', holds: [{ owner: 'safe_mode' }], pending_count: 2 });
    const shown = await runHere(['status'], { url: daemon.url });
    expect(shown.stdout).toContain('safe mode');
    expect(shown.stderr).toContain(`photo-bridge resume`);

    let { seq } = held;
    for (let look = 0; look < 3; look += 1) {
      const now = await client.batches.status(started.batch_id, { wait_s: 0.5, since: seq });
      expect(now).toMatchObject({ processed_count: 0, in_flight_count: 0 });
      ({ seq } = now);
    }
    expect(settledOf(await client.batches.status(id))).toBe(settledOf(before));
    expect(await hostsOf(daemon.pid)).toEqual([]);
    // A person who waits for a picture is no batch.
    const preview = await fetch(`${daemon.url}/photos/${ids[0]}/preview`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ preset: 'WhiteLayer_v4', width: 64 }),
    });
    expect([preview.status, preview.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^image/),
    ]);

    const resumed = await postJson(`${daemon.url}/batch/${id}/resume`, {});
    expect(resumed).toMatchObject({ status: 200, body: { status: 'running' } });
    expect(await client.health()).toMatchObject({ state: 'ready', reason: null });
    expect(await waitForEnd(client, id)).toMatchObject({ status: 'completed', processed_count: PHOTOS });
    expect(await waitForEnd(client, started.batch_id)).toMatchObject({ processed_count: 2 });
    expect(await readdir(join(daemon.dataDir, 'outputs', id))).toHaveLength(PHOTOS);
    const { events } = await client.pollEvents({ since: 0, timeout_s: 0 });
    const holds = events.flatMap((event) =>
      'hold' in event && event.batch_id === undefined ? [[event.type, event.hold.owner]] : [],
    );
    expect(holds.at(-1)).toEqual(['hold_lifted', 'safe_mode']);

    // What was forgotten does not come back with the next unclean end.
    await daemon.kill('SIGKILL');
    const next = await spawnDaemon({ dataDir: daemon.dataDir, settings });
    expect(await next.client.health()).toMatchObject({ state: 'ready' });
  }, 120_000);

  it('two do not, and neither do three when nothing remembers them', async () => {
    const { daemon, id } = await killTimes(2);
    expect(await daemon.client.health()).toMatchObject({ state: 'ready', reason: null });
    await waitForStatus(daemon.client, id, (status) => status.in_flight_count > 0);
    await daemon.kill('SIGKILL');
    await rm(join(daemon.dataDir, 'runs.json'));
    const next = await spawnDaemon({ dataDir: daemon.dataDir, settings });
    expect(await next.client.health()).toMatchObject({ state: 'ready' });
    expect(await waitForEnd(next.client, id)).toMatchObject({ status: 'completed', processed_count: PHOTOS });
  }, 120_000);

  it('a stop in order and a start that failed are none', async () => {
    let daemon = await spawnDaemon();
    const { dataDir } = daemon;
    const other = await spawnDaemon();
    for (let time = 0; time < 4; time += 1) {
      await daemon.stop();
      await expect(spawnDaemon({ dataDir, args: ['--port', String(other.port)] })).rejects.toThrow(
        /is taken/,
      );
      daemon = await spawnDaemon({ dataDir });
    }
    expect(await daemon.client.health()).toMatchObject({ state: 'ready' });
  });

  it('a stop that was asked for and then cut short is none', async () => {
    const daemon = await spawnDaemon();
    const history = join(daemon.dataDir, 'runs.json');
    const isUnderWay = () => (JSON.parse(readFileSync(history, 'utf8')) as { under_way: boolean }).under_way;
    expect(isUnderWay()).toBe(true);
    process.kill(daemon.pid, 'SIGTERM');
    await Promise.race([expect.poll(isUnderWay, { interval: 5 }).toBe(false), daemon.ended]);
    await daemon.kill('SIGKILL');
    expect(isUnderWay()).toBe(false);
  });
});
