/** Finds the address of the running daemon: flag, environment, `runtime.json` of the data folder, default. Starts none. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_URL } from '../client/index.ts';
import type { Environment } from './host.ts';

export type DaemonAddress = { url: string; from: 'flag' | 'environment' | 'runtime.json' | 'default' };
export type FindOptions = {
  url: string | undefined;
  env: Environment;
  /** Where `runtime.json` would be; null when no data folder can be told. */
  dataDir: () => Promise<string | null>;
};

export async function findDaemon({ url, env, dataDir }: FindOptions): Promise<DaemonAddress> {
  if (url) return { url, from: 'flag' };
  if (env.PHOTO_BRIDGE_URL) return { url: env.PHOTO_BRIDGE_URL, from: 'environment' };
  const folder = await dataDir();
  const recorded = folder === null ? null : await loadRuntimeUrl(folder);
  return recorded === null ? { url: DEFAULT_URL, from: 'default' } : { url: recorded, from: 'runtime.json' };
}

async function loadRuntimeUrl(dataDir: string): Promise<string | null> {
  try {
    const runtime: unknown = JSON.parse(await readFile(join(dataDir, 'runtime.json'), 'utf8'));
    if (typeof runtime !== 'object' || runtime === null || !('url' in runtime)) return null;
    return typeof runtime.url === 'string' ? runtime.url : null;
  } catch {
    // No daemon wrote one, or it is half written: the default address is as good a guess.
    return null;
  }
}
