/** Reads the daemon's log, from its end and as it grows, over the files it is put aside in. Writes nothing. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { listRotated, toRotatedPath } from '../logging/rotating-file.ts';

const POLL_MS = 300;
const CHUNK = 64 * 1024;
const LINE_END = 10;

/** Where in the log to go on: a file by its number in the file system, and the first byte not yet read. */
export type LogPlace = { inode: bigint; end: number };

/** The last `count` lines, and where the next one will begin. Null when there is no such file. */
export async function readLastLines(
  path: string,
  count: number,
): Promise<{ lines: string[]; place: LogPlace } | null> {
  const newest = await readEnd(path, count);
  if (newest === null) return null;
  let lines = newest.lines;
  for (const number of await listRotated(path)) {
    if (lines.length >= count) break;
    const older = await readEnd(toRotatedPath(path, number), count - lines.length);
    // Put aside a moment ago: it is the one that was read first.
    if (older !== null && older.place.inode !== newest.place.inode) lines = [...older.lines, ...lines];
  }
  return { lines, place: newest.place };
}

async function readEnd(path: string, count: number): Promise<{ lines: string[]; place: LogPlace } | null> {
  const file = await openLog(path);
  if (file === null) return null;
  try {
    const { size: bytes, ino: inode } = await file.stat({ bigint: true });
    const size = Number(bytes);
    let text = Buffer.alloc(0);
    for (let start = size; start > 0 && countLines(text) <= count; ) {
      const length = Math.min(CHUNK, start);
      start -= length;
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
      text = Buffer.concat([buffer, text]);
    }
    const complete = text.subarray(0, text.lastIndexOf(LINE_END) + 1);
    const lines = complete.toString('utf8').split('\n').slice(0, -1);
    const end = size - (text.length - complete.length);
    return { lines: count === 0 ? [] : lines.slice(-count), place: { inode, end } };
  } finally {
    await file.close();
  }
}

/**
 * Every complete line from `from` on as it is written, until `signal`; through files that are put aside meanwhile, and from
 * the start of one that is begun anew.
 */
export async function* followLines(
  path: string,
  from: LogPlace,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const follower = new Follower(path, from);
  try {
    while (!signal.aborted) {
      const lines = await follower.read();
      yield* lines;
      // Watching the folder would be quicker, but not on network shares; a log is read by people.
      if (lines.length === 0) await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await follower.close();
  }
}

/** Holds the file open that is being read: it stays the same one when its name changes. */
class Follower {
  readonly #path: string;
  #place: LogPlace;
  #file: FileHandle | null = null;

  constructor(path: string, from: LogPlace) {
    this.#path = path;
    this.#place = from;
  }

  /** New lines; when there are none in this file and another has followed it, those of the next. */
  async read(): Promise<string[]> {
    this.#file ??= await this.#find();
    if (this.#file === null) return [];
    const there = await inodeOf(this.#path);
    const isLast = there === this.#place.inode;
    const lines = await this.#readOn(this.#file);
    if (lines.length > 0 || isLast || there === null) return lines;
    await this.#goOn();
    return this.#file === null ? [] : await this.#readOn(this.#file);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #readOn(file: FileHandle): Promise<string[]> {
    const { size } = await file.stat();
    const start = size < this.#place.end ? 0 : this.#place.end;
    const length = size - start;
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
    const complete = buffer.subarray(0, buffer.lastIndexOf(LINE_END) + 1);
    this.#place = { ...this.#place, end: start + complete.length };
    return complete.toString('utf8').split('\n').slice(0, -1);
  }

  /** The file we are in, whatever its name is now; when it is gone, the oldest there is. */
  async #find(): Promise<FileHandle | null> {
    const numbers = [0, ...(await listRotated(this.#path))];
    const found = (await this.#numberOf(numbers)) ?? numbers.at(-1) ?? 0;
    return await this.#enter(found);
  }

  /** To the file that was begun after ours. Its name may change under us: then it is found the next time. */
  async #goOn(): Promise<void> {
    const numbers = [0, ...(await listRotated(this.#path))];
    const own = await this.#numberOf(numbers);
    const next = own === null ? (numbers.at(-1) ?? 0) : Math.max(0, own - 1);
    await this.close();
    this.#file = await this.#enter(next);
  }

  async #numberOf(numbers: readonly number[]): Promise<number | null> {
    for (const number of numbers) {
      if ((await inodeOf(toRotatedPath(this.#path, number))) === this.#place.inode) return number;
    }
    return null;
  }

  async #enter(number: number): Promise<FileHandle | null> {
    const file = await openLog(toRotatedPath(this.#path, number));
    if (file === null) return null;
    const { ino: inode } = await file.stat({ bigint: true });
    if (inode !== this.#place.inode) this.#place = { inode, end: 0 };
    return file;
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

async function inodeOf(path: string): Promise<bigint | null> {
  return await stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => null,
  );
}

function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(LINE_END); at !== -1; at = text.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}
