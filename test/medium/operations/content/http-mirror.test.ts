import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContentChange } from '../../../../bridge/operations/content/change.ts';
import { createHttpMirror } from '../../../../bridge/operations/content/http-mirror.ts';
import type { MirrorJob } from '../../../../bridge/operations/content/store-entries.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const price = (newPrice: number): ContentChange => ({
  operationType: 'update-price',
  updatePayload: { newPrice },
});
const signal = new AbortController().signal;

type Request = { headers: IncomingHttpHeaders; body: unknown };
async function serve(
  answers: (number | [number, Record<string, string>])[],
): Promise<{ url: string; requests: Request[] }> {
  const requests: Request[] = [];
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
      const answer = answers.shift() ?? 200;
      const [status, headers] = typeof answer === 'number' ? [answer, {}] : answer;
      if (status === 0) response.destroy();
      else response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  closers.push(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger`, requests };
}

describe('the HTTP mirror', () => {
  const job: MirrorJob = { ...price(5), token: 'b:1', contentId: 'a', creator: 'SP1' };
  const send = async (answers: (number | [number, Record<string, string>])[]) => {
    const { url, requests } = await serve(answers);
    const pauses: number[] = [];
    const delay = (ms: number) => Promise.resolve(pauses.push(ms));
    const mirror = createHttpMirror(url, { delay, headers: { authorization: 'Bearer secret' } });
    return { end: await mirror.send(job, signal), requests, pauses };
  };

  it('posts the change with its key and header', async () => {
    const { end, requests } = await send([200]);
    expect(end).toEqual({ kind: 'mirrored' });
    expect(requests[0]).toMatchObject({
      headers: { 'idempotency-key': 'b:1', authorization: 'Bearer secret' },
      body: { contentId: 'a', creator: 'SP1', operationType: 'update-price', updatePayload: { newPrice: 5 } },
    });
  });

  it('tries three times what may pass, and obeys Retry-After within reason', async () => {
    const { end, requests, pauses } = await send([503, [429, { 'retry-after': '2' }], 204]);
    expect([end.kind, requests.length, pauses]).toEqual(['mirrored', 3, [500, 2000]]);
    const gone = await send([502, [503, { 'retry-after': '999' }], 0, 200]);
    expect([gone.end.kind, gone.requests.length, gone.pauses]).toEqual(['down', 3, [500, 5000]]);
  });

  it.each([400, 401, 404, 409, 301])('asks once when the answer is %s', async (status) => {
    const { end, requests } = await send([[status, { location: '/elsewhere' }]]);
    expect(end).toEqual({ kind: 'rejected', reason: `the mirror answered ${status}` });
    expect(requests).toHaveLength(1);
  });

  it('that is not there is down', async () => {
    const mirror = createHttpMirror('http://127.0.0.1:1/', { delay: () => Promise.resolve() });
    expect((await mirror.send(job, signal)).kind).toBe('down');
    await expect(mirror.send(job, AbortSignal.abort())).rejects.toThrow();
  });

  it('takes no address that is none or carries a password', () => {
    for (const address of ['x', 'file:///etc/passwd', 'http://a:b@127.0.0.1/'])
      expect(() => createHttpMirror(address)).toThrow('mirror address');
  });
});
