/** Live events over `/ws` as an async iterator that reconnects and asks for what it missed. It changes nothing. */
import type { BridgeEvent, ServerFrame } from '../contract/index.ts';
import { type Connection, createConnection, type Frame, type WebSocketConstructor } from './socket.ts';
import { createPause, toRetryDelayMs } from './wait.ts';

export type EventsOptions = {
  /** Everything after this number first; absent: from now on. */
  since?: number | undefined;
  /** `batches`, `batch:<id>`, `photos`, `system`, `queue`. Default `['batches']`. */
  channels?: readonly string[] | undefined;
  /** Ends the iterator. */
  signal?: AbortSignal | undefined;
  /** Told when the daemon has confirmed the channels, and when the connection ends. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
};
/**
 * `batch_snapshot`: a batch as it is now, after subscribing or in place of skipped progress.
 * `resync`: events were missed for good; the snapshots before it tell what is now.
 */
export type LiveEvent = BridgeEvent | Extract<ServerFrame, { type: 'batch_snapshot' | 'resync' }>;

const controlFrames = new Set([
  'connection_established',
  'registration_confirmed',
  'subscription_confirmed',
  'unsubscription_confirmed',
  'pong',
]);

type Cursor = { since: number | undefined; failures: number };

/**
 * Ends only by `signal` or by leaving the loop. A daemon that is away is tried again, after 0.25 s up to 5 s.
 * Throws Error when the daemon refuses a channel.
 */
export async function* createEventStream(
  daemon: { url: string; token?: string | undefined },
  Socket: WebSocketConstructor,
  options: EventsOptions,
): AsyncGenerator<LiveEvent, void, void> {
  const { signal } = options;
  const cursor: Cursor = { since: options.since, failures: 0 };
  while (!signal?.aborted) {
    const connection = createConnection(toSocketUrl(daemon), Socket);
    const close = () => connection.close();
    signal?.addEventListener('abort', close, { once: true });
    try {
      yield* readConnection(connection, options, cursor);
    } finally {
      signal?.removeEventListener('abort', close);
      connection.close();
      options.onConnection?.(false);
    }
    await createPause(toRetryDelayMs(cursor.failures), signal);
    cursor.failures += 1;
  }
}

/** A browser's WebSocket sends no header of ours: there the token stands in the query. */
function toSocketUrl({ url, token }: { url: string; token?: string | undefined }): string {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  return `${url.replace(/^http/, 'ws')}/ws${query}`;
}

async function* readConnection(
  connection: Connection,
  options: EventsOptions,
  cursor: Cursor,
): AsyncGenerator<LiveEvent, void, void> {
  if (!(await isOpened(connection))) return;
  const channels = [...(options.channels ?? ['batches'])];
  const since = cursor.since === undefined ? {} : { since: cursor.since };
  connection.send({ type: 'subscribe', channels, ...since });
  for await (const frame of connection.frames()) {
    if (frame.type === 'error') throw new Error(`The daemon refused the subscription: ${toText(frame)}`);
    if (frame.type === 'subscription_confirmed') {
      cursor.failures = 0;
      options.onConnection?.(true);
    }
    if (frame.type === 'connection_established') cursor.since ??= frame.seq;
    if (controlFrames.has(frame.type)) continue;
    moveCursor(cursor, frame);
    yield frame as LiveEvent;
  }
}

/** A snapshot is no position: events before it may still follow. A resync is one, even if it is behind ours. */
function moveCursor(cursor: Cursor, { type, seq }: Frame): void {
  if (seq === undefined || type === 'batch_snapshot') return;
  cursor.since = type === 'resync' ? seq : Math.max(cursor.since ?? 0, seq);
}

async function isOpened(connection: Connection): Promise<boolean> {
  try {
    await connection.opened;
    return true;
  } catch {
    return false;
  }
}

function toText(frame: Frame): string {
  return typeof frame.error === 'string' ? frame.error : 'no reason given';
}
