/** The WebSocket of a real daemon: nothing final is missed over reconnections, a reader that does not read costs little. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ItemResult } from '../../bridge/client/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { Client, type Frame } from '../medium/ws/client.ts';
import { createFolder, makePhotos, registerPhotos, waitForEnd } from './support.ts';

const FAR = '2099-01-01T00:00:00Z';
const MEGABYTE = 1024 * 1024;

describe('a client that reconnects with `since`', () => {
  it('misses no photo and no end of a batch', { timeout: 120_000 }, async () => {
    const daemon = await spawnDaemon();
    const ids = await registerPhotos(daemon.client, await makePhotos(await createFolder(), 8));
    const begun = (await daemon.client.pollEvents({ timeout_s: 0 })).seq;
    const frames: Frame[] = [];
    let since = begun;
    let last = Number.POSITIVE_INFINITY;
    const started: string[] = [];

    /** Each connection is cut after a few frames; the next one begins where the last frame was. */
    async function follow(): Promise<void> {
      for (let round = 0; since < last; round += 1) {
        const client = await Client.open(daemon.port);
        client.send({ type: 'subscribe', channels: ['batches', 'photos'], since });
        const wanted = 2 + (round % 5);
        const watch = setInterval(() => {
          const events = client.frames.filter(isEvent);
          if (events.length >= wanted || (events.at(-1)?.seq ?? since) >= last) client.socket.terminate();
        }, 5);
        await client.closed;
        clearInterval(watch);
        for (const frame of client.frames) {
          expect(frame.type).not.toBe('resync');
          if (!isEvent(frame)) continue;
          expect(frame.seq).toBeGreaterThan(since);
          since = frame.seq ?? since;
          frames.push(frame);
        }
      }
    }
    const following = follow();
    for (let count = 0; count < 12; count += 1) {
      const { batch_id } = await daemon.client.batches.start({ photo_ids: ids });
      started.push(batch_id);
      if (count % 4 === 3) await daemon.client.batches.cancel(batch_id);
      if (count % 3 === 0) await waitForEnd(daemon.client, batch_id);
    }
    const ends = await Promise.all(started.map((id) => waitForEnd(daemon.client, id)));
    last = Math.max(...ends.map(({ seq }) => seq));
    await following;

    const terminal = frames.filter(({ type }) => /^batch_(completed|failed|cancelled)$/.test(type));
    const told = terminal.map((frame) => `${frame.batch_id} ${frame.status}`).sort();
    expect(told).toEqual(ends.map(({ batch_id, status }) => `${batch_id} ${status}`).sort());
    const settled = frames
      .filter(({ type }) => type === 'photos_settled')
      .flatMap((frame) =>
        (frame.photos as ItemResult[]).map(({ photo_id }) => `${frame.batch_id} ${photo_id}`),
      );
    expect(new Set(settled).size).toBe(settled.length);
    expect(settled.length).toBe(ends.reduce((sum, end) => sum + end.processed_count, 0));
  });

  it('is told to resync after a restart of the daemon, and what is now', async () => {
    const first = await spawnDaemon();
    const ids = await registerPhotos(first.client, await makePhotos(await createFolder(), 2));
    const { batch_id } = await first.client.batches.start({ photo_ids: ids, start_at: FAR });
    const { seq } = await first.client.pollEvents({ timeout_s: 0 });
    await first.kill('SIGKILL');

    const daemon = await spawnDaemon({ dataDir: first.dataDir });
    const client = await Client.open(daemon.port);
    onTestFinished(() => client.close());
    client.send({ type: 'subscribe', channels: [`batch:${batch_id}`], since: seq });
    const resync = await client.next('resync');
    expect(resync.seq).toBeGreaterThanOrEqual(seq);
    const order = client.types();
    expect(order.indexOf('batch_snapshot')).toBeLessThan(order.indexOf('resync'));
    const snapshot = client.frames.find(({ type }) => type === 'batch_snapshot');
    expect(snapshot).toMatchObject({ batch_id, status: 'pending', total_photos: 2 });
    await daemon.client.batches.cancel(batch_id);
    expect((await client.next('batch_cancelled')).seq).toBeGreaterThan(resync.seq ?? 0);
    expect((await daemon.client.pollEvents({ since: seq, timeout_s: 0 })).resync).toBe(true);
  });
});

