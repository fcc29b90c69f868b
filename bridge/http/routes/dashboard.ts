/** The dashboard: the built page at `/` and its files below `/assets/`. Without a build, a page that says what to do. */
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { BridgeError } from '../../errors.ts';
import { readAsset, readDocument } from '../page-files.ts';
import type { AppEnv, AppServices } from '../services.ts';

const builtFolder = fileURLToPath(new URL('../../dashboard/dist/', import.meta.url));

/** Only what the page needs: its own scripts, styles and pictures, and this daemon to talk to. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export function createDashboardRoutes(services: AppServices): Hono<AppEnv> {
  const folder = services.pageFolder ?? builtFolder;
  return new Hono<AppEnv>()
    .get('/', async (c) => {
      const page = await readDocument(folder);
      if (page === null) return c.html(toMissingPage(services.version().version));
      return c.body(page.bytes, 200, {
        'content-type': page.type,
        'content-security-policy': PAGE_POLICY,
      });
    })
    .get('/assets/:name', async (c) => {
      const name = c.req.param('name');
      const file = await readAsset(folder, name);
      if (file === null) throw new BridgeError('not_found', `the page has no file ${name.slice(0, 100)}`);
      return c.body(file.bytes, 200, { 'content-type': file.type });
    });
}

function toMissingPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Photo Bridge</title></head>
<body>
<main>
<h1>Photo Bridge ${escapeHtml(version)}</h1>
<p>The daemon runs, but its dashboard has not been built.</p>
<p>In the folder of Photo Bridge run <code>npm ci</code>, then <code>npm run build:dashboard</code>, and load this page again.
The daemon needs no restart.</p>
<p>Everything else works: <a href="/batch/list">batches</a>, <a href="/presets">presets</a>,
<a href="/health">health</a>, <a href="/resources">resources</a>.</p>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
