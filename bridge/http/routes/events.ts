/** `GET /events`: the long poll, twin of the WebSocket for hosts without one. */
import { Hono } from 'hono';
import { eventsQuerySchema } from '../../contract/index.ts';
import type { EventApi, LoggedEvent } from '../../events/api.ts';
import { parseQuery } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';
import { withWaitSignal } from '../wait-signal.ts';

/** Events in one answer at most; the rest comes with the next poll. */
const MAX_EVENTS = 1000;

type Wanted = (logged: LoggedEvent) => boolean;

/**
 * `{events, seq, resync?, oldest?}`: `seq` is the next poll's `since`. Without `since` it waits for what comes from now on.
 * `resync: true`: events after `since` are no longer kept (or never were); read the states anew, go on from `seq`, or
 * from `oldest` to get all that are still kept.
 */
export function createEventRoutes({ events }: AppServices): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/events', async (c) => {
    const { since = events.seq, timeout_s, batch_id } = parseQuery(c, eventsQuerySchema);
    const wanted: Wanted = ({ event }) =>
      batch_id === undefined || ('batch_id' in event && event.batch_id === batch_id);
    const waitMs = c.req.raw.method === 'HEAD' ? 0 : timeout_s * 1000;
    if (!hasNews(events, since, wanted) && waitMs > 0) {
      await withWaitSignal(c, (signal) => waitForNews(events, { wanted, waitMs, signal }));
    }
    return toAnswer(events, since, wanted);
  });
}

function hasNews(events: EventApi, since: number, wanted: Wanted): boolean {
  const kept = events.since(since);
  return kept === null || kept.some(wanted);
}

type Wait = { wanted: Wanted; waitMs: number; signal: AbortSignal };

/** Resolves at the first wanted event, after `waitMs`, or when the signal aborts. */
async function waitForNews(events: EventApi, { wanted, waitMs, signal }: Wait): Promise<void> {
  const news = Promise.withResolvers<void>();
  const timer = setTimeout(news.resolve, waitMs);
  const stop = events.subscribe((logged) => {
    if (wanted(logged)) news.resolve();
  });
  signal.addEventListener('abort', () => news.resolve(), { once: true });
  if (signal.aborted) news.resolve();
  await news.promise;
  clearTimeout(timer);
  stop();
}

function toAnswer(events: EventApi, since: number, wanted: Wanted): Response {
  const kept = events.since(since);
  const news = kept?.filter(wanted) ?? [];
  const page = news.slice(0, MAX_EVENTS);
  const last = page.at(-1);
  const seq = last !== undefined && page.length < news.length ? last.event.seq : events.seq;
  // The frames are JSON already: they are joined, not serialised again.
  const resync = kept === null ? `,"resync":true,"oldest":${events.oldest}` : '';
  const body = `{"events":[${page.map(({ frame }) => frame).join(',')}],"seq":${seq}${resync}}`;
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}
