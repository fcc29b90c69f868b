/** A WebSocket client that keeps all frames and lets a test wait for one. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

export type Frame = { type: string; seq?: number; [field: string]: unknown };

export class Client {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)));
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.closed = once(this.socket, 'close').then(([code]) => code as number);
  }

  static async open(port: number): Promise<Client> {
    const client = new Client(port);
    await client.next('connection_established');
    return client;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame that fits, from `from` on; waits for it. */
  async find(fits: (frame: Frame) => boolean, from = 0): Promise<Frame> {
    for (;;) {
      const found = this.frames.slice(from).find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  next(type: string, from = 0): Promise<Frame> {
    return this.find((frame) => frame.type === type, from);
  }

  /** Sends it and waits for the frame of that type that comes after. */
  async ask(frame: unknown, type: string): Promise<Frame> {
    const from = this.frames.length;
    this.send(frame);
    return this.next(type, from);
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  /** The raw socket, to stop and go on reading. */
  get raw(): Socket {
    return (this.socket as unknown as { _socket: Socket })._socket;
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}
