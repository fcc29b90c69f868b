/** `pause`, `resume`, `cancel`, `retry`, `priority`: changes to batches that exist. */
import type { BatchStatus, PauseRequest, RetryRequest } from '../../client/index.ts';
import { type Action, findBatchId } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { followBatch } from '../follow.ts';
import { parseSpan, parseUntil, parseWhole } from '../parse-values.ts';

export type PauseFlags = { hard?: boolean; for?: string; until?: string; reason?: string };

export function toPauseBody(flags: PauseFlags, now: number): PauseRequest | undefined {
  if (flags.for !== undefined && flags.until !== undefined)
    throw new UsageError('Use --for or --until, not both');
  const until = toEnd(flags, now);
  const body: PauseRequest = {
    ...(flags.hard === true && { mode: 'hard' as const }),
    ...(until !== undefined && { until }),
    ...(flags.reason !== undefined && { reason: flags.reason }),
  };
  return Object.keys(body).length === 0 ? undefined : body;
}

function toEnd(flags: PauseFlags, now: number): string | undefined {
  if (flags.for !== undefined) return parseSpan('--for', flags.for, now);
  return flags.until === undefined ? undefined : parseUntil('--until', flags.until, now);
}

export const pause: Action<PauseFlags> = async (context, args, flags) => {
  const client = await context.connect();
  const body = toPauseBody(flags, Date.now());
  for (const text of args) show(context, await client.batches.pause(await findBatchId(client, text), body));
  return exitCodes.ok;
};

export const resume: Action = async (context, args) => {
  const client = await context.connect();
  for (const text of args) show(context, await client.batches.resume(await findBatchId(client, text)));
  return exitCodes.ok;
};

export const cancel: Action = async (context, args) => {
  const client = await context.connect();
  for (const text of args) show(context, await client.batches.cancel(await findBatchId(client, text)));
  return exitCodes.ok;
};

export const retry: Action<{ codes?: string[]; watch?: boolean }> = async (
  context,
  [text = 'last'],
  flags,
) => {
  const client = await context.connect();
  const batchId = await findBatchId(client, text);
  // The daemon knows the closed list of codes and names the wrong one.
  const body = flags.codes === undefined ? {} : { codes: flags.codes as NonNullable<RetryRequest['codes']> };
  show(context, await client.batches.retryFailed(batchId, body));
  return flags.watch ? await followBatch(context, client, batchId) : exitCodes.ok;
};

export const priority: Action = async (context, [text = 'last', level = '']) => {
  const client = await context.connect();
  const value = parseWhole('The priority', 1, 10)(level);
  show(context, await client.batches.setPriority(await findBatchId(client, text), value));
  return exitCodes.ok;
};

type Changed = { batch_id: string; status: BatchStatus; message?: string };

function show(context: Parameters<Action>[0], answer: Changed): void {
  if (context.json) context.terminal.json(answer);
  else {
    context.terminal.line(
      `${answer.batch_id} ${answer.status}${answer.message ? `: ${answer.message}` : ''}`,
    );
  }
}
