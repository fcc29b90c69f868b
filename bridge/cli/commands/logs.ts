/** `logs`: the log lines of a batch, or what happens in the whole daemon. Changes nothing. */
import type { BridgeClient, LiveEvent } from '../../client/index.ts';
import { type Action, type Context, findBatchId } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export const logs: Action<{ follow?: boolean }> = async (context, [text], flags) => {
  const client = await context.connect();
  if (text === undefined) return await showEvents(context, client, flags.follow === true);
  const batchId = await findBatchId(client, text);
  const since = await showBatchLog(context, client, batchId, 0);
  return flags.follow ? await followBatchLog(context, client, batchId, since) : exitCodes.ok;
};

/** Answers the number to go on from. */
async function showBatchLog(
  context: Context,
  client: BridgeClient,
  batchId: string,
  since: number,
): Promise<number> {
  const { lines } = await client.batches.log(batchId, since);
  for (const line of lines) {
    if (context.json) context.terminal.json(line);
    else {
      const photo = line.photo_id === undefined ? '' : ` (photo ${line.photo_id})`;
      context.terminal.line(`${line.timestamp} ${line.level.padEnd(5)} ${line.message}${photo}`);
    }
  }
  return lines.reduce((newest, { seq }) => Math.max(newest, seq), since);
}

/** New lines come with changes of the batch: its status stream says when to ask. */
async function followBatchLog(
  context: Context,
  client: BridgeClient,
  batchId: string,
  since: number,
): Promise<number> {
  return await context.interruptible(async (signal) => {
    let newest = since;
    for await (const _status of client.watchBatch(batchId, { signal, intervalMs: 500 })) {
      newest = await showBatchLog(context, client, batchId, newest);
    }
    return signal.aborted ? exitCodes.interrupted : exitCodes.ok;
  });
}

async function showEvents(context: Context, client: BridgeClient, follow: boolean): Promise<number> {
  const kept = await client.pollEvents({ since: 0, timeout_s: 0 });
  for (const event of kept.events) showEvent(context, event);
  if (!follow) return exitCodes.ok;
  return await context.interruptible(async (signal) => {
    const channels = ['batches', 'photos', 'system', 'queue'];
    for await (const event of client.events({ since: kept.seq, channels, signal })) showEvent(context, event);
    return exitCodes.interrupted;
  });
}

function showEvent({ json, terminal }: Context, event: LiveEvent): void {
  if (event.type === 'batch_snapshot') return;
  if (json) terminal.json(event);
  else terminal.line(toEventLine(event));
}

/** Constant words first, then the fields that matter. */
export function toEventLine(event: LiveEvent): string {
  if (event.type === 'resync') return 'resync: some events were missed';
  const { type, timestamp } = event;
  const fields = 'batch_id' in event && event.batch_id !== undefined ? [event.batch_id] : [];
  if ('progress_percent' in event)
    fields.push(`${event.processed_count + event.failed_count}/${event.total_photos}`);
  if ('hold' in event) fields.push(`${event.hold.owner}: ${event.hold.reason}`);
  if ('reason' in event) fields.push(event.reason);
  if ('message' in event && event.message !== undefined) fields.push(event.message);
  if ('preset' in event) fields.push(event.preset, event.change);
  if ('photos' in event) fields.push(`${event.photos.length} settled`);
  return `${timestamp} ${type} ${fields.join(' ')}`.trimEnd();
}
