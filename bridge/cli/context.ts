/** What every command gets: the terminal, the client of the running daemon, and the few helpers all share. */
import { type BridgeClient, createClient } from '../client/index.ts';
import { UsageError } from './exit-codes.ts';
import { findDaemon } from './find-daemon.ts';
import type { CliHost, Folders } from './host.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export type GlobalFlags = {
  json?: boolean;
  url?: string;
  dataDir?: string;
  config?: string;
  color?: boolean;
};

export type Context = {
  host: CliHost;
  terminal: Terminal;
  json: boolean;
  connect(): Promise<BridgeClient>;
  /** Of the daemon that the flags mean; null when that cannot be told. */
  folders(): Promise<Folders | null>;
  /** Aborted by Ctrl-C once `run` has asked for it; the command then ends in its own way. */
  interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

/** A command's work. Answers its exit code; throws BridgeProblem or UsageError. */
export type Action<F = Record<string, never>> = (
  context: Context,
  args: readonly string[],
  flags: F,
) => Promise<number>;

export function createContext(host: CliHost, flags: GlobalFlags): Context {
  const env = flags.color === false ? { ...host.env, NO_COLOR: '1' } : host.env;
  const terminal = createTerminal({ stdout: host.stdout, stderr: host.stderr, env });

  async function folders(): Promise<Folders | null> {
    const { dataDir, config } = flags;
    return await host.folders({ ...(dataDir && { dataDir }), ...(config && { config }) });
  }

  async function connect(): Promise<BridgeClient> {
    const { url } = await findDaemon({
      url: flags.url,
      env: host.env,
      dataDir: async () => (await folders())?.data ?? null,
    });
    return createClient({ url });
  }

  async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const remove = host.onInterrupt(() => controller.abort(new Error('Interrupted')));
    try {
      return await run(controller.signal);
    } finally {
      remove();
    }
  }

  return { host, terminal, json: flags.json === true, connect, folders, interruptible };
}

/** `batch_…`, its twelve digits alone, or `last` for the newest batch. */
export async function findBatchId(client: BridgeClient, text: string): Promise<string> {
  if (/^[0-9a-f]{12}$/.test(text)) return `batch_${text}`;
  if (text !== 'last') return text;
  const { batches } = await client.batches.list({ limit: 1 });
  const newest = batches[0];
  if (newest === undefined) throw new UsageError('There is no batch yet; start one with: photo-bridge start');
  return newest.batch_id;
}
