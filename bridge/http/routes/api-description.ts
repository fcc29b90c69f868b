/** `GET /openapi.json` and `GET /docs`: the description of the routes, for programs and for people. Made when first asked for. */
import { Hono } from 'hono';
import { apiGroups } from '../api-description/groups.ts';
import { type ApiDocument, toApiDocument } from '../api-description/to-document.ts';
import { toDocsPage } from '../docs/page.ts';
import { docsPolicy } from '../docs/style.ts';
import { type Tagged, toTagged, toTaggedAnswer } from '../etag.ts';
import type { AppEnv, AppServices } from '../services.ts';

export function createApiDescriptionRoutes({ version }: AppServices): Hono<AppEnv> {
  let made: { document: ApiDocument; json: Tagged } | null = null;
  /** Its curl lines name the address that the reader came by. */
  let page: { origin: string; html: Tagged } | null = null;

  function describe(): { document: ApiDocument; json: Tagged } {
    if (made === null) {
      const document = toApiDocument(apiGroups, version().version);
      made = { document, json: toTagged(JSON.stringify(document)) };
    }
    return made;
  }

  return new Hono<AppEnv>()
    .get('/openapi.json', (c) =>
      toTaggedAnswer(c, describe().json, { 'content-type': 'application/json; charset=utf-8' }),
    )
    .get('/docs', (c) => {
      const { origin } = new URL(c.req.url);
      if (page?.origin !== origin) page = { origin, html: toTagged(toDocsPage(describe().document, origin)) };
      return toTaggedAnswer(c, page.html, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': docsPolicy,
      });
    });
}
