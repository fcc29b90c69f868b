/** `GET /settings` with origins and problems, `PATCH /settings`. Who may change what is told apart here, the rest is `settings/`. */
import { type Context, Hono } from 'hono';
import { settingsPatchSchema } from '../../contract/index.ts';
import { parseBody } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { toLoopbackKey } from '../tcp-table.ts';

export function createSettingsRoutes(services: AppServices): Hono<AppEnv> {
  const { configuration } = services;
  return new Hono<AppEnv>()
    .get('/settings', (c) => c.json(configuration.view()))
    .patch('/settings', async (c) => {
      const patch = await parseBody(c, services, settingsPatchSchema);
      return c.json(await configuration.change(patch, { isTrusted: isTrusted(c) }));
    });
}

/**
 * No web page, not even our own (browsers name themselves with every PATCH: a page with a hole must not open the guard),
 * and nobody on another machine.
 */
function isTrusted(c: Context<AppEnv>): boolean {
  const isPage = c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined;
  const address = c.env.incoming?.socket.remoteAddress;
  return !isPage && (address === undefined || toLoopbackKey(address, 0) !== null);
}
