import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ListingRecord, listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import {
  createHttpPoster,
  type HttpPosterOptions,
  retryAfterMs,
} from '../../../../bridge/operations/listings/http-poster.ts';
import { loadModulePoster } from '../../../../bridge/operations/listings/module-poster.ts';
import type { PostFault } from '../../../../bridge/operations/listings/poster.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'posters-')));
const record = Object.fromEntries(listingColumns.map((name) => [name, name])) as ListingRecord;
writeFileSync(join(folder, 'a.jpg'), Buffer.from([0xff, 0xd8, 0, 1]));
const images = [{ filename: 'a.jpg', path: join(folder, 'a.jpg'), type: 'image/jpeg' }];
const context = { signal: new AbortController().signal, idempotencyKey: 'b1-2-A' };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Answer = {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  cut?: boolean;
  hang?: boolean;
};
type Asked = { headers: IncomingHttpHeaders; body: Buffer };

/** A server that takes each request whole before it answers. */
async function serve(answers: Answer[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      asked.push({ headers: request.headers, body: Buffer.concat(pieces) });
      const { status = 200, headers = {}, body = '{"success":true}', cut, hang } = answers.shift() ?? {};
      if (cut) response.destroy();
      else if (!hang) response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ads`, asked };
}

async function post(answers: Answer[], options: HttpPosterOptions = {}) {
  const { url, asked } = await serve(answers);
  const pauses: number[] = [];
  const poster = createHttpPoster(url, { delay: (ms) => Promise.resolve(pauses.push(ms)), ...options });
  return { answer: await poster.postAd(record, images, context), asked, pauses };
}

describe('the HTTP poster', () => {
  it('posts JSON with the image in it', async () => {
    const body = '{"success":true,"message":"done","ad_url":"https://x.test/1"}';
    const { answer, asked } = await post([{ status: 201, body }], {
      headers: { authorization: 'Bearer secret' },
    });
    expect(answer).toEqual({ success: true, message: 'done', ad_url: 'https://x.test/1' });
    expect(asked[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'b1-2-A',
      authorization: 'Bearer secret',
    });
    const data = Buffer.from([0xff, 0xd8, 0, 1]).toString('base64');
    expect(JSON.parse(asked[0]!.body.toString())).toEqual({
      record,
      images: [{ filename: 'a.jpg', type: 'image/jpeg', data }],
    });
  });

  it('posts multipart with the image as a file', async () => {
    const { asked } = await post([{}], { format: 'multipart' });
    const { headers, body } = asked[0]!;
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    expect(JSON.parse(String(form.get('record')))).toEqual(record);
    const file = form.get('images') as File;
    expect([file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]]).toEqual([
      'a.jpg',
      'image/jpeg',
      [0xff, 0xd8, 0, 1],
    ]);
  });

  it('passes a refusal on, and takes only web addresses', async () => {
    const refused = '{"success":false,"message":"too dear","ad_url":"javascript:alert(1)"}';
    expect((await post([{ body: refused }])).answer).toEqual({ success: false, message: 'too dear' });
    expect((await post([{ status: 422, body: refused }])).answer).toEqual({
      success: false,
      message: 'too dear',
    });
  });

  it('tries again what was surely not taken: 429 and 503, with their Retry-After', async () => {
    const { answer, asked, pauses } = await post([
      { status: 503 },
      { status: 429, headers: { 'retry-after': '7' } },
      {},
    ]);
    expect([answer.success, pauses]).toEqual([true, [1000, 7000]]);
    expect(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const gone = await post([
      { status: 429, headers: { 'retry-after': '9999' }, body: '' },
      { status: 429, body: '' },
      { status: 429, body: '' },
    ]);
    expect([gone.answer.message, gone.asked.length, gone.pauses]).toEqual([
      'The poster answered 429',
      3,
      [30_000, 2000],
    ]);
  });

  it.each<[string, Answer, string, PostFault?]>([
    ['500', { status: 500, body: 'x' }, 'The poster answered 500', 'unreachable'],
    ['502', { status: 502, body: '' }, 'The poster answered 502', 'unreachable'],
    ['400', { status: 400, body: '' }, 'The poster answered 400'],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' }, body: '' }, 'The poster answered 307'],
    [
      'a broken connection',
      { cut: true },
      'The connection broke; the ad may have been posted',
      'unconfirmed',
    ],
    ['no JSON', { body: 'ok' }, 'The poster answered no {success, message}'],
    [
      'an endless answer',
      { body: `"${'x'.repeat(2_000_000)}"` },
      'The poster answered no {success, message}',
    ],
  ])('never posts twice after %s', async (_, answer, message, fault) => {
    const end = await post([answer]);
    expect(end.answer).toEqual({ success: false, message, ...(fault && { fault }) });
    expect(end.asked).toHaveLength(1);
  });

  it('gives up in time, and on request', async () => {
    const late = await post([{ hang: true }], { timeoutMs: 30 });
    expect(late.answer).toEqual({
      success: false,
      message: 'No answer in time; the ad may have been posted',
      fault: 'unconfirmed',
    });
    const { url, asked } = await serve([{ hang: true }]);
    const control = new AbortController();
    const posting = createHttpPoster(url).postAd(record, images, { ...context, signal: control.signal });
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    control.abort();
    await expect(posting).rejects.toThrow();
  });

  it('tries again where nobody listens, and says so in the end', async () => {
    const { url } = await serve([]);
    for (const close of closers.splice(0)) await close();
    const pauses: number[] = [];
    const poster = createHttpPoster(url, { delay: (ms) => Promise.resolve(pauses.push(ms)), attempts: 3 });
    const answer = await poster.postAd(record, images, context);
    expect(answer).toEqual({
      success: false,
      message: 'No connection (ECONNREFUSED)',
      fault: 'unreachable',
    });
    expect(pauses).toEqual([1000, 2000]);
  });

  it('takes no address that is none or carries a password, and reads both forms of Retry-After', () => {
    for (const address of ['x', 'ftp://a', 'http://a:b@127.0.0.1/'])
      expect(() => createHttpPoster(address)).toThrow('poster address');
    expect([retryAfterMs('3'), retryAfterMs('x'), retryAfterMs(null)]).toEqual([3000, null, null]);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
  });
});

describe('the module poster', () => {
  const load = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return loadModulePoster(join(folder, name));
  };
  const answer =
    '{ success: true, message: [record.title, images.length, context.idempotencyKey].join(" ") }';

  it.each([
    ['named.mjs', `export async function postAd(record, images, context) { return ${answer} }`],
    ['default.mjs', `export default (record, images, context) => (${answer})`],
    [
      'member.mjs',
      `export default { word: 1, postAd(record, images, context) { if (this.word !== 1) throw 1; return ${answer} } }`,
    ],
    [
      'typed.mts',
      `export async function postAd(record: { title: string }, images: unknown[], context: any): Promise<unknown> { return ${answer} }`,
    ],
  ])('is a file that exports postAd: %s', async (name, text) => {
    const poster = await load(name, text);
    expect(await poster.postAd(record, images, context)).toEqual({
      success: true,
      message: 'title 1 b1-2-A',
    });
  });

  it('answers in the shape of the port, or its row fails', async () => {
    const poster = await load('wrong.mjs', 'export const postAd = () => "yes"');
    await expect(poster.postAd(record, images, context)).rejects.toThrow('{success, message}');
  });

  it.each([
    ['nothing.mjs', 'export const other = 1', 'exports no function postAd'],
    ['broken.mjs', 'export const postAd = (', 'cannot be loaded'],
    ['throws.mjs', 'throw new Error("at start")', 'at start'],
    ['text.txt', '', 'must be a file in'],
  ])('is refused: %s', async (name, text, reason) => {
    await expect(load(name, text)).rejects.toThrow(reason);
  });

  it('needs an absolute path to a file that is there', async () => {
    await expect(loadModulePoster('a.mjs')).rejects.toThrow('absolute');
    await expect(loadModulePoster(join(folder, 'none.mjs'))).rejects.toThrow('does not exist');
  });
});
