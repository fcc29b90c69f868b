/** Puts the routes together: readiness, unknown routes, wrong methods, and errors as problem documents. */
import { Hono } from 'hono';
import { BridgeError, toError } from '../errors.ts';
import { parseFormat, toPlainAnswer } from './plain/answer.ts';
import { toProblemResponse } from './problem.ts';
import { createApiDescriptionRoutes } from './routes/api-description.ts';
import { createBatchControlRoutes } from './routes/batch-control.ts';
import { createBatchReadingRoutes } from './routes/batch-reading.ts';
import { createBatchUpkeepRoutes } from './routes/batch-upkeep.ts';
import { createContentRoutes } from './routes/content.ts';
import { createDashboardRoutes } from './routes/dashboard.ts';
import { createEventRoutes } from './routes/events.ts';
import { createMetricsRoutes } from './routes/metrics.ts';
import { createPhotoRoutes } from './routes/photos.ts';
import { createPresetRoutes } from './routes/presets.ts';
import { createSettingsRoutes } from './routes/settings.ts';
import { createSystemRoutes } from './routes/system.ts';
import { createTemplateRoutes } from './routes/templates.ts';
import { type AppBindings, type AppEnv, type AppServices, isOpen } from './services.ts';

export type App = { fetch(request: Request, env?: AppBindings): Promise<Response> };
/** Every route there is, as it was registered. */
export type AppWithRoutes = App & { routes: readonly { method: string; path: string }[] };

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Answered in every state of the daemon. */
const alwaysOpen: ReadonlySet<string> = new Set([
  ...['/', '/health', '/health/ready', '/version'],
  ...['/openapi.json', '/docs'],
]);

/** `fetch` never rejects; it does no guarding: the server does, before it. */
export function createApp(services: AppServices): AppWithRoutes {
  const { log } = services;
  const routes = new Hono<AppEnv>()
    .route('/', createBatchControlRoutes(services))
    .route('/', createBatchUpkeepRoutes(services))
    .route('/', createBatchReadingRoutes(services))
    .route('/', createPhotoRoutes(services))
    .route('/', createPresetRoutes(services))
    .route('/', createTemplateRoutes(services))
    .route('/', createContentRoutes(services))
    .route('/', createSystemRoutes(services))
    .route('/', createSettingsRoutes(services))
    .route('/', createMetricsRoutes(services))
    .route('/', createDashboardRoutes(services))
    .route('/', createEventRoutes(services))
    .route('/', createApiDescriptionRoutes(services));

  const explain = (thrown: unknown, request: Request): Response => {
    const path = new URL(request.url).pathname;
    // A client that leaves is no fault of ours: nobody reads this answer.
    const isGone = request.signal.aborted && thrown === request.signal.reason;
    if (!isGone && !(thrown instanceof BridgeError))
      log.error({ err: toError(thrown), path }, 'a request failed');
    return toProblemResponse(thrown, path);
  };
  routes.onError((error, c) => explain(error, c.req.raw));
  routes.notFound((c) => {
    const allowed = methods.filter((method) => routes.router.match(method, c.req.path)[0].length > 0);
    return explain(toMissing(c.req.method, c.req.path, allowed), c.req.raw);
  });

  async function answer(request: Request, env: AppBindings): Promise<Response> {
    const path = new URL(request.url).pathname;
    const route = findRoute(routes, request.method, path);
    if (env.context !== undefined) env.context.route = route;
    const { format, problem } = parseFormat(request.url, request.headers.get('accept') ?? undefined);
    const answered = await attempt(request, async () => {
      if (problem !== null) throw problem;
      checkState(services, path);
      return await routes.fetch(request, env);
    });
    return format === 'json'
      ? answered
      : await toPlainAnswer(answered, { method: request.method, route, path });
  }

  /** Hono hands only Errors to onError; anything else that is thrown ends here. */
  async function attempt(request: Request, act: () => Promise<Response>): Promise<Response> {
    try {
      return await act();
    } catch (thrown) {
      return explain(thrown, request);
    }
  }

  return {
    // ALL: what stands before the routes is none.
    routes: routes.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => ({ method, path })),
    fetch: (request, env = {}) => attempt(request, () => answer(request, env)),
  };
}

/** The route's own pattern, without the form of its parameters: what is counted by it stays few, whatever is asked for. Null: there is none. */
function findRoute(routes: Hono<AppEnv>, method: string, path: string): string | null {
  const [found] = routes.router.match(method === 'HEAD' ? 'GET' : method, path);
  return found.at(-1)?.[0][1].path.replace(/\{.*?\}/g, '') ?? null;
}

function toMissing(method: string, path: string, allowed: readonly string[]): BridgeError {
  if (allowed.length === 0) return new BridgeError('not_found', `there is no route ${path.slice(0, 200)}`);
  const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
  return new BridgeError('method_not_allowed', `${method} is not possible here; allowed: ${allow}`, {
    allow,
  });
}

function checkState({ health }: AppServices, path: string): void {
  if (alwaysOpen.has(path) || path.startsWith('/assets/')) return;
  const { state, reason } = health();
  if (isOpen(state)) return;
  const why = reason === null ? '' : `: ${reason}`;
  throw new BridgeError('unavailable', `the daemon is ${state}${why}`, { state });
}
