/** Which channels exist and which events each carries. Pure. */
import { type BridgeEvent, fixedChannels } from '../contract/index.ts';

const BATCH = 'batch:';
const fixed: ReadonlySet<string> = new Set(fixedChannels);

export function toBatchChannel(batchId: string): string {
  return BATCH + batchId;
}

/** The batch of a `batch:<id>` channel, else null. */
export function toBatchOfChannel(channel: string): string | null {
  return channel.startsWith(BATCH) ? channel.slice(BATCH.length) : null;
}

export function isFixedChannel(channel: string): boolean {
  return fixed.has(channel);
}

/** Every channel an event belongs to; a reader of several gets it once. */
export function toChannels(event: BridgeEvent): string[] {
  switch (event.type) {
    case 'photos_settled':
      return ['photos', toBatchChannel(event.batch_id)];
    case 'photos_changed':
      return ['photos'];
    case 'hold_placed':
    case 'hold_lifted':
      return event.batch_id === undefined ? ['queue'] : ['queue', toBatchChannel(event.batch_id)];
    case 'limit_changed':
    case 'resource_warning':
    case 'preset_changed':
    case 'settings_changed':
      return ['system'];
    case 'batch_started':
    case 'batch_progress':
    case 'batch_paused':
    case 'batch_resumed':
    case 'batch_cancelled':
    case 'batch_completed':
    case 'batch_failed':
    case 'batch_recovered':
    case 'batch_cleaned':
      return ['batches', toBatchChannel(event.batch_id)];
  }
}
