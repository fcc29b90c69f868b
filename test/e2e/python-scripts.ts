/** Runs Python against the client in `clients/python`, as scripts and plugins do: with every warning an error. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { TestDaemon } from '../helpers/daemon.ts';

const folderOfClient = fileURLToPath(new URL('../../clients/python/', import.meta.url));
export const file = join(folderOfClient, 'photo_bridge.py');
const strict = ['-W', 'error', '-B'];

/** As a person's shell would have it, but for what would lead elsewhere. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PHOTO_BRIDGE_'));
  return { ...Object.fromEntries(kept), PYTHONPATH: folderOfClient, PYTHONUTF8: '1', ...more };
}

type Said = { code: number; stdout: string; stderr: string };

export async function python(args: readonly string[], more: Record<string, string> = {}): Promise<Said> {
  const options = { env: environment(more), timeout: 60_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)('python3', [...strict, ...args], options);
    return { code: 0, stdout, stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as Said;
    if (typeof code !== 'number') throw thrown;
    return { code, stdout, stderr };
  }
}

const opening = 'import json, os, sys, threading\nfrom photo_bridge import *\nbridge = PhotoBridge()\n';

/** What the script writes as JSON. */
export async function run(daemon: TestDaemon, script: string, ...args: string[]): Promise<unknown> {
  const said = await python(['-c', opening + script, ...args], { PHOTO_BRIDGE_URL: daemon.url });
  if (said.code !== 0 || said.stderr !== '') throw new Error(`${said.stderr}\n${said.stdout}`);
  return JSON.parse(said.stdout);
}

/** A script that goes on while the test does something; its lines as they come. */
export function begin(script: string, env: Record<string, string>) {
  const child = spawn('python3', [...strict, '-c', opening + script], { env: environment(env) });
  onTestFinished(() => void child.kill('SIGKILL'));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next(): Promise<unknown> {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the script ended: ${complaint}`);
      return JSON.parse(value);
    },
    async rest(): Promise<unknown[]> {
      const all: unknown[] = [];
      for (let line = await lines.next(); !line.done; line = await lines.next())
        all.push(JSON.parse(line.value));
      if (complaint !== '') throw new Error(complaint);
      return all;
    },
  };
}

/** Pixels of photos that take a while. */
export const slow = { width: 2400, height: 1600 };
