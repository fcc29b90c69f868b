/** Every route with the schemas of its body and query, held against the routes that the app really has. */
import { readdir } from 'node:fs/promises';
import type { z } from 'zod';
import {
  addPhotosBodySchema,
  batchListQuerySchema,
  batchLogQuerySchema,
  batchPhotosQuerySchema,
  cleanupBodySchema,
  eventsQuerySchema,
  liftHoldBodySchema,
  mergeBodySchema,
  noBodySchema,
  pauseBodySchema,
  photoListQuerySchema,
  placeHoldBodySchema,
  previewBodySchema,
  priorityBodySchema,
  retryFailedBodySchema,
  saveTemplateBodySchema,
  startBodySchema,
  statusQuerySchema,
  thumbnailQuerySchema,
} from '../../bridge/contract/index.ts';

export type Route = { method: string; path: string; body?: z.ZodType; query?: z.ZodType };

export const routeTable: readonly Route[] = [
  { method: 'POST', path: '/batch/start', body: startBodySchema },
  { method: 'POST', path: '/batch/plan', body: startBodySchema },
  { method: 'POST', path: '/batch/:batch_id/pause', body: pauseBodySchema },
  { method: 'POST', path: '/batch/:batch_id/resume', body: noBodySchema },
  { method: 'POST', path: '/batch/:batch_id/cancel', body: noBodySchema },
  { method: 'POST', path: '/batch/:batch_id/retry-failed', body: retryFailedBodySchema },
  { method: 'POST', path: '/batch/:batch_id/priority', body: priorityBodySchema },
  { method: 'POST', path: '/batch/:batch_id/hold', body: placeHoldBodySchema },
  { method: 'DELETE', path: '/batch/:batch_id/hold', body: liftHoldBodySchema },
  { method: 'POST', path: '/batch/merge', body: mergeBodySchema },
  { method: 'POST', path: '/batch/recover', body: noBodySchema },
  { method: 'POST', path: '/batch/cleanup', body: cleanupBodySchema },
  { method: 'GET', path: '/batch/list', query: batchListQuerySchema },
  { method: 'GET', path: '/batch/:batch_id/status', query: statusQuerySchema },
  { method: 'GET', path: '/batch/:batch_id/photos', query: batchPhotosQuerySchema },
  { method: 'GET', path: '/batch/:batch_id/log', query: batchLogQuerySchema },
  { method: 'GET', path: '/batch/:batch_id/results.csv' },
  { method: 'GET', path: '/batch/:batch_id/results.json' },
  { method: 'POST', path: '/photos', body: addPhotosBodySchema },
  { method: 'GET', path: '/photos', query: photoListQuerySchema },
  { method: 'GET', path: '/photos/:photo_id' },
  { method: 'GET', path: '/photos/:photo_id/thumbnail', query: thumbnailQuerySchema },
  { method: 'POST', path: '/photos/:photo_id/preview', body: previewBodySchema },
  { method: 'GET', path: '/presets' },
  { method: 'GET', path: '/presets/:name' },
  { method: 'GET', path: '/templates' },
  { method: 'GET', path: '/templates/:template' },
  { method: 'POST', path: '/templates', body: saveTemplateBodySchema },
  { method: 'DELETE', path: '/templates/:template', body: noBodySchema },
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/health' },
  { method: 'GET', path: '/health/ready' },
  { method: 'GET', path: '/version' },
  { method: 'GET', path: '/resources' },
  { method: 'GET', path: '/events', query: eventsQuerySchema },
];

const folder = new URL('../../bridge/http/routes/', import.meta.url);

/** `METHOD path` of all routes that the files of the routes make. */
export async function routesOfTheApp(): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await readdir(folder)) {
    const exported = (await import(new URL(file, folder).href)) as Record<string, unknown>;
    for (const [name, create] of Object.entries(exported)) {
      if (!/^create\w+Routes$/.test(name) || typeof create !== 'function') continue;
      const made = create({}) as { routes: { method: string; path: string }[] };
      for (const { method, path } of made.routes) found.add(`${method} ${path}`);
    }
  }
  return [...found].sort();
}
