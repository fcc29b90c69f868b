/** Batches as lines: the live bar, the bars of several, the plain change line, the closing line. Pure. */
import type { BatchStatusObject } from '../client/index.ts';
import { toEtaRange } from '../contract/index.ts';
import type { Paint } from './terminal.ts';
import { fitEnd, padTo, toPrintable, widthOf } from './text-width.ts';
import { toCount, toItemCount } from './wording.ts';

const MIN_BAR = 10;
const MAX_BAR = 40;
const MAX_BAR_OF_MANY = 24;
/** Less is no bar. */
const LEAST_BAR = 4;
const NARROW = 64;

/** Never wider than `columns` less one: the words go before the bar does. */
export function renderBar(batch: BatchStatusObject, columns: number, paint: Paint): string {
  const percent = toPercent(batch);
  const words = [toCounts(batch), ...toWords(batch)];
  const room = columns - 1 - percent.length - 2;
  while (words.length > 1 && room - widthOf(words.join('  ')) - 1 < MIN_BAR) words.pop();
  const width = Math.max(1, Math.min(MAX_BAR, room - widthOf(words.join('  ')) - 1));
  const text = `${percent}  ${words.join('  ')}`;
  return `${renderBlocks(batch, width, paint)} ${fitEnd(text, Math.max(0, columns - 2 - width))}`;
}

/** One line each, in columns: id, bar, share, counts, then as many words as there is room for. */
export function renderBars(batches: readonly BatchStatusObject[], columns: number, paint: Paint): string[] {
  const isNarrow = columns < NARROW;
  const ids = batches.map(({ batch_id }) => (isNarrow ? batch_id.replace(/^batch_/, '') : batch_id));
  const idWidth = Math.max(0, ...ids.map(widthOf));
  const countWidth = Math.max(0, ...batches.map((batch) => toCounts(batch).length));
  const fixed = idWidth + 2 + 1 + PERCENT_WIDTH + 2 + countWidth;
  const width = Math.min(MAX_BAR_OF_MANY, Math.floor((columns - 1 - fixed) / 2));
  return batches.map((batch, at) => {
    const head = `${padTo(ids[at] ?? '', idWidth)}  `;
    const tail = [`${toPercent(batch)}  ${toCounts(batch).padStart(countWidth)}`, ...toWords(batch)];
    if (width < LEAST_BAR) return fitEnd(head + tail.join('  '), columns - 1);
    const room = columns - 1 - widthOf(head) - width - 1;
    return `${head}${renderBlocks(batch, width, paint)} ${fitEnd(tail.join('  '), room)}`;
  });
}

const PERCENT_WIDTH = '100.0 %'.length;

function toPercent(batch: BatchStatusObject): string {
  return `${batch.progress_percent.toFixed(1).padStart(5)} %`;
}

function toCounts(batch: BatchStatusObject): string {
  return `${batch.processed_count + batch.failed_count}/${batch.total_photos}`;
}

function renderBlocks(batch: BatchStatusObject, width: number, paint: Paint): string {
  const total = Math.max(1, batch.total_photos);
  const share = (count: number) => Math.min(width, Math.floor((width * count) / total));
  const filled = share(batch.processed_count + batch.failed_count);
  const failed = batch.failed_count === 0 ? 0 : Math.max(Math.min(1, filled), share(batch.failed_count));
  const done = '█'.repeat(filled - failed);
  return (
    paint('green', done) +
    (failed === 0 ? '' : paint('red', '█'.repeat(failed))) +
    paint('dim', '░'.repeat(width - filled))
  );
}

/** Most important first. What others wrote (the reason of a client's hold) cannot break the line. */
function toWords(batch: BatchStatusObject): string[] {
  const words: string[] = [];
  if (batch.status !== 'running') words.push(toStateWords(batch));
  if (batch.failed_count > 0) words.push(`${batch.failed_count} failed`);
  const hold = batch.holds.find(({ owner }) => owner !== 'user');
  if (!isEnded(batch) && hold) words.push(`held: ${toPrintable(hold.reason)}`);
  if (batch.status === 'running') words.push(...toPaceWords(batch));
  return words;
}

function isEnded({ status }: BatchStatusObject): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

function toStateWords(batch: BatchStatusObject): string {
  return batch.status === 'paused' && batch.in_flight_count > 0
    ? `paused (${batch.in_flight_count} in flight finish)`
    : batch.status;
}

function toPaceWords(batch: BatchStatusObject): string[] {
  const words: string[] = [];
  const eta = toEtaRange(batch.eta_seconds);
  if (eta !== null) words.push(`${eta} left`);
  if (batch.photos_per_minute !== null) words.push(toRate(batch.photos_per_minute));
  // A hold that says the same is shown already.
  if (batch.backoff && batch.holds.every(({ reason }) => reason !== batch.backoff?.reason)) {
    const { limit, capacity, reason } = batch.backoff;
    words.push(`${limit} of ${capacity}: ${toPrintable(reason)}`);
  }
  return words;
}

function toRate(perMinute: number): string {
  return perMinute >= 1 ? `${Math.round(perMinute)}/min` : `${Math.round(perMinute * 60)}/h`;
}

/** One line without a bar, for logs and pipes. */
export function renderLine(batch: BatchStatusObject): string {
  const state = batch.status === 'running' ? ['running'] : [];
  const words = [...state, toCounts(batch), `${batch.progress_percent} %`, ...toWords(batch)];
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
  const parts = [`${toItemCount(batch.processed_count, batch)} processed`];
  if (batch.skipped_count > 0) parts.push(`${batch.skipped_count} of them skipped`);
  if (batch.failed_count > 0) parts.push(`${batch.failed_count} failed (${toCodes(batch)})`);
  if (batch.pending_count > 0) parts.push(`${batch.pending_count} not done`);
  if (batch.warnings_count > 0) parts.push(toCount(batch.warnings_count, 'warning'));
  const reason = batch.error === undefined ? '' : `: ${toPrintable(batch.error)}`;
  return `${batch.batch_id} ${batch.status}${reason}. ${parts.join(', ')}.`;
}

function toCodes(batch: BatchStatusObject): string {
  return Object.entries(batch.failure_codes)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ');
}
