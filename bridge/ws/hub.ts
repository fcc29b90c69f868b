/** Brings each event to the feeds of its channels, with one buffer for all of them. It knows no sockets. */
import type { EventApi } from '../events/api.ts';
import { toChannels } from './channels.ts';
import type { Feed } from './feed.ts';

export type Hub = {
  join(channel: string, feed: Feed): void;
  leave(channels: Iterable<string>, feed: Feed): void;
  close(): void;
};

export function createHub(events: EventApi): Hub {
  const readers = new Map<string, Set<Feed>>();
  const stop = events.subscribe((logged) => {
    let frame: Buffer | null = null;
    for (const channel of toChannels(logged.event)) {
      for (const feed of readers.get(channel) ?? []) {
        frame ??= Buffer.from(logged.frame);
        feed.offer(logged, frame);
      }
    }
  });

  return {
    join(channel, feed) {
      const feeds = readers.get(channel) ?? new Set();
      readers.set(channel, feeds.add(feed));
    },
    leave(channels, feed) {
      for (const channel of channels) {
        const feeds = readers.get(channel);
        feeds?.delete(feed);
        if (feeds?.size === 0) readers.delete(channel);
      }
    },
    close: stop,
  };
}
