/** `batch_snapshot` frames: the whole status of batches as they are now. It changes nothing. */
import type { BatchApi } from '../batch/api.ts';
import type { BatchStatus, BatchStatusObject } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { toBatchOfChannel } from './channels.ts';

/** The subscriber of `batches` gets those that can still change; more than this it reads over HTTP. */
const MAX_OPEN = 1000;
const openStatuses: readonly BatchStatus[] = ['running', 'paused', 'pending'];

export type StatusReader = Pick<BatchApi, 'status' | 'list'>;

/** Null when there is no such batch. */
export function readStatus(batches: StatusReader, batchId: string): BatchStatusObject | null {
  try {
    return batches.status(batchId);
  } catch (thrown) {
    if (thrown instanceof BridgeError && thrown.code === 'batch_not_found') return null;
    throw thrown;
  }
}

export function toSnapshotFrame(status: BatchStatusObject): string {
  return JSON.stringify({ type: 'batch_snapshot', timestamp: new Date().toISOString(), ...status });
}

/** One frame for each batch the channels watch, in no order, each batch once. */
export function toSnapshotFrames(batches: StatusReader, channels: readonly string[]): string[] {
  const found = new Map<string, BatchStatusObject>();
  for (const channel of channels) {
    for (const status of readChannel(batches, channel)) found.set(status.batch_id, status);
  }
  return [...found.values()].map(toSnapshotFrame);
}

function readChannel(batches: StatusReader, channel: string): BatchStatusObject[] {
  if (channel === 'batches') {
    const open = openStatuses.flatMap((status) => batches.list({ status, limit: MAX_OPEN }).batches);
    return open.slice(0, MAX_OPEN);
  }
  const batchId = toBatchOfChannel(channel);
  const status = batchId === null ? null : readStatus(batches, batchId);
  return status === null ? [] : [status];
}
