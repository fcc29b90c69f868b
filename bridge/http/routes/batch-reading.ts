/** Routes that read batches: status (with waiting), photos, results, list, log. They change nothing. */
import { type Context, Hono } from 'hono';
import {
  batchListQuerySchema,
  batchLogQuerySchema,
  batchPhotosQuerySchema,
  statusQuerySchema,
} from '../../contract/index.ts';
import { toCsvLines, toDownload, toJsonParts } from '../downloads.ts';
import { parseBatchId, parseQuery } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { withWaitSignal } from '../wait-signal.ts';

export function createBatchReadingRoutes(services: AppServices): Hono<AppEnv> {
  const { batches, log } = services;
  return (
    new Hono<AppEnv>()
      .get('/batch/list', (c) => c.json(batches.list(parseQuery(c, batchListQuerySchema))))
      // Only what looks like an id: `GET /batch/start` is a wrong method, not an unknown batch.
      .get('/batch/:batch_id{batch_[^/]+}', (c) => c.json(batches.detail(parseBatchId(c))))
      .get('/batch/:batch_id/status', (c) => readStatus(c, services))
      .get('/batch/:batch_id/photos', async (c) =>
        c.json(await batches.photos(parseBatchId(c), parseQuery(c, batchPhotosQuerySchema))),
      )
      .get('/batch/:batch_id/log', (c) => {
        const { since } = parseQuery(c, batchLogQuerySchema);
        return c.json({ lines: batches.log(parseBatchId(c), since) });
      })
      .get('/batch/:batch_id/results.csv', (c) => {
        const { batch_id } = batches.status(parseBatchId(c));
        const parts = toCsvLines(batches.results(batch_id), batches.detailKeys(batch_id));
        return toDownload(c, {
          parts,
          log,
          type: 'text/csv; charset=utf-8',
          name: `${batch_id}-results.csv`,
        });
      })
      .get('/batch/:batch_id/results.json', (c) => {
        const { batch_id } = batches.status(parseBatchId(c));
        const parts = toJsonParts(batches.results(batch_id));
        return toDownload(c, { parts, log, type: 'application/json', name: `${batch_id}-results.json` });
      })
  );
}

async function readStatus(c: Context<AppEnv>, { batches }: AppServices): Promise<Response> {
  const batchId = parseBatchId(c);
  const { wait_s, since } = parseQuery(c, statusQuerySchema);
  const now = batches.status(batchId);
  if (wait_s === 0 || c.req.raw.method === 'HEAD') return c.json(now);
  const status = await withWaitSignal(c, (signal) =>
    batches.waitForChange(batchId, since ?? now.seq, wait_s * 1000, signal),
  );
  return c.json(status);
}
