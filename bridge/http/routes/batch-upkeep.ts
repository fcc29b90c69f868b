/** Routes over many batches: merge, plan, recover, cleanup. */
import { Hono } from 'hono';
import { cleanupBodySchema, mergeBodySchema, noBodySchema } from '../../contract/index.ts';
import { parseBody } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { readStartBody } from './batch-control.ts';

export function createBatchUpkeepRoutes(services: AppServices): Hono<AppEnv> {
  const { batches } = services;
  return new Hono<AppEnv>()
    .post('/batch/merge', async (c) => {
      const { batch_ids } = await parseBody(c, services, mergeBodySchema);
      return c.json({ message: 'Batches merged', ...(await batches.merge(batch_ids)) });
    })
    .post('/batch/plan', async (c) => {
      const { body } = await readStartBody(c, services);
      return c.json(await batches.plan(body));
    })
    .post('/batch/recover', async (c) => {
      await parseBody(c, services, noBodySchema);
      return c.json({ message: 'Batch recovery completed', ...(await batches.recover()) });
    })
    .post('/batch/cleanup', async (c) => {
      const { days_old, dry_run } = await parseBody(c, services, cleanupBodySchema);
      const { cleaned_count, batch_ids } = await batches.cleanup({ days_old, dry_run });
      return c.json({ message: 'Batch cleanup completed', cleaned_count, days_old, dry_run, batch_ids });
    });
}