describe('channels', () => {
  it('that there are not are refused by name, the others are given', async () => {
    const daemon = await spawnDaemon();
    const client = await Client.open(daemon.port);
    onTestFinished(() => client.close());
    client.send({
      type: 'subscribe',
      channels: ['batches', 'bathces', 'batch:batch_ffffffffffff', 'system'],
    });
    const refusal = await client.next('error');
    expect(refusal).toMatchObject({
      error: expect.stringMatching(/bathces.*batch_ffffffffffff/),
      timestamp: expect.stringMatching(/Z$/),
    });
    expect(await client.next('subscription_confirmed')).toMatchObject({ channels: ['batches', 'system'] });
    for (const bad of [
      'no json',
      '[]',
      '{"type": "dance"}',
      '{"type": "subscribe", "channels": "batches"}',
    ]) {
      expect((await client.ask(bad, 'error')).error).toMatch(/\w+ \w+/);
    }
    expect(await client.ask({ type: 'ping' }, 'pong')).toMatchObject({ timestamp: expect.any(String) });
  });
});

describe.runIf(process.platform === 'linux')('clients that never read', () => {
  it('cost bounded memory over thousands of events, hold nobody up, and catch up when they read again', {
    timeout: 180_000,
  }, async () => {
    // With so little heap a queue for each reader would end the daemon; and what it grows by is no mere idle garbage.
    const daemon = await spawnDaemon({
      settings: { limits: { ws_buffer_mb: 0.1 } },
      env: { NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=4' },
    });
    const ids = await registerPhotos(daemon.client, await makePhotos(await createFolder(), 1));
    const batches: string[] = [];
    for (let count = 0; count < 16; count += 1) {
      batches.push((await daemon.client.batches.start({ photo_ids: ids, start_at: FAR })).batch_id);
    }
    await flood(daemon, batches, 200);
    const before = await residentBytes(daemon.pid);
    const deaf = await Promise.all(Array.from({ length: 100 }, () => Client.open(daemon.port)));
    const listener = await Client.open(daemon.port);
    onTestFinished(async () => {
      await Promise.all([...deaf, listener].map((client) => client.close()));
    });
    for (const client of [...deaf, listener]) {
      await client.ask({ type: 'subscribe', channels: ['queue'] }, 'subscription_confirmed');
    }
    for (const client of deaf) client.raw.pause();
    const { seq: from } = await daemon.client.pollEvents({ timeout_s: 0 });
    await flood(daemon, batches, 200);
    const { seq: to } = await daemon.client.pollEvents({ timeout_s: 0 });
    expect(to - from).toBeGreaterThan(3000);
    await listener.find(({ seq }) => seq === to);
    expect(listener.frames.filter(isEvent)).toHaveLength(to - from);
    const grown = (await residentBytes(daemon.pid)) - before;
    console.log(
      `${to - from} events past ${deaf.length} deaf clients: ${Math.round(grown / MEGABYTE)} MB more`,
    );
    expect(grown).toBeLessThan(32 * MEGABYTE);

    const [first] = deaf;
    first!.raw.resume();
    await first!.find(({ seq, type }) => seq === to || type === 'resync');
    const got = first!.frames.filter(isEvent).map(({ seq }) => seq);
    if (!first!.types().includes('resync')) expect(got).toHaveLength(to - from);
  });
});

const isEvent = (frame: Frame) =>
  (/^batch_(?!snapshot)/.test(frame.type) || /^(photos|hold)_/.test(frame.type)) && frame.seq !== undefined;

/** `rounds` holds on each batch: as many events, each with a long reason. */
async function flood(daemon: TestDaemon, batches: readonly string[], rounds: number): Promise<void> {
  const reason = 'the user is at work; '.repeat(45);
  await Promise.all(
    batches.map(async (id) => {
      for (let round = 0; round < rounds; round += 1) {
        await daemon.client.batches.placeHold(id, { client: 'editor', reason, lease_s: 3600 });
      }
    }),
  );
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
