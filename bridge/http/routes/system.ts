/** System routes: health, version, resources. */
import { Hono } from 'hono';
import { BridgeError } from '../../errors.ts';
import type { AppEnv, AppServices } from '../services.ts';

export function createSystemRoutes(services: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/health', (c) => c.json({ status: 'ok', ...services.health() }))
    .get('/health/ready', (c) => {
      const { ready, state, reason } = services.health();
      if (ready) return c.json({ status: 'ok', ready, state, reason });
      const why = reason === null ? '' : `: ${reason}`;
      throw new BridgeError('unavailable', `the daemon is not ready (${state})${why}`, {
        ready,
        state,
        reason,
      });
    })
    .get('/version', (c) => c.json(services.version()))
    .get('/resources', async (c) => c.json(await services.resources.readings()));
}
