/** What the HTTP side is built from, and what its handlers find beside the request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BatchApi } from '../batch/api.ts';
import type { Settings } from '../contract/index.ts';
import type { EventApi } from '../events/api.ts';
import type { Log } from '../log.ts';
import type { RequestContext } from '../logging/request-context.ts';
import type { MetricsApi } from '../metrics/api.ts';
import type { ContentApi } from '../operations/content/api.ts';
import type { PhotoApi } from '../photos/api.ts';
import type { PresetApi } from '../presets/api.ts';
import type { ResourceApi } from '../resources/api.ts';
import type { SettingsApi } from '../settings/api.ts';
import type { TemplateApi } from '../templates/api.ts';

export type Health = {
  /** False only when the process should be replaced. */
  live: boolean;
  /** Accepts changes. */
  ready: boolean;
  /** `safe_mode`: changes are accepted, but nothing renders until a batch is resumed. */
  state: 'starting' | 'ready' | 'safe_mode' | 'read_only' | 'stopping';
  reason: string | null;
};
/** All routes answer and WebSockets are let in. */
export function isOpen(state: Health['state']): boolean {
  return state === 'ready' || state === 'safe_mode' || state === 'read_only';
}
export type VersionInfo = {
  version: string;
  api: string;
  node: string;
  sharp: string | null;
  libvips: string | null;
};

export type AppServices = {
  batches: BatchApi;
  photos: PhotoApi;
  presets: PresetApi;
  templates: TemplateApi;
  content: ContentApi;
  resources: ResourceApi;
  events: EventApi;
  health(): Health;
  version(): VersionInfo;
  /** The settings now; read at each request, so a change needs no restart. */
  settings(): Pick<Settings, 'limits'>;
  /** To be shown and changed. */
  configuration: SettingsApi;
  metrics: MetricsApi;
  /** Where the built dashboard lies; absent: where its build puts it. */
  pageFolder?: string;
  log: Log;
};

/** One answer, as it is counted and logged. */
export type AnsweredRequest = {
  method: string;
  /** As the route has it, `/batch/:batch_id/pause`; null: no route, or refused before one was looked for. */
  route: string | null;
  status: number;
  /** From the end of its headers to the end of the answer. */
  milliseconds: number;
};

/** Hono's `env`. Absent members: the app is called without a server (tests, or another host). */
export type AppBindings = {
  incoming?: IncomingMessage;
  outgoing?: ServerResponse;
  /** Aborted when the server closes: long polls answer at once. */
  closing?: AbortSignal;
  /** Told which route it is. */
  context?: RequestContext;
};
export type AppEnv = { Bindings: AppBindings };
