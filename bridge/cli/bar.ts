/** One batch as one line: the live bar, the plain change line, the closing line. Pure. */
import type { BatchStatusObject } from '../client/index.ts';
import type { Paint } from './terminal.ts';
import { toCount, toDuration } from './wording.ts';

const MIN_BAR = 10;
const MAX_BAR = 40;

/** Never wider than `columns`: the words go before the bar does. */
export function renderBar(batch: BatchStatusObject, columns: number, paint: Paint): string {
  const percent = `${batch.progress_percent.toFixed(1).padStart(5)} %`;
  const settled = batch.processed_count + batch.failed_count;
  const words = [`${settled}/${batch.total_photos}`, ...toWords(batch)];
  const room = columns - 1 - percent.length - 2;
  while (words.length > 1 && room - words.join('  ').length - 1 < MIN_BAR) words.pop();
  const width = Math.max(1, Math.min(MAX_BAR, room - words.join('  ').length - 1));
  return `${renderBlocks(batch, width, paint)} ${percent}  ${words.join('  ')}`;
}

function renderBlocks(batch: BatchStatusObject, width: number, paint: Paint): string {
  const total = Math.max(1, batch.total_photos);
  const share = (count: number) => Math.floor((width * count) / total);
  const filled = share(batch.processed_count + batch.failed_count);
  const failed = batch.failed_count === 0 ? 0 : Math.max(Math.min(1, filled), share(batch.failed_count));
  const done = '█'.repeat(filled - failed);
  return (
    paint('green', done) +
    (failed === 0 ? '' : paint('red', '█'.repeat(failed))) +
    paint('dim', '░'.repeat(width - filled))
  );
}

/** Most important first. */
function toWords(batch: BatchStatusObject): string[] {
  const words: string[] = [];
  if (batch.status !== 'running') words.push(toStateWords(batch));
  if (batch.failed_count > 0) words.push(`${batch.failed_count} failed`);
  const hold = batch.holds.find(({ owner }) => owner !== 'user');
  if (batch.status === 'running' && hold) words.push(`held: ${hold.reason}`);
  if (batch.status === 'running') words.push(...toPaceWords(batch));
  return words;
}

function toStateWords(batch: BatchStatusObject): string {
  return batch.status === 'paused' && batch.in_flight_count > 0
    ? `paused (${batch.in_flight_count} in flight finish)`
    : batch.status;
}

function toPaceWords(batch: BatchStatusObject): string[] {
  const words: string[] = [];
  if (batch.eta_seconds !== null) words.push(`${toDuration(batch.eta_seconds)} left`);
  if (batch.photos_per_minute !== null) words.push(`${Math.round(batch.photos_per_minute)}/min`);
  // A hold that says the same is shown already.
  if (batch.backoff && batch.holds.every(({ reason }) => reason !== batch.backoff?.reason))
    words.push(`${batch.backoff.limit} of ${batch.backoff.capacity}: ${batch.backoff.reason}`);
  return words;
}

/** One line without a bar, for logs and pipes. */
export function renderLine(batch: BatchStatusObject): string {
  const settled = batch.processed_count + batch.failed_count;
  const state = batch.status === 'running' ? ['running'] : [];
  const words = [
    ...state,
    `${settled}/${batch.total_photos}`,
    `${batch.progress_percent} %`,
    ...toWords(batch),
  ];
  return `${batch.batch_id}  ${words.join('  ')}`;
}

/** Whether a reader of plain lines would miss something if `next` were left out. */
export function isNews(previous: BatchStatusObject | null, next: BatchStatusObject): boolean {
  return previous === null || toNewsKey(previous) !== toNewsKey(next);
}

function toNewsKey(batch: BatchStatusObject): string {
  const holds = batch.holds.map(({ owner, reason }) => `${owner}:${reason}`);
  return JSON.stringify([batch.status, batch.processed_count, batch.failed_count, holds]);
}

export function renderClosing(batch: BatchStatusObject): string {
  const parts = [`${toCount(batch.processed_count, 'photo')} processed`];
  if (batch.skipped_count > 0) parts.push(`${batch.skipped_count} of them skipped`);
  if (batch.failed_count > 0) parts.push(`${batch.failed_count} failed (${toCodes(batch)})`);
  if (batch.pending_count > 0) parts.push(`${batch.pending_count} not done`);
  if (batch.warnings_count > 0) parts.push(toCount(batch.warnings_count, 'warning'));
  const reason = batch.error === undefined ? '' : `: ${batch.error}`;
  return `${batch.batch_id} ${batch.status}${reason}. ${parts.join(', ')}.`;
}

function toCodes(batch: BatchStatusObject): string {
  return Object.entries(batch.failure_codes)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ');
}
