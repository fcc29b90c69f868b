/** What a webhook says of a batch that has ended. Pure. */

import type { BatchStatusObject, WebhookBody, WebhookEvent } from '../contract/index.ts';
import type { WebhookDelivery } from './ports.ts';

const events: Partial<Record<BatchStatusObject['status'], WebhookEvent>> = {
  completed: 'batch.completed',
  failed: 'batch.failed',
  cancelled: 'batch.cancelled',
};

/**
 * `end`: a number that names this end of the batch (when it came, in ms), so that every try of it has the same id and the end
 * after a retry of failed items has another. Null for a batch that has not ended.
 */
export function toDelivery(status: BatchStatusObject, end: number): Omit<WebhookDelivery, 'url'> | null {
  const type = events[status.status];
  if (type === undefined) return null;
  const id = `${status.batch_id}-${end}`;
  const timestamp = status.completed_at ?? status.created_at;
  const body: WebhookBody = { type, id, timestamp, data: status };
  return { id, event: type, timestamp, body };
}
