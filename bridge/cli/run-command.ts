/** Runs another program to its end: an absolute path, a list of arguments, a deadline; never a shell, never input. */
import { execFile } from 'node:child_process';
import type { Environment } from './host.ts';

export type CommandOptions = {
  args: readonly string[];
  env: Environment;
  cwd?: string;
  /** Then it is killed. */
  timeoutMs: number;
};
export type CommandEnd =
  | { kind: 'ended'; code: number; stdout: string; stderr: string }
  /** By a signal of somebody else's, or its own crash. */
  | { kind: 'killed'; signal: string; stderr: string }
  | { kind: 'timeout' }
  | { kind: 'not_started'; reason: string };

const MAX_OUTPUT = 1024 * 1024;

/** Never rejects. */
export async function runCommand(file: string, options: CommandOptions): Promise<CommandEnd> {
  const { promise, resolve } = Promise.withResolvers<CommandEnd>();
  const settings = {
    env: { ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: MAX_OUTPUT,
    windowsHide: true,
  };
  try {
    const child = execFile(file, options.args, settings, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'ended', code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ kind: 'ended', code: error.code, stdout, stderr });
      else if (error.killed === true) resolve({ kind: 'timeout' });
      else if (typeof error.signal === 'string') resolve({ kind: 'killed', signal: error.signal, stderr });
      else resolve({ kind: 'not_started', reason: String(error.code ?? error.message) });
    });
    child.stdin?.end();
  } catch (thrown) {
    // An argument that no program can be given.
    resolve({ kind: 'not_started', reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
  return await promise;
}
