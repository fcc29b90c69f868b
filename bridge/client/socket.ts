/** One WebSocket connection as an async queue of frames. It never reconnects. */
import type { ClientFrame } from '../contract/index.ts';

export type WebSocketConstructor = new (url: string) => WebSocketLike;
/** The part of the standard WebSocket that is used; Node's and every browser's fits. */
export type WebSocketLike = {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { data?: unknown }) => void,
  ): void;
};

export type Frame = { type: string; seq?: number; [field: string]: unknown };
export type Connection = {
  /** Resolves when open; rejects when the daemon cannot be reached or refuses. */
  opened: Promise<void>;
  send(frame: ClientFrame): void;
  /** Ends when the connection does. */
  frames(): AsyncGenerator<Frame, void, void>;
  close(): void;
};

export function createConnection(url: string, Socket: WebSocketConstructor): Connection {
  const socket = new Socket(url);
  const queue: Frame[] = [];
  let closed = false;
  let wake: () => void = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('The WebSocket could not be opened')));
    socket.addEventListener('close', () => {
      closed = true;
      wake();
      reject(new Error('The WebSocket was closed'));
    });
  });
  opened.catch(() => undefined);
  socket.addEventListener('message', ({ data }) => {
    const frame = parseFrame(data);
    if (frame === null) return;
    queue.push(frame);
    wake();
  });

  async function* frames(): AsyncGenerator<Frame, void, void> {
    while (true) {
      const frame = queue.shift();
      if (frame !== undefined) yield frame;
      else if (closed) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  function close(): void {
    closed = true;
    wake();
    socket.close();
  }

  return { opened, send: (frame) => socket.send(JSON.stringify(frame)), frames, close };
}

function parseFrame(data: unknown): Frame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && typeof frame.type === 'string'
      ? (frame as Frame)
      : null;
  } catch {
    return null;
  }
}
