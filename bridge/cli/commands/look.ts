/** `status`, `list`, `show`, `watch`: what batches there are and how they do. Changes nothing. */
import type { BatchStatus, BatchStatusObject, ItemResult } from '../../client/index.ts';
import { renderClosing, renderLine } from '../bar.ts';
import { type Action, type Context, findBatchId } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { followBatch } from '../follow.ts';
import { followAll } from '../follow-all.ts';
import { type ColumnRule, showTable } from '../table.ts';
import { toPrintable } from '../text-width.ts';
import { toDuration, toLocalTime, toSize } from '../wording.ts';

export const status: Action = async (context, [text]) => {
  const client = await context.connect();
  if (text !== undefined) {
    const batch = await client.batches.status(await findBatchId(client, text));
    if (context.json) context.terminal.json(batch);
    else context.terminal.line(renderLine(batch));
    return exitCodes.ok;
  }
  const [health, version, resources, running, paused] = await Promise.all([
    client.health(),
    client.version(),
    client.resources(),
    client.batches.list({ status: 'running' }),
    client.batches.list({ status: 'paused' }),
  ]);
  const batches = [...running.batches, ...paused.batches];
  if (context.json) context.terminal.json({ url: client.url, health, version, resources, batches });
  else {
    const limit = `${resources.limit} of ${resources.capacity} at a time`;
    const reason = resources.reason === null ? '' : ` (${resources.reason})`;
    context.terminal.line(
      `photo-bridge ${version.version} at ${client.url}: ${resources.state}, ${limit}${reason}`,
    );
    for (const batch of batches) context.terminal.line(renderLine(batch));
    if (batches.length === 0) context.terminal.line('No batch is running or paused.');
    if (health.state === 'safe_mode') context.terminal.note(toWayOut(batches));
  }
  return exitCodes.ok;
};

/** Out of safe mode: any batch that has not ended will do. */
function toWayOut([first]: readonly BatchStatusObject[]): string {
  if (first === undefined)
    return 'Safe mode ends when a batch is resumed, or with a restart after some minutes.';
  return `End safe mode and go on with: photo-bridge resume ${first.batch_id}`;
}

type ListFlags = { status?: string; limit?: number };

export const list: Action<ListFlags> = async (context, _args, flags) => {
  const client = await context.connect();
  const answer = await client.batches.list({
    status: flags.status as BatchStatus | undefined,
    limit: flags.limit ?? 20,
  });
  if (context.json) context.terminal.json(answer);
  else {
    showBatches(context, answer.batches, flags.status);
    const left = answer.count - answer.batches.length;
    if (left > 0) context.terminal.note(`${left} more; see them with --limit`);
  }
  return exitCodes.ok;
};

const LIST_RULES: (ColumnRule | null)[] = [
  null,
  null,
  null,
  null,
  null,
  { drop: 2 },
  { cut: 'end', min: 10, drop: 1 },
];

function showBatches({ terminal }: Context, batches: readonly BatchStatusObject[], status?: string): void {
  if (batches.length === 0) {
    const start = 'Start one with: photo-bridge start FOLDER --preset WhiteLayer_v4';
    terminal.note(status === undefined ? `No batch yet. ${start}` : `No batch is ${status}.`);
    return;
  }
  const isPhotos = batches.every(({ operation }) => operation === 'develop');
  const head = ['BATCH', 'STATUS', 'DONE', isPhotos ? 'PHOTOS' : 'ITEMS', 'FAILED', 'PRIO', 'CREATED'];
  const rows = batches.map((batch) => [
    batch.batch_id,
    batch.status,
    `${batch.progress_percent} %`,
    String(batch.total_photos),
    String(batch.failed_count),
    String(batch.priority),
    terminal.width === null ? batch.created_at : toLocalTime(batch.created_at),
  ]);
  showTable(terminal, [head, ...rows], { rules: LIST_RULES, headed: true });
}

type ShowFlags = { failed?: boolean; limit?: number };

export const show: Action<ShowFlags> = async (context, [text = 'last'], flags) => {
  const client = await context.connect();
  const batchId = await findBatchId(client, text);
  const query = { status: flags.failed ? ('failed' as const) : undefined, limit: flags.limit ?? 100 };
  const [batch, page] = await Promise.all([
    client.batches.status(batchId),
    client.batches.photos(batchId, query),
  ]);
  if (context.json) context.terminal.json({ ...batch, photos: page.photos, next_cursor: page.next_cursor });
  else {
    showDetails(context, batch);
    showTable(context.terminal, page.photos.map(toItemRow), { rules: ITEM_RULES });
    const noun = batch.operation === 'develop' ? 'photos' : 'items';
    if (page.next_cursor !== null) context.terminal.note(`There are more ${noun}; see them with --limit`);
  }
  return exitCodes.ok;
};

function showDetails({ terminal }: Context, batch: BatchStatusObject): void {
  terminal.line(batch.completed_at === null ? renderLine(batch) : renderClosing(batch));
  const toTime = terminal.width === null ? (iso: string) => iso : toLocalTime;
  const times = [`created ${toTime(batch.created_at)}`];
  if (batch.started_at) times.push(`started ${toTime(batch.started_at)}`);
  if (batch.completed_at) times.push(`ended ${toTime(batch.completed_at)}`);
  const kind = `${batch.operation}, priority ${batch.priority}`;
  const lines = terminal.width === null ? [[kind, ...times].join(', ')] : [kind, times.join(', ')];
  for (const line of lines) terminal.line(line);
  for (const { owner, since, reason } of batch.holds)
    terminal.line(toPrintable(`held by ${owner} since ${toTime(since)}: ${reason}`));
  for (const warning of batch.warnings ?? []) terminal.line(toPrintable(`warning: ${warning}`));
}

const ITEM_RULES: (ColumnRule | null)[] = [
  null,
  null,
  { drop: 1 },
  { cut: 'middle', min: 12 },
  { cut: 'middle', min: 12 },
];

function toItemRow(photo: ItemResult): string[] {
  const time = photo.duration_ms === null ? '' : toDuration(photo.duration_ms / 1000);
  const result = photo.failure
    ? `${photo.failure.code}: ${photo.failure.message}`
    : photo.output
      ? `${photo.output.path} (${toSize(photo.output.bytes)})`
      : '';
  return [String(photo.photo_id), photo.status, time, photo.path ?? '', result];
}

export const watch: Action = async (context, [text]) => {
  const client = await context.connect();
  if (text === undefined) return await followAll(context, client);
  return await followBatch(context, client, await findBatchId(client, text));
};
