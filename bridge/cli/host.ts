/** What the command line needs from the process it runs in; `main.ts` implements it. Types only. */
import type { TextStream } from './terminal.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ServeFlags = {
  port?: number;
  host?: string;
  dataDir?: string;
  config?: string;
  logLevel?: string;
};

/** `logs` has the daemon's log, `bridge.log`. */
export type Folders = { data: string; logs: string };

export type CliHost = {
  env: Environment;
  cwd: string;
  stdout: TextStream;
  stderr: TextStream;
  /** Version of this package. */
  version: string;
  /** How to start this program again: Node and the file it runs. */
  self: { node: string; entry: string };
  /** Root of the installed package. */
  root: string;
  /** Runs the daemon until it is stopped; answers its exit code. */
  serve(flags: ServeFlags): Promise<number>;
  /** Folders a daemon started here with these flags would use; null when that cannot be told. */
  folders(flags: ServeFlags): Promise<Folders | null>;
  /** While a listener is there, Ctrl-C calls it instead of ending the process. Answers how to remove it. */
  onInterrupt(listener: () => void): () => void;
};
