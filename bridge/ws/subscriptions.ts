/** What one client is subscribed to, and since when. It sends nothing. */
import type { BridgeEvent } from '../contract/index.ts';
import { toChannels } from './channels.ts';

export class Subscriptions {
  /** Channel -> seq of the newest event when it was subscribed: older ones are no live events of it. */
  readonly #from: Map<string, number>;

  constructor(from: Iterable<readonly [channel: string, seq: number]> = []) {
    this.#from = new Map(from);
  }

  /** As it is now; later changes do not reach it. */
  copy(): Subscriptions {
    return new Subscriptions(this.#from);
  }

  get channels(): string[] {
    return [...this.#from.keys()];
  }

  get size(): number {
    return this.#from.size;
  }

  has(channel: string): boolean {
    return this.#from.has(channel);
  }

  /** A channel subscribed again keeps its place. */
  add(channel: string, seq: number): void {
    if (!this.#from.has(channel)) this.#from.set(channel, seq);
  }

  remove(channel: string): void {
    this.#from.delete(channel);
  }

  /** Whether the event reached any channel after that was subscribed. */
  covers(event: BridgeEvent): boolean {
    return toChannels(event).some((channel) => {
      const from = this.#from.get(channel);
      return from !== undefined && event.seq > from;
    });
  }
}
