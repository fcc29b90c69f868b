/**
 * A WebSocket client that only looks for the moment an event was published: thousands of them fit beside the server they
 * measure, where real clients would be what is measured.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export type LeanReader = {
  /** Milliseconds from publishing to here, of each event since it was last emptied. */
  delays: number[];
  received: number;
  /** Stops reading: the server's writes fill the buffers and wait. */
  pause(): void;
  close(): void;
};

const MARK = '/sent/';
const HANDSHAKE = [
  'GET /ws HTTP/1.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** An unasked pong, empty and masked: the server asks every twenty seconds who is still there. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 5000;

/** Resolves when it has subscribed to `channel`. */
export async function openLeanReader(port: number, channel: string): Promise<LeanReader> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(`${[...HANDSHAKE, `Host: 127.0.0.1:${port}`].join('\r\n')}\r\n\r\n`);
  const alive = setInterval(() => socket.write(PONG), PONG_MS).unref();
  const reader: LeanReader = {
    delays: [],
    received: 0,
    pause: () => socket.pause(),
    close: () => {
      clearInterval(alive);
      socket.destroy();
    },
  };
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1'));
  // What ends a piece may be the beginning of a mark or of its number.
  let rest = '';
  const subscribed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (data) => {
      const now = performance.timeOrigin + performance.now();
      const text = rest + data.toString('latin1');
      if (reader.received === 0 && text.includes('subscription_confirmed')) resolve();
      rest = takeMarks(text, (sent) => {
        reader.received += 1;
        reader.delays.push(now - sent);
      });
    });
  });
  socket.write(toFrame(JSON.stringify({ type: 'subscribe', channels: [channel] })));
  await subscribed;
  return reader;
}

/** Answers the end of the text that may hold half a mark. */
function takeMarks(text: string, found: (sent: number) => void): string {
  let from = 0;
  for (;;) {
    const at = text.indexOf(MARK, from);
    if (at === -1) return text.slice(Math.max(from, text.length - MARK.length));
    const end = text.indexOf('/', at + MARK.length);
    if (end === -1) return text.slice(at);
    found(Number(text.slice(at + MARK.length, end)));
    from = end + 1;
  }
}

/** A masked text frame (RFC 6455, 5.2) with a mask of zeroes, of a text shorter than 126 bytes. */
function toFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
