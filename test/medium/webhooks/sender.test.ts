/** The sender of completion webhooks against real HTTP servers on loopback. */
import { chmod, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WebhookDelivery } from '../../../bridge/batch/ports.ts';
import { createLog } from '../../../bridge/log.ts';
import { loadWebhookSecret } from '../../../bridge/webhooks/secret.ts';
import { createWebhookSender, type WebhookSenderOptions } from '../../../bridge/webhooks/sender.ts';
import { isSigned, type Reply, startReceiver } from '../../helpers/webhook-receiver.ts';

const AT = Date.parse('2026-03-04T05:06:07.890Z');
const never = new AbortController().signal;

async function setUp(options: Partial<WebhookSenderOptions> = {}) {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'photo-bridge-webhooks-')), 'data');
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const sender = createWebhookSender({
    dataDir,
    secret: () => undefined,
    version: '1.2.3',
    wallMs: () => AT,
    log,
    ...options,
  });
  return {
    dataDir,
    log: () => lines.join(''),
    secret: () => loadWebhookSecret(undefined, dataDir),
    send: (url: string, signal = never) => sender.send(toDelivery(url), signal),
  };
}

function toDelivery(url: string): WebhookDelivery {
  const id = 'batch_0123456789ab-41';
  const timestamp = '2026-03-04T05:00:00.000Z';
  const body = {
    type: 'batch.completed',
    id,
    timestamp,
    data: { batch_id: 'batch_0123456789ab', name: 'Größe 😀' },
  };
  return { url, id, event: 'batch.completed', timestamp, body };
}

async function sendTo(...replies: Reply[]) {
  const receiver = await startReceiver(...replies);
  const stage = await setUp({ timeoutMs: 5000 });
  return { end: await stage.send(`${receiver.url}/hook?key=deep`), receiver, ...stage };
}

