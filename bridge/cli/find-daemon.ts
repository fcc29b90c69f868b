/** Finds the address of the running daemon: flag, environment, `runtime.json` of the data folder, default. Starts none. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './host.ts';

/** As in `client/`, which is too much to load for a shell that waits for a name. */
const DEFAULT_URL = 'http://127.0.0.1:5100';

export type DaemonAddress = {
  url: string;
  from: 'flag' | 'environment' | 'runtime.json' | 'default';
  /** The `runtime.json` that was looked for; null when it did not come to that, or no data folder can be told. */
  looked: string | null;
};
export type FindOptions = {
  url: string | undefined;
  env: Environment;
  /** Where `runtime.json` would be; null when no data folder can be told. */
  dataDir: () => Promise<string | null>;
};

export async function findDaemon({ url, env, dataDir }: FindOptions): Promise<DaemonAddress> {
  if (url) return { url, from: 'flag', looked: null };
  if (env.PHOTO_BRIDGE_URL) return { url: env.PHOTO_BRIDGE_URL, from: 'environment', looked: null };
  const folder = await dataDir();
  const looked = folder === null ? null : join(folder, 'runtime.json');
  const recorded = looked === null ? null : await loadRuntimeUrl(looked);
  return recorded === null
    ? { url: DEFAULT_URL, from: 'default', looked }
    : { url: recorded, from: 'runtime.json', looked };
}

async function loadRuntimeUrl(path: string): Promise<string | null> {
  try {
    const runtime: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof runtime !== 'object' || runtime === null || !('url' in runtime)) return null;
    return typeof runtime.url === 'string' ? runtime.url : null;
  } catch {
    // No daemon wrote one, or it is half written: the default address is as good a guess.
    return null;
  }
}
