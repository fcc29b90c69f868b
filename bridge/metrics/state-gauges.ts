/** What is now: batches, queue, holds, limit, render host, WebSocket clients. Read when somebody asks, never kept. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { type BatchStatus, batchStatuses } from '../contract/index.ts';
import type { MetricSources } from './api.ts';

/** Of a list at a time; it is what the list answers at most. */
const PAGE = 1000;
const active: readonly BatchStatus[] = ['running', 'paused', 'pending'];
/** `client`: of any client, whatever its name. */
const holdOwners = [
  'user',
  'cpu',
  'memory',
  'storage',
  'battery',
  'schedule',
  'dependency',
  'safe_mode',
  'executor',
  'client',
];

export function addStateGauges(registry: Registry, sources: MetricSources): void {
  addBatchGauges(registry, sources);
  addLimitGauges(registry, sources);
  addHostMetrics(registry, sources);
  addSocketMetrics(registry, sources);
}

function addBatchGauges(registry: Registry, { batches }: MetricSources): void {
  const registers = [registry];
  // The first one registered is read first: it reads the batches for the others, too.
  new Gauge({
    name: 'photo_bridge_batches',
    help: 'Batches that are kept, by status.',
    labelNames: ['status'],
    registers,
    collect() {
      const sums = sumUp(batches);
      photos.set(sums.inFlight);
      for (const [status, count] of sums.pending) waiting.set({ status }, count);
      for (const [owner, count] of sums.holds) held.set({ owner }, count);
      for (const status of batchStatuses) this.set({ status }, batches.list({ status, limit: 1 }).count);
    },
  });
  const photos = new Gauge({
    name: 'photo_bridge_photos_in_flight',
    help: 'Photos that are being worked on.',
    registers,
  });
  const held = new Gauge({
    name: 'photo_bridge_batches_held',
    help: 'Batches held back, by whose hold it is; one may have several.',
    labelNames: ['owner'],
    registers,
  });
  const waiting = new Gauge({
    name: 'photo_bridge_photos_pending',
    help: 'Photos that wait, by the status of their batch.',
    labelNames: ['status'],
    registers,
  });
}

type Sums = { inFlight: number; pending: Map<BatchStatus, number>; holds: Map<string, number> };

function sumUp(batches: MetricSources['batches']): Sums {
  const sums: Sums = {
    inFlight: 0,
    pending: new Map(active.map((status) => [status, 0])),
    holds: new Map(holdOwners.map((owner) => [owner, 0])),
  };
  for (const status of active) {
    for (let cursor: string | undefined; ; ) {
      const page = batches.list({ status, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const batch of page.batches) {
        sums.inFlight += batch.in_flight_count;
        sums.pending.set(status, (sums.pending.get(status) ?? 0) + batch.pending_count);
        const owners = new Set(
          batch.holds.map(({ owner }) => (owner.startsWith('client:') ? 'client' : owner)),
        );
        for (const owner of owners) sums.holds.set(owner, (sums.holds.get(owner) ?? 0) + 1);
      }
      cursor = page.next_cursor;
      if (cursor === undefined) break;
    }
  }
  return sums;
}

function addLimitGauges(registry: Registry, { limiter, isReadOnly }: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number) => addGauge(registry, { name, help, read });
  gauge('photo_bridge_limit', 'Photos that may be worked on at a time now.', () => limiter.limit);
  gauge('photo_bridge_capacity', 'Photos that could be worked on at a time.', () => limiter.capacity);
  gauge('photo_bridge_read_only', '1 while the journal cannot be written to.', () => Number(isReadOnly()));
}

function addHostMetrics(registry: Registry, { host }: MetricSources): void {
  addGauge(registry, {
    name: 'photo_bridge_host_resident_memory_bytes',
    help: 'Resident memory of the render hosts; 0 while none runs.',
    read: () => host.hostRssBytes() ?? 0,
  });
  addCounter(registry, {
    name: 'photo_bridge_host_starts_total',
    help: 'Render hosts that were started.',
    read: () => host.starts,
  });
  addCounter(registry, {
    name: 'photo_bridge_host_deaths_total',
    help: 'Render hosts that died, or were killed for a deadline.',
    read: () => host.restarts,
  });
}

function addSocketMetrics(registry: Registry, { sockets }: MetricSources): void {
  addGauge(registry, {
    name: 'photo_bridge_websocket_clients',
    help: 'WebSocket clients that are connected.',
    read: () => sockets.size,
  });
  const dropped = new Counter({
    name: 'photo_bridge_websocket_clients_dropped_total',
    help: 'WebSocket clients that were cut off: slow ones that did not read, silent ones that did not answer a ping.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      dropped.reset();
      dropped.inc({ reason: 'slow' }, sockets.dropped.slow);
      dropped.inc({ reason: 'silent' }, sockets.dropped.silent);
    },
  });
}

type Reading = { name: string; help: string; read: () => number };

export function addGauge(registry: Registry, { name, help, read }: Reading): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** Of something that counts by itself and only grows. */
export function addCounter(registry: Registry, { name, help, read }: Reading): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
