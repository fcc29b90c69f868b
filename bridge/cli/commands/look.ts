/** `status`, `list`, `show`, `watch`: what batches there are and how they do. Changes nothing. */
import type { BatchStatus, BatchStatusObject, ItemResult } from '../../client/index.ts';
import { renderClosing, renderLine } from '../bar.ts';
import { type Action, type Context, findBatchId } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { followBatch } from '../follow.ts';
import { toDuration, toSize, toTable } from '../wording.ts';

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
    const limit = `${resources.limit} of ${resources.capacity} photos at a time`;
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
  // The daemon names the allowed ones when it is none of them.
  const answer = await client.batches.list({
    status: flags.status as BatchStatus | undefined,
    limit: flags.limit ?? 20,
  });
  if (context.json) context.terminal.json(answer);
  else {
    showTable(context, answer.batches);
    const left = answer.count - answer.batches.length;
    if (left > 0) context.terminal.note(`${left} more; see them with --limit`);
  }
  return exitCodes.ok;
};

function showTable({ terminal }: Context, batches: readonly BatchStatusObject[]): void {
  if (batches.length === 0) {
    terminal.note('No batch yet. Start one with: photo-bridge start FOLDER --preset WhiteLayer_v4');
    return;
  }
  const head = ['BATCH', 'STATUS', 'DONE', 'PHOTOS', 'FAILED', 'PRIORITY', 'CREATED'];
  const rows = batches.map((batch) => [
    batch.batch_id,
    batch.status,
    `${batch.progress_percent} %`,
    String(batch.total_photos),
    String(batch.failed_count),
    String(batch.priority),
    batch.created_at,
  ]);
  for (const line of toTable([head, ...rows])) terminal.line(line);
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
    for (const line of toTable(page.photos.map(toPhotoRow))) context.terminal.line(line);
    if (page.next_cursor !== null) context.terminal.note('There are more photos; see them with --limit');
  }
  return exitCodes.ok;
};

function showDetails({ terminal }: Context, batch: BatchStatusObject): void {
  terminal.line(batch.completed_at === null ? renderLine(batch) : renderClosing(batch));
  const times = [`created ${batch.created_at}`];
  if (batch.started_at) times.push(`started ${batch.started_at}`);
  if (batch.completed_at) times.push(`ended ${batch.completed_at}`);
  terminal.line(`${batch.operation}, priority ${batch.priority}, ${times.join(', ')}`);
  for (const hold of batch.holds) terminal.line(`held by ${hold.owner} since ${hold.since}: ${hold.reason}`);
  for (const warning of batch.warnings ?? []) terminal.line(`warning: ${warning}`);
}

function toPhotoRow(photo: ItemResult): string[] {
  const time = photo.duration_ms === null ? '' : toDuration(photo.duration_ms / 1000);
  const result = photo.failure
    ? `${photo.failure.code}: ${photo.failure.message}`
    : photo.output
      ? `${photo.output.path} (${toSize(photo.output.bytes)})`
      : '';
  return [String(photo.photo_id), photo.status, time, photo.path ?? '', result];
}

export const watch: Action = async (context, [text = 'last']) => {
  const client = await context.connect();
  return await followBatch(context, client, await findBatchId(client, text));
};
