import { afterEach, describe, expect, it } from 'vitest';
import { parseRaw, sendRaw, startServer, stopServers } from './running.ts';

afterEach(stopServers);

const lines = (...more: string[]) => ['Connection: close', ...more, '', ''].join('\r\n');
const plain = 'content-type: text/plain; charset=utf-8';

async function refuse(target: string, ...headers: string[]) {
  const { port } = await startServer();
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : [`Host: 127.0.0.1:${port}`];
  const received = await sendRaw(port, `GET ${target} HTTP/1.1\r\n${lines(...host, ...headers)}`);
  return { ...parseRaw(received), body: received.split('\r\n\r\n')[1] ?? '' };
}

describe('a refusal of the guard', () => {
  it('is plain for who asks for it in the query or in Accept, with the status it has as JSON', async () => {
    for (const [target, ...headers] of [
      ['/health?format=plain', 'Origin: https://example.com'],
      ['/health', 'Origin: https://example.com', 'Accept: text/plain'],
    ] as const) {
      const { status, head, body } = await refuse(target, ...headers);
      expect(status).toBe(403);
      expect(head).toContain(plain);
      expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
      expect(body.split('\n').slice(1, 3)).toEqual(['code=forbidden_origin', 'status=403']);
      expect(body).toMatch(/^error=Origin "https:\/\/example\.com" is not allowed/);
    }
  });

  it('is JSON for everyone else, whatever format is asked for', async () => {
    for (const target of ['/health', '/health?format=xml', '/health?format=plain&format=plain']) {
      const { status, problem } = await refuse(target, 'Host: example.com');
      expect([status, problem.code]).toEqual([421, 'misdirected_host']);
    }
  });

  it('still refuses what a foreign page can send without being asked', async () => {
    const { port } = await startServer();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=b',
    ]) {
      const head = lines(`Host: 127.0.0.1:${port}`, `Content-Type: ${type}`, 'Content-Length: 17');
      const body = '{"photo_ids":[1]}';
      const received = await sendRaw(port, `POST /batch/start?format=plain HTTP/1.1\r\n${head}${body}`);
      expect(parseRaw(received)).toMatchObject({ status: 415, head: expect.stringContaining(plain) });
    }
  });
});
