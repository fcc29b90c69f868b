/** Reads the daemon's log file, from its end and as it grows. Writes nothing. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 300;
const CHUNK = 64 * 1024;

/** The last `count` lines, and where the next one will begin. Null when there is no such file. */
export async function readLastLines(
  path: string,
  count: number,
): Promise<{ lines: string[]; end: number } | null> {
  const file = await openLog(path);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    let text = Buffer.alloc(0);
    for (let start = size; start > 0 && countLines(text) <= count; ) {
      const length = Math.min(CHUNK, start);
      start -= length;
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
      text = Buffer.concat([buffer, text]);
    }
    const complete = text.subarray(0, text.lastIndexOf(10) + 1);
    const lines = complete.toString('utf8').split('\n').slice(0, -1);
    return { lines: count === 0 ? [] : lines.slice(-count), end: size - (text.length - complete.length) };
  } finally {
    await file.close();
  }
}

/** Every complete line from `start` on as it is written, until `signal`. A file begun anew is read from its start. */
export async function* followLines(
  path: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  let position = start;
  while (!signal.aborted) {
    const { lines, end } = await readFrom(path, position);
    yield* lines;
    position = end;
    // Watching the folder would be quicker, but not on network shares; a log is read by people.
    if (lines.length === 0) await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readFrom(path: string, position: number): Promise<{ lines: string[]; end: number }> {
  const file = await openLog(path);
  if (file === null) return { lines: [], end: 0 };
  try {
    const { size } = await file.stat();
    const start = size < position ? 0 : position;
    const length = size - start;
    if (length === 0) return { lines: [], end: start };
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
    const complete = buffer.subarray(0, buffer.lastIndexOf(10) + 1);
    return { lines: complete.toString('utf8').split('\n').slice(0, -1), end: start + complete.length };
  } finally {
    await file.close();
  }
}

async function openLog(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) count += 1;
  return count;
}

const levels: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** `time level message key=value …`; a line that is no JSON as it is. */
export function toReadableLine(line: string): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof entry !== 'object' || entry === null) return line;
  const { time, level, msg, ...fields } = entry as Record<string, unknown>;
  const name = levels[Number(level)] ?? String(level);
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${toValue(value)}`);
  return [String(time), name.padEnd(5), String(msg ?? ''), ...pairs].join(' ').trimEnd();
}

function toValue(value: unknown): string {
  return typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value);
}
