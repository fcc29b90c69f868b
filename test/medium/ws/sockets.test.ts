import { afterEach, describe, expect, it } from 'vitest';
import { serverFrameSchema } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { startServer, stopServers } from '../http/running.ts';
import { Client } from './client.ts';

afterEach(stopServers);

const toId = (n: number) => `batch_${String(n).padStart(12, '0')}`;

describe('a WebSocket client', () => {
  it('is greeted, answered and registered with frames of the contract', async () => {
    const { port, events } = await startServer();
    const client = await Client.open(port);
    expect(client.frames[0]).toMatchObject({ type: 'connection_established', seq: events.seq });
    expect(await client.ask({ type: 'ping' }, 'pong')).toMatchObject({ timestamp: expect.any(String) });
    const registered = await client.ask(
      { type: 'register', client_type: 'editor', client_name: 'A' },
      'registration_confirmed',
    );
    expect(registered).toMatchObject({
      client_id: client.frames[0]?.client_id,
      client_type: 'editor',
      client_name: 'A',
    });
    await client.ask({ type: 'subscribe', channels: ['batches'] }, 'subscription_confirmed');
    await client.ask({ type: 'unsubscribe', channels: ['batches'] }, 'unsubscription_confirmed');
    for (const frame of client.frames) expect(serverFrameSchema.safeParse(frame).error).toBeUndefined();
    await client.close();
  });

  it('gets an error for bad input and stays connected', async () => {
    const { port } = await startServer();
    const client = await Client.open(port);
    const bad: [unknown, string][] = [
      ['{', 'not valid JSON'],
      ['[]', 'the message must be a JSON object'],
      ['{}', 'type is required'],
      [{ type: 'pin' }, 'type must be one of'],
      [{ type: 'subscribe' }, 'channels is required'],
      [{ type: 'subscribe', channels: [] }, 'non-empty list'],
      [{ type: 'subscribe', channels: ['batches'], sinc: 1 }, 'did you mean "since"'],
      [{ type: 'ping', x: 1 }, 'unknown key "x"'],
      [JSON.stringify({ type: 'register', client_name: 'x'.repeat(70_000) }), 'limits.ws_message_kb'],
      [
        { type: 'subscribe', channels: ['nope', 'batch:batch_ffffffffffff', 'batch:'] },
        'unknown channel: nope, batch:batch_ffffffffffff, batch:',
      ],
    ];
    for (const [frame, text] of bad) {
      expect((await client.ask(frame, 'error')).error).toContain(text);
    }
    client.socket.send(Buffer.from([1, 2]));
    await client.find(({ error }) => String(error).includes('not binary'));
    await client.ask({ type: 'ping' }, 'pong');
    expect(client.types()).not.toContain('subscription_confirmed');
    await client.close();
  });

  it('gets the known channels although others of the same message are refused', async () => {
    const { port, events } = await startServer();
    const client = await Client.open(port);
    const confirmed = await client.ask(
      { type: 'subscribe', channels: ['system', 'nope'] },
      'subscription_confirmed',
    );
    expect(confirmed.channels).toEqual(['system']);
    expect(await client.next('error')).toMatchObject({ channels: ['nope'] });
    events.publish({ type: 'settings_changed', keys: ['a'] });
    expect(await client.next('settings_changed')).toMatchObject({ keys: ['a'], seq: events.seq });
    await client.close();
  });

  it('gets confirmation, snapshots, what it missed, and then live events, each once', async () => {
    const { port, batches, events } = await startServer();
    const since = events.seq;
    batches.addBatch(toId(1), 3);
    batches.addBatch(toId(2), 3);
    batches.publish(toId(1), 'batch_progress', { processed_count: 1 });
    const client = await Client.open(port);
    client.send({ type: 'subscribe', channels: ['batches', `batch:${toId(1)}`], since });
    await client.next('batch_progress');
    batches.publish(toId(1), 'batch_completed', { status: 'completed' });
    events.publish({ type: 'photos_settled', batch_id: toId(1), photos: [] });
    events.publish({ type: 'photos_settled', batch_id: toId(2), photos: [] });
    events.publish({ type: 'settings_changed', keys: [] });
    batches.publish(toId(2), 'batch_completed', { status: 'completed' });
    await client.find(({ type, batch_id }) => type === 'batch_completed' && batch_id === toId(2));
    expect(
      client.frames.map(({ type, batch_id, seq }) => [type, batch_id, type.includes('snapshot') ? 0 : seq]),
    ).toEqual([
      ['connection_established', undefined, since + 3],
      ['subscription_confirmed', undefined, undefined],
      ['batch_snapshot', toId(1), 0],
      ['batch_snapshot', toId(2), 0],
      ['batch_started', toId(1), since + 1],
      ['batch_started', toId(2), since + 2],
      ['batch_progress', toId(1), since + 3],
      ['batch_completed', toId(1), since + 4],
      ['photos_settled', toId(1), since + 5],
      ['batch_completed', toId(2), since + 8],
    ]);
    await client.close();
  });

  it('replays only the added channel, and nothing twice', async () => {
    const { port, batches, events } = await startServer();
    batches.addBatch(toId(1), 3);
    const client = await Client.open(port);
    await client.ask({ type: 'subscribe', channels: ['batches'] }, 'batch_snapshot');
    const since = events.seq;
    events.publish({ type: 'photos_settled', batch_id: toId(1), photos: [] });
    batches.publish(toId(1), 'batch_progress', {});
    await client.next('batch_progress');
    client.send({ type: 'subscribe', channels: [`batch:${toId(1)}`], since });
    await client.next('photos_settled');
    await client.ask({ type: 'ping' }, 'pong');
    expect(client.types().filter((type) => type === 'batch_progress')).toHaveLength(1);
    expect(client.types().filter((type) => type === 'photos_settled')).toHaveLength(1);
    await client.close();
  });

  it('is told to resync when since is no longer kept', async () => {
    const { port, batches } = await startServer();
    batches.addBatch(toId(1), 3);
    const client = await Client.open(port);
    await client.ask({ type: 'subscribe', channels: [`batch:${toId(1)}`], since: 3 }, 'resync');
    expect(client.types().slice(1)).toEqual(['subscription_confirmed', 'batch_snapshot', 'resync']);
    await client.close();
  });

  it('hears nothing more of a channel it left', async () => {
    const { port, events } = await startServer();
    const client = await Client.open(port);
    await client.ask({ type: 'subscribe', channels: ['system', 'photos'] }, 'subscription_confirmed');
    await client.ask({ type: 'unsubscribe', channels: ['system'] }, 'unsubscription_confirmed');
    events.publish({ type: 'settings_changed', keys: [] });
    events.publish({ type: 'photos_changed', added: 1, missing: 0 });
    await client.next('photos_changed');
    expect(client.types()).not.toContain('settings_changed');
    await client.close();
  });

  it('that reconnects with since misses no terminal event and gets none twice', async () => {
    const { port, batches, events } = await startServer();
    const seen: number[] = [];
    let since = events.seq;
    const total = 60;
    let published = 0;
    const ended = () => batches.api.list({ limit: 1000, status: 'completed' }).count;
    while (ended() < total || seen.length < 2 * total) {
      const client = await Client.open(port);
      await client.ask({ type: 'subscribe', channels: ['batches'], since }, 'subscription_confirmed');
      for (let n = 0; n < 10 && published < total; n++, published++) {
        batches.addBatch(toId(published), 1);
        batches.publish(toId(published), 'batch_completed', { status: 'completed' });
        if (n === 4) client.raw.destroy();
      }
      const last = events.seq;
      await Promise.race([client.closed, client.find(({ seq }) => seq === last)]);
      const heard = client.frames.filter(
        ({ type }) => type === 'batch_started' || type === 'batch_completed',
      );
      seen.push(...heard.map(({ seq }) => seq as number));
      since = Math.max(since, ...seen);
      await client.close();
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen).toHaveLength(2 * total);
  });

  it('is pinged, and ended when it does not answer', async () => {
    const { port, sockets } = await startServer({ heartbeatMs: 50 });
    const client = await Client.open(port);
    const pinged = new Promise((resolve) => client.socket.once('ping', resolve));
    await pinged;
    expect(sockets.size).toBe(1);
    client.raw.pause();
    await expect.poll(() => sockets.size).toBe(0);
    client.raw.resume();
    expect(await client.closed).toBe(1006);
  });

  it('that answered while this process slept is kept', async () => {
    const { port, sockets } = await startServer({ heartbeatMs: 50 });
    const client = await Client.open(port);
    const ping = () => new Promise((resolve) => client.socket.once('ping', resolve));
    await ping();
    // The answer is on its way, and the next beat comes before anybody reads it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
    await ping();
    expect(sockets.size).toBe(1);
    client.socket.close();
    await client.closed;
  });

  it('is told that the daemon goes', async () => {
    const { port, server } = await startServer();
    const client = await Client.open(port);
    await server.close({ deadlineMs: 5000 });
    expect(await client.closed).toBe(1001);
  });
});

