/** Preset routes: the list, and one with what it cannot honour. */
import { Hono } from 'hono';
import type { AppEnv, AppServices } from '../services.ts';

export function createPresetRoutes({ presets }: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/presets', (c) => {
      const all = presets.list();
      return c.json({ presets: all, count: all.length });
    })
    .get('/presets/:name', (c) => c.json(presets.get(c.req.param('name'))));
}
