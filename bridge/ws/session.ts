/** One client of `/ws`: its frames, its subscriptions, its pace, its end. It changes no batch. */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type ClientFrame, MAX_CHANNELS, type ServerFrame } from '../contract/index.ts';
import type { EventApi } from '../events/api.ts';
import { isFixedChannel, toBatchOfChannel, toChannels } from './channels.ts';
import { type ParsedFrame, parseClientFrame } from './client-frame.ts';
import { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import { readStatus, type StatusReader, toSnapshotFrame, toSnapshotFrames } from './snapshots.ts';
import { Subscriptions } from './subscriptions.ts';

/** Close code of a client that does not read. */
export const TOO_SLOW = 4008;
const MAX_REPLAYS = 16;

export type SessionOptions = {
  socket: WebSocket;
  hub: Hub;
  events: EventApi;
  batches: StatusReader;
  /** Bytes; read each time. */
  maxBuffered(): number;
  maxMessage(): number;
  /** Milliseconds a client may stay behind without reading. */
  patienceMs: number;
  onTooSlow(): void;
};

export class Session {
  readonly #options: SessionOptions;
  readonly #id = `client_${randomBytes(6).toString('hex')}`;
  readonly #subscriptions = new Subscriptions();
  readonly #feed: Feed;
  #patience: NodeJS.Timeout | null = null;
  /** Answered the last server ping. */
  #alive = true;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, events, batches, maxBuffered } = options;
    this.#feed = new Feed({
      events,
      outlet: {
        get buffered() {
          return socket.bufferedAmount;
        },
        send: (frame) => this.#write(frame),
      },
      subscriptions: this.#subscriptions,
      maxBuffered,
      snapshotOf: (batchId) => {
        const status = readStatus(batches, batchId);
        return status === null ? null : toSnapshotFrame(status);
      },
      snapshots: () => toSnapshotFrames(batches, this.#subscriptions.channels),
      onPace: (behind) => (behind ? this.#setPatience(true) : this.#settlePace()),
    });
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('close', () => this.#end());
    // `close` follows.
    socket.on('error', () => undefined);
    this.#send({
      type: 'connection_established',
      client_id: this.#id,
      server_time: new Date().toISOString(),
      seq: events.seq,
    });
  }

  /**
   * Pings, or ends a client that did not answer the last ping: then it answers false. One that is behind has its patience
   * instead.
   */
  beat(): boolean {
    const { socket } = this.#options;
    if (this.#patience !== null) return true;
    if (!this.#alive) {
      socket.terminate();
      return false;
    }
    this.#alive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
    return true;
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const { socket, maxBuffered, maxMessage } = this.#options;
    const parsed = toParsed(data, { isBinary, maxMessage: maxMessage() });
    if (parsed.ok) this.#handle(parsed.frame);
    else this.#refuse(parsed.error);
    // Who does not read gets no more answers to ask for.
    if (socket.readyState === socket.OPEN && socket.bufferedAmount > maxBuffered()) {
      socket.pause();
      this.#setPatience(true);
    }
  }

  #handle(frame: ClientFrame): void {
    switch (frame.type) {
      case 'ping':
        this.#send({ type: 'pong', timestamp: new Date().toISOString() });
        return;
      case 'register':
        this.#send({
          type: 'registration_confirmed',
          client_id: this.#id,
          client_type: frame.client_type ?? null,
          client_name: frame.client_name ?? null,
          timestamp: new Date().toISOString(),
        });
        return;
      case 'subscribe':
        this.#subscribe([...new Set(frame.channels)], frame.since);
        return;
      case 'unsubscribe':
        this.#unsubscribe([...new Set(frame.channels)]);
    }
  }

  /** Known channels are subscribed, unknown ones refused by name. Nothing is published while this runs: no gap. */
  #subscribe(channels: string[], since: number | undefined): void {
    const known = channels.filter((channel) => this.#isKnown(channel));
    const unknown = channels.filter((channel) => !known.includes(channel));
    if (unknown.length > 0) this.#refuse(`unknown channel: ${unknown.join(', ')}`, unknown);
    if (known.length === 0) return;
    const added = known.filter((channel) => !this.#subscriptions.has(channel));
    if (this.#subscriptions.size + added.length > MAX_CHANNELS) {
      this.#refuse(`a client may have ${MAX_CHANNELS} channels at most`);
      return;
    }
    if (this.#feed.replays >= MAX_REPLAYS) {
      this.#refuse('too many subscriptions are still being caught up; read first');
      return;
    }
    const before = this.#subscriptions.copy();
    this.#join(added);
    this.#send({ type: 'subscription_confirmed', channels: known });
    for (const frame of toSnapshotFrames(this.#options.batches, known)) this.#write(frame);
    if (since === undefined) return;
    const replayed = new Set(known);
    this.#feed.replay(
      since,
      (event) => toChannels(event).some((channel) => replayed.has(channel)) && !before.covers(event),
    );
  }

  #join(channels: readonly string[]): void {
    const { hub, events } = this.#options;
    this.#feed.settle();
    for (const channel of channels) {
      this.#subscriptions.add(channel, events.seq);
      hub.join(channel, this.#feed);
    }
  }

  #unsubscribe(channels: string[]): void {
    const held = channels.filter((channel) => this.#subscriptions.has(channel));
    const unknown = channels.filter((channel) => !held.includes(channel) && !this.#isKnown(channel));
    if (unknown.length > 0) this.#refuse(`unknown channel: ${unknown.join(', ')}`, unknown);
    for (const channel of held) this.#subscriptions.remove(channel);
    this.#options.hub.leave(held, this.#feed);
    const confirmed = channels.filter((channel) => !unknown.includes(channel));
    if (confirmed.length > 0) this.#send({ type: 'unsubscription_confirmed', channels: confirmed });
  }

  #isKnown(channel: string): boolean {
    if (isFixedChannel(channel)) return true;
    const batchId = toBatchOfChannel(channel);
    return batchId !== null && readStatus(this.#options.batches, batchId) !== null;
  }

  #refuse(error: string, channels?: string[]): void {
    const extra = channels === undefined ? {} : { channels };
    this.#send({ type: 'error', error, timestamp: new Date().toISOString(), ...extra });
  }

  #send(frame: ServerFrame): void {
    this.#write(JSON.stringify(frame));
  }

  #write(frame: string | Buffer): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.send(frame, { binary: false }, this.#onWritten);
  }

  /** Half of the limit is the mark, so that each catching up sends a good piece. */
  readonly #onWritten = (): void => {
    const { socket, maxBuffered } = this.#options;
    if (this.#patience === null || socket.bufferedAmount > maxBuffered() / 2) return;
    this.#setPatience(true);
    this.#feed.drain();
    this.#settlePace();
  };

  /** Ends the wait for a client that has caught up, and listens to it again. */
  #settlePace(): void {
    const { socket, maxBuffered } = this.#options;
    if (this.#feed.behind || socket.bufferedAmount > maxBuffered()) return;
    if (socket.isPaused) socket.resume();
    this.#setPatience(false);
  }

  /** Starts the wait for a client that must read anew, or ends it. */
  #setPatience(isWaiting: boolean): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
    if (!isWaiting) return;
    const { socket, patienceMs, onTooSlow } = this.#options;
    this.#patience = setTimeout(() => {
      onTooSlow();
      socket.close(TOO_SLOW, 'too slow: messages were not read (setting limits.ws_patience_s)');
      socket.resume();
    }, patienceMs);
    this.#patience.unref();
  }

  #end(): void {
    this.#setPatience(false);
    this.#options.hub.leave(this.#subscriptions.channels, this.#feed);
  }
}

function toParsed(
  data: Buffer,
  { isBinary, maxMessage }: { isBinary: boolean; maxMessage: number },
): ParsedFrame {
  if (isBinary) return { ok: false, error: 'messages must be text, not binary' };
  if (data.length > maxMessage) {
    return {
      ok: false,
      error: `the message is larger than ${maxMessage} bytes (setting limits.ws_message_kb)`,
    };
  }
  return parseClientFrame(data.toString());
}