describe('a client that does not read', () => {
  const settings = { limits: { ws_buffer_mb: 0.05 } };
  const text = 'x'.repeat(2000);

  it('costs bounded memory, slows nobody, and is closed with 4008', async () => {
    const tooSlow = Promise.withResolvers<void>();
    const log = createLog('info', {
      write: (line) => {
        if (line.includes('did not read')) tooSlow.resolve();
      },
    });
    const { port, batches, events, sockets } = await startServer({
      settings: { limits: { ...settings.limits, ws_patience_s: 0.3 } },
      maxEvents: 50,
      log,
    });
    batches.addBatch(toId(1), 1);
    const [slow, quick] = [await Client.open(port), await Client.open(port)];
    await slow.ask({ type: 'subscribe', channels: ['batches', 'system'] }, 'subscription_confirmed');
    await quick.ask({ type: 'subscribe', channels: ['system'] }, 'subscription_confirmed');
    slow.raw.pause();
    for (let round = 0; round < 200; round++) {
      // More than any kernel buffer takes.
      for (let n = 0; n < 50; n++)
        events.publish({ type: 'resource_warning', resource: 'disk', message: text });
      const last = events.seq;
      await quick.find(({ seq }) => seq === last, Math.max(0, quick.frames.length - 1));
    }
    expect(quick.frames.filter(({ type }) => type === 'resource_warning')).toHaveLength(10_000);
    await tooSlow.promise;
    expect(sockets.size).toBe(2);
    slow.raw.resume();
    expect(await slow.closed).toBe(4008);
    const bytes = slow.frames.length * text.length;
    expect(bytes).toBeLessThan(12 * 1024 * 1024);
    expect(quick.socket.readyState).toBe(quick.socket.OPEN);
    await quick.close();
  });

  it('gets a fresh snapshot and every lifecycle event when it reads again, its progress merged', async () => {
    const { port, batches, events } = await startServer({ settings, maxEvents: 100_000 });
    batches.addBatch(toId(1), 1_000_000);
    batches.addBatch(toId(2), 1_000_000);
    const client = await Client.open(port);
    await client.ask({ type: 'subscribe', channels: ['batches'] }, 'subscription_confirmed');
    client.raw.pause();
    const error = text;
    for (let n = 1; n <= 6000; n++) {
      batches.publish(toId(1), 'batch_progress', { processed_count: n, error });
      if (n % 2000 === 0) batches.publish(toId(2), 'batch_paused', { status: 'paused' });
      // The buffers fill only when the event loop turns.
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.raw.resume();
    const snapshot = await client.find(
      ({ type, processed_count }) => type === 'batch_snapshot' && processed_count === 6000,
    );
    expect(snapshot.batch_id).toBe(toId(1));
    batches.publish(toId(2), 'batch_completed', { status: 'completed' });
    await client.next('batch_completed');
    expect(client.types().filter((type) => type === 'batch_paused')).toHaveLength(3);
    const progress = client.frames.filter(({ type }) => type === 'batch_progress').length;
    expect(progress).toBeLessThan(6000);
    const numbers = client.frames
      .filter(({ type, seq }) => seq !== undefined && !type.includes('snapshot'))
      .map(({ seq }) => seq as number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(events.seq).toBe(numbers.at(-1));
    await client.close();
  });

  it('but asks on and on is no longer listened to', async () => {
    const { port, sockets } = await startServer({
      settings: { limits: { ...settings.limits, ws_patience_s: 0.5 } },
    });
    const client = await Client.open(port);
    client.raw.pause();
    const flood = JSON.stringify({
      type: 'register',
      client_name: 'n'.repeat(255),
      client_type: 't'.repeat(255),
    });
    const sent = () => client.socket.bufferedAmount;
    for (let round = 0; round < 400 && sent() < 4 * 1024 * 1024; round++) {
      for (let n = 0; n < 200; n++) client.socket.send(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What the server no longer takes stays with the client.
    expect(sent()).toBeGreaterThan(1024 * 1024);
    expect(sockets.size).toBe(1);
    client.raw.resume();
    await client.close();
  });
});