describe('a webhook', () => {
  it('is one signed POST of JSON, with the id, the time of the try and who sends it', async () => {
    const { end, receiver, secret } = await sendTo(204);
    expect(end).toEqual({ kind: 'delivered', status: 204 });
    expect(receiver.received).toHaveLength(1);
    const [got] = receiver.received;
    expect(got).toMatchObject({
      method: 'POST',
      path: '/hook?key=deep',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'photo-bridge/1.2.3',
        'webhook-id': 'batch_0123456789ab-41',
        'webhook-timestamp': String(Math.floor(AT / 1000)),
        'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      },
    });
    expect(got?.headers.authorization).toBeUndefined();
    expect(JSON.parse(got?.body ?? '')).toEqual(toDelivery('').body);
    expect(isSigned(got!, await secret())).toBe(true);
    expect(isSigned({ ...got!, body: got!.body.replace('completed', 'failed') }, await secret())).toBe(false);
    expect(isSigned({ ...got!, headers: { ...got!.headers, 'webhook-id': 'x' } }, await secret())).toBe(
      false,
    );
  });

  it('has the same id at every try, and a new time under its signature', async () => {
    const receiver = await startReceiver(503, 200);
    let now = AT;
    const { send, secret } = await setUp({ wallMs: () => now });
    expect(await send(receiver.url)).toMatchObject({ kind: 'again' });
    now += 3_600_000;
    expect(await send(receiver.url)).toEqual({ kind: 'delivered', status: 200 });
    const [first, second] = receiver.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(Number(second?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(
      3600,
    );
    for (const got of receiver.received) expect(isSigned(got, await secret())).toBe(true);
  });

  it.each([200, 201, 202, 204])('is delivered when the answer is %i', async (status) => {
    expect((await sendTo(status)).end).toEqual({ kind: 'delivered', status });
  });

  it.each([408, 429, 500, 502, 503, 504, 599])(
    'is to be tried again when the answer is %i',
    async (status) => {
      expect((await sendTo(status)).end).toEqual({ kind: 'again', reason: `the address answered ${status}` });
    },
  );

  it.each([400, 401, 403, 404, 410, 413, 422])('is refused when the answer is %i', async (status) => {
    expect((await sendTo(status)).end).toEqual({ kind: 'refused', reason: `the address answered ${status}` });
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    [new Date(AT + 90_110).toUTCString(), 90_110],
    [new Date(AT - 90_000).toUTCString(), 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('is not to be tried before the Retry-After %s', async (header, afterMs) => {
    for (const status of [429, 503]) {
      const { end } = await sendTo((response) => response.writeHead(status, { 'retry-after': header }).end());
      const reason = `the address answered ${status}`;
      expect(end).toEqual({ kind: 'again', reason, ...(afterMs !== undefined && { afterMs }) });
    }
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with %i, and says so', async (status) => {
    const other = await startReceiver(200);
    const location = `${other.url.replace('//', '//me:hidden@')}/deep?token=x`;
    const { end } = await sendTo((response) => response.writeHead(status, { location }).end());
    expect(end).toEqual({
      kind: 'refused',
      reason: `the address answered ${status}, a redirect to ${other.url}; redirects are not followed: give the address it leads to`,
    });
    expect(other.received).toEqual([]);
  });

  it('is to be tried again when nobody answers in time', async () => {
    const receiver = await startReceiver(() => undefined);
    const { send } = await setUp({ timeoutMs: 100 });
    expect(await send(receiver.url)).toEqual({ kind: 'again', reason: 'no answer within 0.1 s' });
    expect(receiver.received).toHaveLength(1);
  });

  it('is delivered by its status, however slow, long or broken the rest of the answer is', async () => {
    const slow: Reply = (response) => void response.writeHead(200).write('a');
    const broken: Reply = (response) => {
      response.writeHead(200, { 'content-length': '10' }).write('a', () => response.destroy());
    };
    for (const reply of [slow, broken]) {
      const receiver = await startReceiver(reply);
      const { send } = await setUp({ timeoutMs: 300 });
      expect(await send(receiver.url)).toEqual({ kind: 'delivered', status: 200 });
    }
  });

  it('is delivered after a few KB of an answer without end, of which no more is read', async () => {
    let sent = 0;
    const closed = Promise.withResolvers<void>();
    const receiver = await startReceiver((response) => {
      response.writeHead(200).on('close', () => closed.resolve());
      const more = () => {
        // Given up here: somebody reads it all.
        if (sent > 64 * 2 ** 20) response.end();
        while (!response.destroyed && !response.writableEnded) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return;
        }
      };
      response.on('drain', more);
      more();
    });
    const { send } = await setUp({ timeoutMs: 60_000 });
    expect(await send(receiver.url)).toEqual({ kind: 'delivered', status: 200 });
    await closed.promise;
    // What the buffers of two sockets hold at most.
    expect(sent).toBeLessThan(32 * 2 ** 20);
  });

  it('is to be tried again when there is no connection, or it breaks before the answer', async () => {
    const closed = await startReceiver((response) => response.destroy());
    const { send } = await setUp();
    expect(await send(closed.url)).toMatchObject({
      kind: 'again',
      reason: expect.stringMatching(/^the connection failed/),
    });
    const port = await freePort();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'again',
      reason: 'the connection failed (ECONNREFUSED)',
    });
  });

  it('is refused for an address that no try would reach', async () => {
    const { send } = await setUp();
    for (const url of ['ftp://example.org/x', 'file:///etc/hosts', 'nonsense', ''])
      expect(await send(url)).toEqual({
        kind: 'refused',
        reason: 'the address is not an http or https address',
      });
    expect(await send('http://127.0.0.1:6000/')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('port'),
    });
  });

  it('stops at once when it is told to, and is then to be tried again', async () => {
    const stop = new AbortController();
    const receiver = await startReceiver(() => stop.abort());
    const { send } = await setUp();
    const end = { kind: 'again', reason: 'it was stopped before there was an answer' };
    expect(await send(receiver.url, stop.signal)).toEqual(end);
    expect(await send(receiver.url, stop.signal)).toEqual(end);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('secrets of webhooks', () => {
  it('are made once: 24 bytes or more in a file for its owner alone', async () => {
    const { dataDir, secret } = await setUp();
    const both = await Promise.all([secret(), secret(), secret()]);
    expect(new Set(both).size).toBe(1);
    expect(await secret()).toBe(both[0]);
    expect(both[0]).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(both[0]!.slice(6), 'base64').length).toBeGreaterThanOrEqual(24);
    expect((await stat(join(dataDir, 'webhook-secret'))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await readFile(join(dataDir, 'webhook-secret'), 'utf8')).trim()).toBe(both[0]);
    expect(await readdir(dataDir)).toEqual(['webhook-secret']);
    const other = await setUp();
    expect(await other.secret()).not.toBe(both[0]);
  });

  it('are made anew from an empty file, closed to others again, and named when they are none', async () => {
    const { dataDir, secret, send } = await setUp();
    await mkdir(dataDir);
    const file = join(dataDir, 'webhook-secret');
    await writeFile(file, '\n', { mode: 0o644 });
    const made = await secret();
    expect(made).toMatch(/^whsec_/);
    await writeFile(file, 'whsec_c2hvcnQ=');
    await expect(secret()).rejects.toThrow(file);
    await expect(secret()).rejects.not.toThrow('c2hvcnQ');
    const receiver = await startReceiver(200);
    expect(await send(receiver.url)).toMatchObject({ kind: 'again', reason: expect.stringContaining(file) });
    expect(receiver.received).toEqual([]);
    await writeFile(file, `  ${made}  \n`);
    await chmod(file, 0o644);
    expect(await secret()).toBe(made);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('are the setting’s when there is one, at once when it changes, and then no file is made', async () => {
    const [one, two] = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`);
    let setting = one;
    const receiver = await startReceiver(200);
    const { send, dataDir } = await setUp({ secret: () => setting });
    await send(receiver.url);
    setting = two;
    await send(receiver.url);
    const [first, second] = receiver.received;
    expect([isSigned(first!, one!), isSigned(first!, two!), isSigned(second!, two!)]).toEqual([
      true,
      false,
      true,
    ]);
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });

  it('never reach the log, nor do user, password, path and query of the address', async () => {
    const replies: Reply[] = [200, 500, 404, 302, () => undefined, (response) => response.destroy()];
    const receiver = await startReceiver(...replies);
    const { send, log, secret } = await setUp({ timeoutMs: 100 });
    const url = `${receiver.url.replace('//', '//olga:s%3Acret-word@')}/hidden-path?key=hidden-key#hidden-hash`;
    for (const _ of replies) await send(url);
    await send(`ftp://olga:s%3Acret-word@127.0.0.1/hidden-path`);
    await send(`http://olga:s%3Acret-word@127.0.0.1:${await freePort()}/hidden-path`);
    const given = Buffer.from('olga:s:cret-word').toString('base64');
    expect(receiver.received.map(({ headers }) => headers.authorization)).toEqual(
      replies.map(() => `Basic ${given}`),
    );
    const text = log();
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(replies.length + 2);
    expect(text).toContain(receiver.url);
    const key = (await secret()).slice('whsec_'.length);
    for (const hidden of ['olga', 'cret-word', 'hidden', given, key, 'v1,', 'whsec_'])
      expect(text).not.toContain(hidden);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}
