/** A daemon with batches in every state, and requests to it as the OpenAPI document describes them. */
import { copyFile, truncate } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { ApiDocument } from '../../bridge/http/api-description/to-document.ts';
import type { DocumentedOperation, Given } from '../helpers/api-document.ts';
import type { TestDaemon } from '../helpers/daemon.ts';
import { makePhotos, registerPhotos, waitForEnd } from './support.ts';

export type Scene = {
  daemon: TestDaemon;
  document: ApiDocument;
  folder: string;
  /** Registered, and cut off in the middle since. */
  damagedId: number;
  /** Batches in that state; made anew for each call. */
  batch: Record<
    'running' | 'paused' | 'pending' | 'cancelled' | 'failed' | 'completed',
    () => Promise<string>
  >;
};

const LATER = '2099-01-01T00:00:00Z';

export async function openScene(daemon: TestDaemon, folder: string): Promise<Scene> {
  const { client } = daemon;
  const paths = await makePhotos(folder, 10, { width: 96, height: 64 });
  await registerPhotos(client, paths);
  const damaged = join(folder, 'damaged.jpg');
  await copyFile(paths[0] ?? '', damaged);
  const [damagedId = 0] = await registerPhotos(client, [damaged]);
  await truncate(damaged, 400);
  const ids = paths.map((_path, index) => index + 1);
  const start = async (extra: object = {}) =>
    (await client.batches.start({ photo_ids: ids, ...extra })).batch_id;
  const pending = () => start({ start_at: LATER });
  /** One that was faster than the hold is no use. */
  const running = async (): Promise<string> => {
    const id = await start();
    const hold = { client: 'walk', reason: 'to stay running', lease_s: 600 };
    const held = await client.batches.placeHold(id, hold).catch(() => null);
    return held !== null && held.pending_count > 0 ? id : running();
  };
  const after = async (id: string, change: (id: string) => Promise<unknown>) => {
    await change(id);
    return id;
  };
  return {
    daemon,
    document: (await (await fetch(`${daemon.url}/openapi.json`)).json()) as ApiDocument,
    folder,
    damagedId,
    batch: {
      running,
      pending,
      paused: async () => after(await running(), (id) => client.batches.pause(id)),
      cancelled: async () => after(await pending(), (id) => client.batches.cancel(id)),
      failed: async () =>
        after(await start({ photo_ids: [999_999], on_unknown: 'fail_item' }), (id) => waitForEnd(client, id)),
      completed: async () => after(await start({ photo_ids: [1] }), (id) => waitForEnd(client, id)),
    },
  };
}

export type Call = {
  path: string;
  method: string;
  headers?: Record<string, string>;
  body?: string | undefined;
};
export type Got = Given & { headers: Record<string, string | string[] | undefined> };

export function send(port: number, { path, method, headers = {}, body }: Call): Promise<Got> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const asked = request({ port, host: '127.0.0.1', method, path, headers: { ...length, ...headers } });
    asked.on('error', reject);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    asked.end(body);
  });
}

export type Filling = {
  /** In place of the examples of path parameters. */
  parameters?: Record<string, string>;
  query?: string;
};

/** The path with the examples of its parameters, as the document gives them. */
export function toTarget(
  { path, operation }: DocumentedOperation,
  { parameters = {}, query }: Filling,
): string {
  const given = operation.parameters ?? [];
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(parameters[name] ?? String(given.find((one) => one.name === name)?.example)),
  );
  const pairs = given.filter(({ in: place, example }) => place === 'query' && example !== undefined);
  const search = query ?? pairs.map(({ name, example }) => `${name}=${String(example)}`).join('&');
  return search === '' ? filled : `${filled}?${search}`;
}

/** The examples of the body, by media type; `[undefined]` for an operation without one. */
export function bodiesOf({ operation }: DocumentedOperation): { type: string; text: string | undefined }[] {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0) return [{ type: '', text: undefined }];
  return content.flatMap(([type, { example, examples = {} }]) => {
    const values = Object.values(examples).flatMap((one) => ('value' in one ? [one.value] : []));
    return [...(example === undefined ? [] : [example]), ...values].map((value) => ({
      type,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    }));
  });
}

/** The state a batch must be in for the example to succeed; `running` where nothing is said. */
export const states: Record<string, keyof Scene['batch']> = {
  resumeBatch: 'paused',
  retryFailed: 'failed',
  mergeBatches: 'pending',
};
