/** What starts services for a user on one platform. Types, and the one way to run its tools. */
import type { Environment } from '../host.ts';
import { runCommand } from '../run-command.ts';
import type { ServiceFacts } from './definition.ts';
import type { Encoding } from './service-file.ts';

export type ServiceState = {
  /** Null: the supervisor cannot be asked here, or does not tell. */
  starts: 'at_login' | 'never' | null;
  running: boolean | null;
  pid: number | null;
};

export type Supervisor = {
  name: 'systemd' | 'launchd' | 'Task Scheduler';
  /** Of the definition. */
  path: string;
  encoding: Encoding;
  toText(facts: ServiceFacts): string;
  /** Null: it works. Otherwise why it cannot be asked. */
  findObstacle(): Promise<string | null>;
  /** After the definition is written. `start`: also run it now; it is restarted when it runs and `changed`. Throws ToolError. */
  register(options: { changed: boolean; start: boolean }): Promise<void>;
  /** Before the definition is removed: stops it and forgets it. Throws ToolError. */
  unregister(): Promise<void>;
  /** After it was removed. */
  afterRemoval(): Promise<void>;
  state(): Promise<ServiceState>;
  /** Commands for people. */
  byHand: { start: string; register: string; logs: string };
};

/** A tool of the system refused. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** Stopping a service may take as long as the daemon may. */
const TIMEOUT_MS = 30_000;

export type Tool = {
  /** Its stdout. Throws ToolError with what it said. */
  run(...args: string[]): Promise<string>;
  /** Its stdout, or null when it ended badly. */
  ask(...args: string[]): Promise<string | null>;
};

export function createTool(path: string, env: Environment): Tool {
  const call = (args: readonly string[]) => runCommand(path, { args, env, timeoutMs: TIMEOUT_MS });
  return {
    async run(...args) {
      const end = await call(args);
      if (end.kind === 'ended' && end.code === 0) return end.stdout;
      const said =
        end.kind === 'ended' ? end.stderr.trim() || end.stdout.trim() || `exit code ${end.code}` : end.kind;
      throw new ToolError(`${[path, ...args].join(' ')}: ${said}`);
    },
    async ask(...args) {
      const end = await call(args);
      return end.kind === 'ended' && end.code === 0 ? end.stdout : null;
    },
  };
}
