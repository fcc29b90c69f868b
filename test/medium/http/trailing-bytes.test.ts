/** Bytes behind a request that make no second one: the request is answered by what became of it. */
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';

it('a request that is done is told so, also when what follows it on the connection is no HTTP', async () => {
  const daemon = await spawnDaemon();
  const talk = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(daemon.port, '127.0.0.1');
      socket.setEncoding('utf8').on('data', (part: string) => {
        answer += part;
      });
      socket.on('close', () => resolve(answer));
      socket.write(text);
    });
  const head = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost:${daemon.port}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const answered = await talk(`${head('/batch/recover', 0)}{}`);
  expect(answered.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  expect(answered).toContain('Batch recovery completed');
  // What is broken in the request itself is still said.
  const broken = await talk(
    `POST /batch/recover HTTP/1.1\r\nHost: localhost:${daemon.port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  );
  expect(broken.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
});
