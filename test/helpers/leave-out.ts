/** What a machine lacks: a test says so and is left out, but in CI it fails. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';

export function leaveOut(context: TestContext, reason: string): never {
  if (process.env.CI) throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return context.skip(reason);
}

/** A Python that has `requests`: the first one may be another than the system's. */
export async function findPython(): Promise<string | null> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const found = await promisify(execFile)(python, ['-c', 'import requests']).catch(() => null);
    if (found !== null) return python;
  }
  return null;
}

/** Whether the program can be started. */
export async function hasProgram(name: string): Promise<boolean> {
  return (await promisify(execFile)(name, ['--version']).catch(() => null)) !== null;
}
