/** What every command gets: the terminal, the client of the running daemon, and the few helpers all share. */
import { type BridgeClient, createClient } from '../client/index.ts';
import { InterruptedError, NotFoundError } from './exit-codes.ts';
import { type DaemonAddress, findDaemon } from './find-daemon.ts';
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
  /** The daemon that the flags mean, whether it runs or not. */
  findDaemon(): Promise<DaemonAddress>;
  /** Of the daemon that the flags mean; null when that cannot be told. */
  folders(): Promise<Folders | null>;
  /**
   * Aborted by Ctrl-C once `run` has asked for it; the command then ends in its own way. What it throws after that counts
   * as the interruption.
   */
  interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

/** A command's work. Answers its exit code; throws BridgeProblem or UsageError. */
export type Action<F = Record<string, never>> = (
  context: Context,
  args: readonly string[],
  flags: F,
) => Promise<number>;

export function createContext(host: CliHost, flags: GlobalFlags): Context {
  const json = flags.json === true;
  const env = flags.color === false ? { ...host.env, NO_COLOR: '1' } : host.env;
  const terminal = createTerminal({ stdout: host.stdout, stderr: host.stderr, env, json });

  async function folders(): Promise<Folders | null> {
    const { dataDir, config } = flags;
    return await host.folders({ ...(dataDir && { dataDir }), ...(config && { config }) });
  }

  async function find(): Promise<DaemonAddress> {
    return await findDaemon({
      url: flags.url,
      env: host.env,
      dataDir: async () => (await folders())?.data ?? null,
    });
  }

  const connect = async () => createClient({ url: (await find()).url });

  async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const remove = host.onInterrupt(() => controller.abort(new Error('Interrupted')));
    try {
      return await run(controller.signal);
    } catch (error) {
      throw controller.signal.aborted ? new InterruptedError('Interrupted') : error;
    } finally {
      remove();
    }
  }

  return { host, terminal, json, connect, findDaemon: find, folders, interruptible };
}

/** `batch_…`, its twelve digits alone, or `last` for the newest batch. */
export async function findBatchId(client: BridgeClient, text: string): Promise<string> {
  if (/^[0-9a-f]{12}$/.test(text)) return `batch_${text}`;
  if (text !== 'last') return text;
  const { batches } = await client.batches.list({ limit: 1 });
  const newest = batches[0];
  if (newest === undefined) {
    throw new NotFoundError('There is no batch yet; start one with: photo-bridge start FOLDER');
  }
  return newest.batch_id;
}
