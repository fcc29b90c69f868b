/** Routes of content operations: the seed's under `/api/batches`, loading of records, the mirror. */
import { type Context, Hono } from 'hono';
import { noBodySchema } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { readJsonBody, readPlainBody, toBodyLimit } from '../body.ts';
import { parseBatchId, parseBody } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { withWaitSignal } from '../wait-signal.ts';
import { parseIdempotencyKey } from './batch-control.ts';

export function createContentRoutes(services: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .route('/', createOperationRoutes(services))
    .post('/content', async (c) => c.json(await loadContent(c, services)))
    .get('/content/:content_id', async (c) =>
      c.json(await services.content.record(c.req.param('content_id'))),
    )
    .get('/mirror', (c) => c.json({ waiting: services.content.waiting }))
    .post('/mirror/retry', async (c) => {
      await parseBody(c, services, noBodySchema);
      return c.json(await withWaitSignal(c, (signal) => services.content.retryMirror(signal)));
    });
}

function createOperationRoutes(services: AppServices): Hono<AppEnv> {
  const start = (change: 'updatePrice' | 'remove' | 'updateMetadata') => (c: Context<AppEnv>) =>
    withMessage(async () => {
      const { limits } = services.settings();
      const body = await readJsonBody(c, toBodyLimit(limits.body_mb, 'limits.body_mb'));
      const key = parseIdempotencyKey(c.req.header('idempotency-key'));
      return c.json(await services.content[change](body, key), 201);
    });
  return new Hono<AppEnv>()
    .post('/api/batches/batch-update-price', start('updatePrice'))
    .post('/api/batches/batch-remove', start('remove'))
    .post('/api/batches/batch-update-metadata', start('updateMetadata'))
    .get('/api/batches/creator/:creator', (c) =>
      withMessage(async () => {
        const { limit, skip } = c.req.query();
        return c.json(await services.content.ofCreator(c.req.param('creator'), { limit, skip }));
      }),
    )
    .get('/api/batches/:batch_id', (c) =>
      withMessage(async () => c.json(await services.content.operation(parseBatchId(c)))),
    );
}

async function loadContent(c: Context<AppEnv>, services: AppServices) {
  const { limits } = services.settings();
  const limit = toBodyLimit(limits.start_body_mb, 'limits.start_body_mb');
  const isCsv = /^\s*text\/csv\s*(;|$)/i.test(c.req.header('content-type') ?? '');
  const records = isCsv
    ? { csv: Buffer.from(await readPlainBody(c, limit)) }
    : { json: await readJsonBody(c, limit) };
  return services.content.load(records);
}

/** Clients of these routes read `message`; the other members of a problem stand beside it. */
async function withMessage(answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
    throw new BridgeError(thrown.code, thrown.message, { ...thrown.extensions, message: thrown.message });
  }
}
