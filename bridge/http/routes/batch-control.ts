/** Routes that change one batch: start, pause, resume, cancel, retry-failed, priority, holds. */
import { type Context, Hono } from 'hono';
import {
  type BatchStatusObject,
  liftHoldBodySchema,
  noBodySchema,
  pauseBodySchema,
  placeHoldBodySchema,
  priorityBodySchema,
  retryFailedBodySchema,
  type StartBody,
} from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { readJsonBody, toBodyLimit } from '../body.ts';
import { parseBatchId, parseBody } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { parseStartBody } from '../start-body.ts';

const MAX_KEY_LENGTH = 255;

export function createBatchControlRoutes(services: AppServices): Hono<AppEnv> {
  const { batches } = services;
  return new Hono<AppEnv>()
    .post('/batch/start', (c) => startBatch(c, services))
    .post('/batch/:batch_id/pause', async (c) => {
      const batchId = parseBatchId(c);
      const body = await parseBody(c, services, pauseBodySchema);
      const status = await explainFailure('pause', batchId, () => batches.pause(batchId, body));
      return c.json(toActionAnswer('Batch paused successfully', status));
    })
    .post('/batch/:batch_id/resume', async (c) => {
      const batchId = parseBatchId(c);
      await parseBody(c, services, noBodySchema);
      const status = await explainFailure('resume', batchId, () => batches.resume(batchId));
      return c.json(toActionAnswer('Batch resumed successfully', status));
    })
    .post('/batch/:batch_id/cancel', async (c) => {
      const batchId = parseBatchId(c);
      await parseBody(c, services, noBodySchema);
      const status = await explainFailure('cancel', batchId, () => batches.cancel(batchId));
      return c.json(toActionAnswer('Batch cancelled successfully', status));
    })
    .route('/', createAdjustRoutes(services));
}

function createAdjustRoutes(services: AppServices): Hono<AppEnv> {
  const { batches } = services;
  return new Hono<AppEnv>()
    .post('/batch/:batch_id/retry-failed', async (c) => {
      const batchId = parseBatchId(c);
      const body = await parseBody(c, services, retryFailedBodySchema);
      return c.json({ message: 'Batch retry started', ...(await batches.retryFailed(batchId, body)) });
    })
    .post('/batch/:batch_id/priority', async (c) => {
      const batchId = parseBatchId(c);
      const { priority } = await parseBody(c, services, priorityBodySchema);
      return c.json({ message: 'Batch priority changed', ...(await batches.setPriority(batchId, priority)) });
    })
    .post('/batch/:batch_id/hold', async (c) => {
      const batchId = parseBatchId(c);
      const body = await parseBody(c, services, placeHoldBodySchema);
      return c.json({ message: 'Hold placed', ...(await batches.placeHold(batchId, body)) });
    })
    .delete('/batch/:batch_id/hold', async (c) => {
      const batchId = parseBatchId(c);
      const body = await parseBody(c, services, liftHoldBodySchema);
      return c.json({ message: 'Hold lifted', ...(await batches.liftHold(batchId, body)) });
    });
}

async function startBatch(c: Context<AppEnv>, services: AppServices): Promise<Response> {
  const idempotencyKey = parseIdempotencyKey(c.req.header('idempotency-key'));
  const { body, sent } = await readStartBody(c, services);
  const options = idempotencyKey === undefined ? {} : { idempotencyKey, sent };
  const started = await services.batches.start(body, options);
  const { batch_id, photo_count, warnings } = started;
  const extra = warnings.length === 0 ? {} : { warnings };
  return c.json({ message: 'Batch processing started', batch_id, photo_count, ...extra });
}

/** The body of `/batch/start` and `/batch/plan`. `sent`: as it came, before its template was looked up. */
export async function readStartBody(
  c: Context<AppEnv>,
  services: AppServices,
): Promise<{ body: StartBody; sent: unknown }> {
  const { limits } = services.settings();
  const sent = await readJsonBody(c, toBodyLimit(limits.start_body_mb, 'limits.start_body_mb'));
  const body = parseStartBody(sent, { maxPhotos: limits.photos_per_batch, templates: services.templates });
  return { body, sent };
}

/** Of the header `Idempotency-Key`. */
export function parseIdempotencyKey(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return key;
  throw new BridgeError('bad_request', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`);
}

function toActionAnswer(message: string, { batch_id, status }: BatchStatusObject) {
  return { message, batch_id, status };
}

/** An unknown batch stays `Batch not found`; any other refusal says what failed and of which batch. */
async function explainFailure<T>(verb: string, batchId: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof BridgeError) || thrown.code === 'batch_not_found') throw thrown;
    throw new BridgeError(thrown.code, `Failed to ${verb} batch: ${thrown.message}`, {
      ...thrown.extensions,
      batch_id: batchId,
    });
  }
}
