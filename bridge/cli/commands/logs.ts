/** `logs`: the daemon's log, the log of one batch, or live events. Changes nothing. */
import { join } from 'node:path';
import type { BridgeClient, LiveEvent } from '../../client/index.ts';
import { toReadableLine, toTerminalLine } from '../../logging/readable-line.ts';
import { type Action, type Context, findBatchId } from '../context.ts';
import { exitCodes, NotFoundError } from '../exit-codes.ts';
import { followLines, readLastLines } from '../log-file.ts';

type Flags = { follow?: boolean; lines?: number; events?: boolean };

export const logs: Action<Flags> = async (context, [text], flags) => {
  if (flags.events) return await showEvents(context, await context.connect());
  if (text === undefined) return await showDaemonLog(context, flags);
  const client = await context.connect();
  const batchId = await findBatchId(client, text);
  const { operation } = await client.batches.status(batchId);
  const log = { client, batchId, noun: operation === 'develop' ? 'photo' : 'item' };
  const since = await showBatchLog(context, log, 0);
  return flags.follow ? await followBatchLog(context, log, since) : exitCodes.ok;
};

async function showDaemonLog(context: Context, { follow, lines = 50 }: Flags): Promise<number> {
  const folders = await context.folders();
  const path = join(folders?.logs ?? '', 'bridge.log');
  const last = folders === null ? null : await readLastLines(path, lines);
  if (last === null) {
    throw new NotFoundError(
      `There is no log at ${path}; name the daemon's folder with --data-dir, or use --events`,
    );
  }
  const { json, terminal } = context;
  const isColoured = terminal.paint('dim', '') !== '';
  const toLine = (line: string) =>
    terminal.live ? toTerminalLine(line, { isColoured }) : toReadableLine(line);
  const show = (line: string) => terminal.line(json ? line : toLine(line));
  for (const line of last.lines) show(line);
  if (!follow) return exitCodes.ok;
  return await context.interruptible(async (signal) => {
    for await (const line of followLines(path, last.place, signal)) show(line);
    return exitCodes.interrupted;
  });
}

/** `noun`: what its items are called. */
type BatchLog = { client: BridgeClient; batchId: string; noun: string };

/** Answers the number to go on from. */
async function showBatchLog(
  { json, terminal }: Context,
  { client, batchId, noun }: BatchLog,
  since: number,
): Promise<number> {
  const { lines } = await client.batches.log(batchId, since);
  for (const line of lines) {
    const photo = line.photo_id === undefined ? '' : ` (${noun} ${line.photo_id})`;
    if (json) terminal.json(line);
    else terminal.line(`${line.timestamp} ${line.level.padEnd(5)} ${line.message}${photo}`);
  }
  return lines.reduce((newest, { seq }) => Math.max(newest, seq), since);
}

/** New lines come with changes of the batch: its status stream says when to ask. */
async function followBatchLog(context: Context, log: BatchLog, since: number): Promise<number> {
  return await context.interruptible(async (signal) => {
    let newest = since;
    for await (const _status of log.client.watchBatch(log.batchId, { signal, intervalMs: 500 })) {
      newest = await showBatchLog(context, log, newest);
    }
    return signal.aborted ? exitCodes.interrupted : exitCodes.ok;
  });
}

async function showEvents(context: Context, client: BridgeClient): Promise<number> {
  // The stream itself waits for a daemon that is away; a person wants to know that there is none.
  await client.health();
  return await context.interruptible(async (signal) => {
    const channels = ['batches', 'photos', 'system', 'queue'];
    for await (const event of client.events({ channels, signal })) {
      if (context.json) context.terminal.json(event);
      else if (event.type !== 'batch_snapshot') context.terminal.line(toEventLine(event));
    }
    return exitCodes.interrupted;
  });
}

/** Constant words first, then the fields that matter. */
export function toEventLine(event: LiveEvent): string {
  const { type, timestamp } = event;
  const fields = 'batch_id' in event && event.batch_id !== undefined ? [event.batch_id] : [];
  if ('progress_percent' in event) {
    fields.push(`${event.processed_count + event.failed_count}/${event.total_photos}`);
  }
  if ('hold' in event) fields.push(`${event.hold.owner}: ${event.hold.reason}`);
  if ('reason' in event) fields.push(event.reason);
  if ('message' in event && event.message !== undefined) fields.push(event.message);
  if ('preset' in event) fields.push(event.preset, event.change);
  if ('photos' in event) fields.push(`${event.photos.length} settled`);
  return `${timestamp} ${type} ${fields.join(' ')}`.trimEnd();
}
