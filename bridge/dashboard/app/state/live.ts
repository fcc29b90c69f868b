/** Keeps what the page knows of the daemon current: lists over HTTP, changes over the WebSocket. It counts nothing itself. */
import type { BatchStatusObject, BridgeClient, HealthAnswer, LiveEvent } from '../../../client/index.ts';
import { type BatchMap, mergeList, mergeStatus, toOrder } from './batch-map.ts';
import { addRates, type RateLine } from './rates.ts';
import { createStore } from './store.ts';

export type Limit = { limit: number; capacity: number; state: string; reason: string | null };
export type LiveState = {
  link: 'connecting' | 'live' | 'lost';
  batches: BatchMap;
  /** Ids, newest first. */
  order: readonly string[];
  isLoaded: boolean;
  /** Of the list's next page. */
  nextCursor: string | null;
  limit: Limit | null;
  health: HealthAnswer | null;
  /** Grows when a preset changed. */
  presetsVersion: number;
  /** Grows when a setting changed. */
  settingsVersion: number;
  rates: readonly RateLine[];
};

const PAGE = 100;
const GATHER_MS = 300;
const RATE_MS = 2000;

export type Live = ReturnType<typeof createLive>;

export function createLive(client: BridgeClient) {
  const store = createStore<LiveState>({
    link: 'connecting',
    batches: new Map(),
    order: [],
    isLoaded: false,
    nextCursor: null,
    limit: null,
    health: null,
    presetsVersion: 0,
    settingsVersion: 0,
    rates: [],
  });
  let due: ReturnType<typeof setTimeout> | null = null;

  function setBatches(batches: BatchMap, more: Partial<LiveState> = {}): void {
    store.set({ batches, order: toOrder(batches), ...more });
  }

  async function refresh(): Promise<void> {
    const before = store.get().batches;
    const [list, resources, health] = await Promise.all([
      client.batches.list({ limit: PAGE }),
      client.resources(),
      client.health(),
    ]);
    const now = store.get().batches;
    const { limit, capacity, state, reason } = resources;
    setBatches(mergeList({ before, now, listed: list.batches, isWhole: list.next_cursor == null }), {
      isLoaded: true,
      nextCursor: list.next_cursor ?? null,
      limit: { limit, capacity, state, reason },
      health,
    });
  }

  /** Soon, and once for all that ask for it meanwhile. What fails here is told by the connection. */
  function refreshSoon(): void {
    if (due !== null) return;
    due = setTimeout(() => {
      due = null;
      refresh().catch(() => undefined);
    }, GATHER_MS);
  }

  function apply(event: LiveEvent): void {
    switch (event.type) {
      case 'resync':
      case 'hold_placed':
      case 'hold_lifted':
        refreshSoon();
        return;
      case 'limit_changed': {
        const { limit, capacity, state, reason } = event;
        store.set({ limit: { limit, capacity, state, reason: limit < capacity ? reason : null } });
        refreshSoon();
        return;
      }
      case 'preset_changed':
        store.set({ presetsVersion: store.get().presetsVersion + 1 });
        return;
      case 'settings_changed':
        store.set({ settingsVersion: store.get().settingsVersion + 1 });
        return;
      case 'batch_cleaned': {
        setBatches(new Map([...store.get().batches].filter(([id]) => id !== event.batch_id)));
        return;
      }
      default:
        if ('status' in event) setBatches(mergeStatus(store.get().batches, toStatus(event)));
    }
  }

  return {
    store,
    refreshSoon,
    /** Follows the daemon until the page is left. */
    async start(): Promise<void> {
      setInterval(() => store.set({ rates: addRates(store.get(), Date.now()) }), RATE_MS);
      refresh().catch(() => undefined);
      const onConnection = (isOpen: boolean) => {
        store.set({ link: isOpen ? 'live' : 'lost' });
        if (isOpen) refreshSoon();
      };
      const channels = ['batches', 'system', 'queue'];
      for await (const event of client.events({ channels, onConnection })) apply(event);
    },
    /** The next page of the list. */
    async more(): Promise<void> {
      const { nextCursor, batches: before } = store.get();
      if (nextCursor === null) return;
      const list = await client.batches.list({ limit: PAGE, cursor: nextCursor });
      let batches = store.get().batches;
      for (const status of list.batches) batches = mergeStatus(batches, status, before);
      setBatches(batches, { nextCursor: list.next_cursor ?? null });
    },
    /** A batch that is not on the pages read so far. Rejects when there is none. */
    async fetch(batchId: string): Promise<void> {
      const before = store.get().batches;
      const status = await client.batches.status(batchId);
      setBatches(mergeStatus(store.get().batches, status, before));
    },
  };
}

type StatusEvent = Extract<LiveEvent, { status: unknown }>;

/** The status object of an event, as received. */
function toStatus(event: StatusEvent): BatchStatusObject {
  const { type: _type, timestamp: _timestamp, ...status } = event;
  return status;
}
