/**
 * A log file that is put aside when it is full: `bridge.log` becomes `bridge.1.log`, that `bridge.2.log`, and so on. It never
 * waits for the disk on the event loop and never throws: what cannot be written waits in bounded memory, then is counted.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';

export type RotationLimits = {
  /** Size at which the file is put aside. A single line may be larger. */
  maxBytes: number;
  /** Files put aside that are kept; older ones go. */
  keep: number;
};

/** Lines kept in memory while the disk takes none; what is above is dropped and counted. */
const MAX_WAITING_BYTES = 2 ** 20;
/** So often it is looked whether the file is still the one of that name: somebody may move or remove it. */
const CHECK_MS = 1000;
const PRIVATE_FILE = 0o600;

/** `/logs/bridge.log`, 2 → `/logs/bridge.2.log`. 0: the file itself. */
export function toRotatedPath(path: string, number: number): string {
  if (number === 0) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${number}${extension}`;
}

/** Numbers of the files that were put aside, the newest (1) first. */
export async function listRotated(path: string): Promise<number[]> {
  const extension = extname(path);
  const stem = basename(path, extension);
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const numbers = names.flatMap((name) => {
    if (!name.startsWith(`${stem}.`) || !name.endsWith(extension)) return [];
    const middle = name.slice(stem.length + 1, name.length - extension.length);
    return /^[1-9]\d{0,5}$/.test(middle) ? [Number(middle)] : [];
  });
  return numbers.sort((a, b) => a - b);
}

export class RotatingFile {
  readonly #path: string;
  readonly #limits: () => RotationLimits;
  #lines: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #handle: FileHandle | null = null;
  #size = 0;
  #inode = 0n;
  #checkedAt = 0;
  /** A file that could not be put aside goes on growing to here before it is tried again. */
  #tryAbove = 0;
  #draining: Promise<void> | null = null;

  /** `limits` is read at each write. */
  constructor(path: string, limits: () => RotationLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** With its line end. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) this.#dropped += 1;
    else {
      this.#lines.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    this.#draining ??= this.#drain();
  }

  /** Resolves when everything is written that can be. */
  async flush(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** For the very end of the process. */
  flushSync(): void {
    const lines = this.#lines.splice(0);
    if (lines.length === 0) return;
    try {
      const descriptor = openSync(this.#path, 'a', PRIVATE_FILE);
      writeSync(descriptor, Buffer.concat(lines));
      closeSync(descriptor);
    } catch {
      // There is nobody left to tell.
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle?.close().catch(() => undefined);
    this.#handle = null;
  }

  /** What fails stays in front of the queue, for the next line to try again. */
  async #drain(): Promise<void> {
    // Lines of the same moment go together.
    await Promise.resolve();
    try {
      while (this.#lines.length > 0) {
        const handle = await this.#ensureOpen();
        await this.#writeNext(handle);
        if (this.#lines.length === 0) this.#tellDropped();
      }
    } catch {
      await this.#handle?.close().catch(() => undefined);
      this.#handle = null;
    } finally {
      this.#draining = null;
    }
  }

  async #ensureOpen(): Promise<FileHandle> {
    if (this.#handle !== null && (await this.#isMoved())) await this.#close();
    this.#handle ??= await this.#open();
    const { maxBytes } = this.#limits();
    const next = this.#lines[0]?.length ?? 0;
    if (this.#size > 0 && this.#size + next > Math.max(maxBytes, this.#tryAbove)) {
      await this.#close();
      const isAside = await this.#putAside();
      this.#handle = await this.#open();
      this.#tryAbove = isAside ? 0 : this.#size + maxBytes / 10;
    }
    return this.#handle;
  }

  /** As many lines as there is room for in this file, at least one. */
  async #writeNext(handle: FileHandle): Promise<void> {
    const room = Math.max(this.#limits().maxBytes, this.#tryAbove) - this.#size;
    let [count, length] = [0, 0];
    for (const line of this.#lines) {
      if (count > 0 && length + line.length > room) break;
      count += 1;
      length += line.length;
    }
    const piece = Buffer.concat(this.#lines.slice(0, count));
    const { bytesWritten } = await handle.write(piece);
    this.#size += bytesWritten;
    this.#waitingBytes -= bytesWritten;
    // On a disk that fills up a line may be cut: its rest comes first when there is room again.
    this.#lines.splice(0, count, ...(bytesWritten < length ? [piece.subarray(bytesWritten)] : []));
    if (bytesWritten === 0) throw new Error('the disk takes nothing');
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const line = {
      level: 40,
      time: new Date().toISOString(),
      lines: this.#dropped,
      msg: 'log lines were lost',
    };
    this.#dropped = 0;
    this.write(`${JSON.stringify(line)}\n`);
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#path, 'a', PRIVATE_FILE);
    const { size, ino } = await handle.stat({ bigint: true });
    this.#size = Number(size);
    this.#inode = ino;
    this.#checkedAt = performance.now();
    return handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => undefined);
  }

  async #isMoved(): Promise<boolean> {
    if (performance.now() - this.#checkedAt < CHECK_MS) return false;
    this.#checkedAt = performance.now();
    const there = await stat(this.#path, { bigint: true }).catch(() => null);
    return there?.ino !== this.#inode;
  }

  /** The oldest first, so that a name is free before it is taken. False when the file is still where it was. */
  async #putAside(): Promise<boolean> {
    const { keep } = this.#limits();
    const at = (number: number) => toRotatedPath(this.#path, number);
    try {
      const there = await listRotated(this.#path);
      for (const number of there.filter((each) => each >= keep)) await rm(at(number), { force: true });
      for (const number of there.filter((each) => each < keep).reverse()) {
        await rename(at(number), at(number + 1));
      }
      if (keep === 0) await rm(this.#path, { force: true });
      else await rename(this.#path, at(1));
      return true;
    } catch {
      return false;
    }
  }
}
