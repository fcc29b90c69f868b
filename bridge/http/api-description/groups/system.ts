/** Describes the routes about the daemon itself, and this description. */
import { z } from 'zod';
import {
  healthAnswerSchema,
  readyAnswerSchema,
  resourcesSchema,
  versionAnswerSchema,
} from '../../../contract/index.ts';
import type { Answer, Group, Operation } from '../operation.ts';

const page: Answer = { type: 'text/html', about: 'A page that needs nothing from elsewhere.' };

const unchanged: Answer = { status: 304, about: 'Nothing changed since that `ETag`.', type: '' };
/** Its own form is not described within it. */
const descriptionSchema = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ title: z.string(), version: z.string() }),
});

const health: readonly Operation[] = [
  {
    method: 'GET',
    path: '/health',
    id: 'getHealth',
    summary: 'Whether the process lives',
    description: 'Never waits behind work, and answers in every state.',
    answers: [
      {
        about: '`live` is false only when the process should be replaced.',
        schema: healthAnswerSchema,
        example: { status: 'ok', live: true, ready: true, state: 'ready', reason: null },
      },
    ],
  },
  {
    method: 'GET',
    path: '/health/ready',
    id: 'getReadiness',
    summary: 'Whether changes are accepted',
    description: '503 while the daemon starts, stops, or cannot write.',
    answers: [
      {
        about: 'Ready. `safe_mode`: nothing renders until a batch is resumed.',
        schema: readyAnswerSchema,
        example: { status: 'ok', ready: true, state: 'ready', reason: null },
      },
    ],
  },
];

const machine: readonly Operation[] = [
  {
    method: 'GET',
    path: '/version',
    id: 'getVersion',
    summary: 'Versions of the daemon and of what renders',
    answers: [
      {
        about: 'Null: not known.',
        schema: versionAnswerSchema,
        example: { version: '1.0.0', api: '1', node: '24.21.0', sharp: '0.35.5', libvips: '8.18.0' },
      },
    ],
  },
  {
    method: 'GET',
    path: '/resources',
    id: 'getResources',
    summary: 'The machine, and how many photos may run now',
    answers: [
      {
        about: 'Readings, state, limit and its reason.',
        schema: resourcesSchema,
        example: {
          state: 'busy',
          limit: 1,
          capacity: 8,
          reason: 'another program uses 91 % CPU',
          profile: 'balanced',
          cpu: { cores: 8, total_percent: 97, own_percent: 6, foreign_percent: 91 },
          memory: {
            total_bytes: 16_777_216_000,
            available_bytes: 9_126_805_504,
            used_percent: 45.6,
            daemon_rss_bytes: 98_566_144,
            host_rss_bytes: 402_653_184,
          },
          pressure: {
            cpu: { some_percent: 41.2, full_percent: 0 },
            memory: { some_percent: 0, full_percent: 0 },
            io: { some_percent: 1.3, full_percent: 0.4 },
          },
          battery: null,
          disk: [
            {
              path: '/home/anna/.local/share/photo-bridge',
              free_bytes: 210_453_397_504,
              total_bytes: 512_110_190_592,
            },
          ],
          history: [],
        },
      },
    ],
  },
];

const metrics: Operation = {
  method: 'GET',
  path: '/metrics',
  id: 'getMetrics',
  summary: 'Counters for Prometheus',
  description: 'Batches, photos by outcome, durations, queue, limit and the daemon itself.',
  answers: [
    {
      about: 'Prometheus’ text exposition format.',
      type: 'text/plain',
      example: '# HELP photo_bridge_batches Batches by state\n# TYPE photo_bridge_batches gauge\n',
    },
  ],
};

const pages: readonly Operation[] = [
  {
    method: 'GET',
    path: '/',
    id: 'getHome',
    summary: 'The dashboard',
    answers: [page],
  },
  {
    method: 'GET',
    path: '/assets/{name}',
    id: 'getAsset',
    summary: 'A file of the dashboard',
    description: 'Names carry the sum of what is in them: what one names never changes.',
    answers: ['text/javascript', 'text/css', 'image/svg+xml'].map((type) => ({ type, about: '' })),
  },
  {
    method: 'GET',
    path: '/openapi.json',
    id: 'getDescription',
    summary: 'This description, OpenAPI 3.1',
    description:
      'Made from the schemas that check the requests. It has an `ETag`: `If-None-Match` answers 304 when nothing changed.',
    answers: [
      {
        about: 'The document.',
        schema: descriptionSchema,
        example: { openapi: '3.1.1', info: { title: 'Photo Bridge', version: '1.0.0' } },
        headers: { etag: 'Of the document.' },
      },
      unchanged,
    ],
  },
  {
    method: 'GET',
    path: '/docs',
    id: 'getDocs',
    summary: 'This description as a page',
    description: 'Needs no network and runs no script.',
    answers: [{ ...page, headers: { etag: 'Of the page.' } }, unchanged],
  },
];

export const system: Group = {
  name: 'System',
  about: 'The daemon itself.',
  operations: [...health, ...machine, metrics, ...pages],
};
