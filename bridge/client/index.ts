/**
 * The package's `./client` entry: every route of the daemon as a typed method, for Node and browsers.
 * It finds no daemon by itself.
 */
import type { EventsAnswer, HealthAnswer, ResourcesAnswer, VersionAnswer } from './answers.ts';
import { createBatchesClient } from './batches.ts';
import { createContentClient } from './content.ts';
import { createEventStream, type EventsOptions } from './events.ts';
import { createPhotosClient, createPresetsClient } from './library.ts';
import { createSettingsClient, readMetrics } from './settings.ts';
import type { WebSocketConstructor } from './socket.ts';
import { createTemplatesClient } from './templates.ts';
import { type CallOptions, createTransport, type Fetch, type Transport } from './transport.ts';
import { createBatchWatch, type WatchOptions } from './watch-batch.ts';

export type * from '../contract/index.ts';
export type * from './answers.ts';
export type {
  CleanupRequest,
  ItemQuery,
  ListQuery,
  PauseRequest,
  RetryRequest,
  StartRequest,
} from './batches.ts';
export type { EventsOptions, LiveEvent } from './events.ts';
export type { AddPhotosRequest, PreviewRequest } from './library.ts';
export { BridgeProblem } from './problem.ts';
export type { SaveTemplateRequest } from './templates.ts';
export type { CallOptions } from './transport.ts';
export {
  type ReceivedWebhook,
  type VerifyOptions,
  verifyWebhook,
  type WebhookVerdict,
} from './verify-webhook.ts';
export { isFinished, type WatchOptions } from './watch-batch.ts';

export const DEFAULT_URL = 'http://127.0.0.1:5100';

export type ClientOptions = {
  /** Address of the daemon. Default `http://127.0.0.1:5100`. */
  url?: string | undefined;
  /** Only for a daemon on another machine or from a page of another origin: the content of `security.token_file`. */
  token?: string | undefined;
  fetch?: Fetch | undefined;
  WebSocket?: WebSocketConstructor | undefined;
};
export type BridgeClient = ReturnType<typeof createClient>;

/** Every method rejects with BridgeProblem: a refusal of the daemon, or `status` 0 when it does not answer. */
export function createClient(options: ClientOptions = {}) {
  const { token } = options;
  const transport = createTransport(options.url ?? DEFAULT_URL, options.fetch ?? globalThis.fetch, token);
  const Socket = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor);
  const batches = createBatchesClient(transport);
  return {
    url: transport.url,
    batches,
    photos: createPhotosClient(transport),
    presets: createPresetsClient(transport),
    templates: createTemplatesClient(transport),
    content: createContentClient(transport),
    settings: createSettingsClient(transport),
    ...createSystemClient(transport),
    events: (eventsOptions: EventsOptions = {}) =>
      createEventStream({ url: transport.url, token }, Socket, eventsOptions),
    watchBatch: (batchId: string, watchOptions: WatchOptions = {}) =>
      createBatchWatch(batches, batchId, watchOptions),
  };
}

function createSystemClient(transport: Transport) {
  const get = <T>(path: string, options?: CallOptions) =>
    transport.json<T>({ method: 'GET', path, ...options });
  return {
    health: (options?: CallOptions) => get<HealthAnswer>('/health', options),
    /** Rejects with status 503 while the daemon starts or stops. */
    ready: (options?: CallOptions) => get<HealthAnswer>('/health/ready', options),
    version: (options?: CallOptions) => get<VersionAnswer>('/version', options),
    metrics: (options?: CallOptions) => readMetrics(transport, options),
    resources: (options?: CallOptions) => get<ResourcesAnswer>('/resources', options),
    openapi: (options?: CallOptions) => get<Record<string, unknown>>('/openapi.json', options),
    /** One long poll: the twin of `events` for hosts without a WebSocket. */
    pollEvents: (
      query: { since?: number; timeout_s?: number; batch_id?: string } = {},
      options?: CallOptions,
    ) => transport.json<EventsAnswer>({ method: 'GET', path: '/events', query, ...options }),
  };
}
