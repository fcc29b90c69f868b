/** What the outside talks to: HTTP and WebSocket. */
import { join } from 'node:path';
import { createApp } from '../http/app.ts';
import { createBridgeServer } from '../http/server.ts';
import type { Health } from '../http/services.ts';
import { loadToken } from '../http/token.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { systemClock } from '../resources/clock.ts';
import { createReport } from '../resources/report.ts';
import type { SettingsApi } from '../settings/api.ts';
import { createJsonFolder } from '../store/json-folder.ts';
import { MAX_TEMPLATE_BYTES, openTemplates } from '../templates/templates.ts';
import { toVersion } from '../version.ts';
import { createSockets } from '../ws/sockets.ts';
import type { Base } from './base.ts';
import type { Batches } from './batches.ts';
import type { Rendering } from './rendering.ts';
import type { Storage } from './storage.ts';

export type FrontParts = Base & {
  storage: Storage;
  rendering: Rendering;
  batches: Batches;
  health: Health;
  configuration: SettingsApi;
  metrics: Metrics;
};

/** Listens at once and answers 503 until the health says ready. */
export async function openFront(parts: FrontParts): Promise<{ url: string; port: number }> {
  const { dataDir, log, stack, settings, storage, rendering, batches, metrics } = parts;
  const { events } = storage;
  const { engine, photos, presets, content } = batches;
  const { executor, governance, limiter, machine, safeMode } = rendering;
  const resources = createReport({
    ...governance,
    limiter,
    load: () => governance.limiter.load,
    profile: () => settings().resources.profile,
    battery: () => machine.battery(),
    hostRssBytes: () => executor.hostRssBytes(),
    diskPaths: () => [...new Set([dataDir, ...settings().output.folders])],
  });
  const health = (): Health => {
    if (parts.health.state !== 'ready') return parts.health;
    const readOnly = storage.store.readOnly();
    if (readOnly !== null) return { live: true, ready: false, state: 'read_only', reason: readOnly.reason };
    const { reason } = safeMode;
    return reason === null ? parts.health : { live: true, ready: true, state: 'safe_mode', reason };
  };
  const files = createJsonFolder(join(dataDir, 'templates'), MAX_TEMPLATE_BYTES, storage.quarantine);
  const templates = await openTemplates({ files, iso: systemClock.iso, log });
  const app = createApp({
    batches: engine.api,
    photos: photos.api,
    presets,
    templates,
    content,
    resources,
    events,
    health,
    version: () => toVersion(executor),
    settings,
    configuration: parts.configuration,
    metrics,
    log,
  });
  const sockets = createSockets({ events, batches: engine.api, settings, log });
  const isReadOnly = () => storage.store.readOnly() !== null;
  metrics.watch({ events, batches: engine.api, limiter, host: executor, sockets, isReadOnly });
  const token = await loadToken(settings().security, dataDir);
  const server = createBridgeServer({
    app,
    sockets,
    settings,
    health,
    token,
    onAnswered: metrics.meters.onAnswered,
    log,
  });
  const address = await server.listen();
  stack.push('server', (left) => server.close({ deadlineMs: Math.min(left, 1000) }));
  return address;
}
