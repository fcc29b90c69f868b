/** The few requests captions need, through masto, with answers checked. One request each: no retries, no decisions. */

import type { mastodon } from 'masto';
import { HttpActionDispatcher } from 'masto/adapters/action/dispatcher-http.js';
import { HttpActionDispatcherHookMastodon } from 'masto/adapters/action/dispatcher-http-hook-mastodon.js';
import { createActionProxy } from 'masto/adapters/action/proxy.js';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { ServerFault } from './server-fault.ts';
import { ServerHttp } from './server-http.ts';

const limitSchema = z.object({ descriptionLimit: z.number().optional().catch(undefined) });
const instanceSchema = z.object({
  version: z.string(),
  descriptionLimit: z.number().optional().catch(undefined),
  configuration: z
    .object({
      mediaAttachments: limitSchema.optional().catch(undefined),
      polls: z.object({ minExpiration: z.number() }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
const pollSchema = z.object({
  options: z.array(z.object({ title: z.string(), votesCount: z.number().nullish() })),
  multiple: z.boolean(),
  expired: z.boolean(),
  expiresAt: z.string().nullish(),
});
const statusSchema = z.object({
  id: z.string(),
  sensitive: z.boolean(),
  spoilerText: z.string().nullish(),
  language: z.string().nullish(),
  poll: pollSchema.nullish(),
  mediaAttachments: z.array(z.object({ id: z.string(), description: z.string().nullish() })),
  quoteApproval: z
    .object({ automatic: z.array(z.string()), manual: z.array(z.string()) })
    .optional()
    .catch(undefined),
});
const sourceSchema = z.object({ text: z.string(), spoilerText: z.string() });

export type InstanceAnswer = z.infer<typeof instanceSchema>;
export type StatusAnswer = z.infer<typeof statusSchema>;
export type SourceAnswer = z.infer<typeof sourceSchema>;

/** Everything an edit sets; what is not sent is lost, so all of it is always sent. */
export type StatusUpdate = {
  status: string;
  spoilerText: string;
  sensitive: boolean;
  language?: string;
  poll?: { options: string[]; expiresIn: number; multiple: boolean; hideTotals: boolean };
  mediaIds: string[];
  mediaAttributes: { id: string; description: string | null }[];
  quoteApprovalPolicy?: 'public' | 'followers' | 'nobody';
};

/** All reject with ServerFault, or with the signal's reason. Ids are those `parseCaptions` lets through. */
export interface CaptionServer {
  readonly url: string;
  fetchInstance(signal?: AbortSignal): Promise<InstanceAnswer>;
  fetchStatus(id: string, signal?: AbortSignal): Promise<StatusAnswer>;
  fetchSource(id: string, signal?: AbortSignal): Promise<SourceAnswer>;
  updateStatus(id: string, update: StatusUpdate, signal?: AbortSignal): Promise<void>;
  updateMedia(id: string, description: string, signal?: AbortSignal): Promise<void>;
}

export type ServerOptions = { readOnly?: boolean; timeoutMs?: number; now?: () => number };

export function createCaptionServer(connection: Connection, options: ServerOptions = {}): CaptionServer {
  const { readOnly = false, timeoutMs = 30_000, now = Date.now } = options;
  const http = new ServerHttp({ connection, readOnly, timeoutMs, now });
  const dispatcher = new HttpActionDispatcher(http, new HttpActionDispatcherHookMastodon(http));
  const client = createActionProxy<mastodon.rest.Client>(dispatcher, { context: ['api'] });
  return {
    url: connection.server,
    fetchInstance: async (signal) =>
      check(instanceSchema, await fetchInstance(client, signal), 'the instance'),
    fetchStatus: async (id, signal) =>
      check(
        statusSchema,
        await client.v1.statuses.$select(id).fetch(undefined, toMeta(signal)),
        `post ${id}`,
      ),
    fetchSource: async (id, signal) =>
      check(
        sourceSchema,
        await client.v1.statuses.$select(id).source.fetch(undefined, toMeta(signal)),
        `the source of post ${id}`,
      ),
    updateStatus: async (id, update, signal) => {
      // The library's types allow no poll beside media; servers that do need both back.
      const params = update as unknown as mastodon.rest.v1.UpdateStatusParams;
      await client.v1.statuses.$select(id).update(params, toMeta(signal));
    },
    updateMedia: async (id, description, signal) => {
      await client.v1.media.$select(id).update({ description }, toMeta(signal));
    },
  };
}

/** Servers from before `/api/v2/instance` say the same in `/api/v1/instance`. */
async function fetchInstance(
  client: mastodon.rest.Client,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return await client.v2.instance.fetch(undefined, toMeta(signal));
  } catch (thrown) {
    if (!(thrown instanceof ServerFault) || thrown.status !== 404) throw thrown;
    return client.v1.instance.fetch(undefined, toMeta(signal));
  }
}

function toMeta(signal: AbortSignal | undefined): { requestInit?: { signal: AbortSignal } } {
  return signal === undefined ? {} : { requestInit: { signal } };
}

function check<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new ServerFault(
    'unreadable',
    `The server's answer about ${what} lacks ${place === '' ? 'all sense' : place}`,
  );
}
