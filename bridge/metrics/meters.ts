/** What has happened: counters and histograms, fed by events and by small reports of the adapters. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { type BridgeEvent, failureCodes } from '../contract/index.ts';
import type { Meters } from './api.ts';

export type MeterSet = Meters & { onEvent(event: BridgeEvent): void };

const outcomes = ['processed', 'skipped', 'failed'] as const;
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const photoSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const diskSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const answerSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

export function createMeters(registry: Registry): MeterSet {
  const { onPhoto } = createPhotoMeters(registry);
  const disk = createDiskMeters(registry);
  const answers = new Histogram({
    name: 'photo_bridge_http_request_duration_seconds',
    help: 'Time to the end of an answer, by route; long polls wait on purpose. Route "none": no route, or refused before.',
    labelNames: ['method', 'route', 'status'],
    buckets: answerSeconds,
    registers: [registry],
  });
  const ends = new Counter({
    name: 'photo_bridge_batches_ended_total',
    help: 'Batches that ended since the daemon started, by how.',
    labelNames: ['status'],
    registers: [registry],
  });
  for (const status of ['completed', 'failed', 'cancelled']) ends.inc({ status }, 0);
  return {
    ...disk,
    onAnswered({ method, route, status, milliseconds }) {
      const labels = { method: methods.has(method) ? method : 'other', route: route ?? 'none', status };
      answers.observe(labels, milliseconds / 1000);
    },
    onEvent(event) {
      if (event.type === 'photos_settled') for (const photo of event.photos) onPhoto(photo);
      else if (event.type === 'batch_completed') ends.inc({ status: 'completed' });
      else if (event.type === 'batch_failed') ends.inc({ status: 'failed' });
      else if (event.type === 'batch_cancelled') ends.inc({ status: 'cancelled' });
    },
  };
}

type SettledPhoto = Extract<BridgeEvent, { type: 'photos_settled' }>['photos'][number];

function createPhotoMeters(registry: Registry): { onPhoto(photo: SettledPhoto): void } {
  const registers = [registry];
  const photos = new Counter({
    name: 'photo_bridge_photos_total',
    help: 'Photos that were settled since the daemon started, by outcome; one that is tried again counts again.',
    labelNames: ['outcome'],
    registers,
  });
  const failures = new Counter({
    name: 'photo_bridge_photo_failures_total',
    help: 'Photos that failed since the daemon started, by failure code.',
    labelNames: ['code'],
    registers,
  });
  const durations = new Histogram({
    name: 'photo_bridge_photo_duration_seconds',
    help: 'Time of the last attempt of each settled photo, by outcome.',
    labelNames: ['outcome'],
    buckets: photoSeconds,
    registers,
  });
  for (const outcome of outcomes) photos.inc({ outcome }, 0);
  for (const code of failureCodes) failures.inc({ code }, 0);
  return {
    onPhoto({ status, failure, duration_ms }) {
      const outcome = outcomes.find((known) => known === status);
      if (outcome === undefined) return;
      photos.inc({ outcome });
      if (failure !== undefined) failures.inc({ code: failure.code });
      if (typeof duration_ms === 'number') durations.observe({ outcome }, duration_ms / 1000);
    },
  };
}

function createDiskMeters(registry: Registry): Pick<Meters, 'onJournalWrite' | 'onSnapshotSaved'> {
  const registers = [registry];
  const records = new Counter({
    name: 'photo_bridge_journal_records_total',
    help: 'Records that are durable in the journal.',
    registers,
  });
  const writes = new Histogram({
    name: 'photo_bridge_journal_write_duration_seconds',
    help: 'Time to write a group of records to the journal and to sync it.',
    buckets: diskSeconds,
    registers,
  });
  const snapshots = new Histogram({
    name: 'photo_bridge_snapshot_write_duration_seconds',
    help: 'Time to write the state file of a batch.',
    buckets: diskSeconds,
    registers,
  });
  return {
    onJournalWrite({ records: count, milliseconds }) {
      records.inc(count);
      writes.observe(milliseconds / 1000);
    },
    onSnapshotSaved: (milliseconds) => snapshots.observe(milliseconds / 1000),
  };
}
