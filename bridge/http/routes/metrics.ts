/** `GET /metrics` in Prometheus' text exposition format. */
import { Hono } from 'hono';
import type { AppEnv, AppServices } from '../services.ts';

export function createMetricsRoutes({ metrics }: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/metrics', async (c) =>
    c.body(await metrics.read(), 200, { 'content-type': metrics.contentType }),
  );
}
