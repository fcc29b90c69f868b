/** Every route with the schemas of its body and query, as the description of the routes has them. */
import type { z } from 'zod';
import { apiOperations } from '../../bridge/http/api-description/groups.ts';
import { createApp } from '../../bridge/http/app.ts';
import { createStandIn } from '../medium/http/stand-in.ts';

export type Route = { method: string; path: string; body?: z.ZodType; query?: z.ZodType };

export const routeTable: readonly Route[] = apiOperations.map(({ method, path, body, query }) => ({
  method,
  path: path.replace(/\{(\w+)\}/g, ':$1'),
  ...(body === undefined ? {} : { body: body.schema }),
  ...(query === undefined ? {} : { query: query.schema }),
}));

/** `METHOD path` of all routes of the app, without the forms that parameters are held to. */
export function routesOfTheApp(): string[] {
  const { routes } = createApp(createStandIn().services);
  return [...new Set(routes.map(({ method, path }) => `${method} ${path.replace(/\{.+?\}/g, '')}`))].sort();
}
