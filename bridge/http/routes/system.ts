/** System routes: health, version, resources, and a page that says what this is. */
import { Hono } from 'hono';
import { BridgeError } from '../../errors.ts';
import type { AppEnv, AppServices } from '../services.ts';

export function createSystemRoutes(services: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/', (c) => c.html(toWelcomePage(services.version().version)))
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

function toWelcomePage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Photo Bridge</title></head>
<body>
<h1>Photo Bridge ${escapeHtml(version)}</h1>
<p>A local daemon that runs large photo batches for desktop editors.</p>
<ul>
<li><a href="/batch/list">Batches</a></li>
<li><a href="/presets">Presets</a></li>
<li><a href="/health">Health</a></li>
<li><a href="/resources">Resources</a></li>
</ul>
<p>Start one with <code>POST /batch/start</code>; watch it live over the WebSocket <code>/ws</code>.</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
