/**
 * The photo catalog: id <-> file. Ids count from 1 in order of registration and are never reused; a path is on disk in an
 * append-only log, in memory only its place. Looks at no photo; whoever adds a file has checked it.
 */
import { createPacer, pacedMap } from './paced-map.ts';
import { PhotoIndex, toPathHash } from './photo-index.ts';
import { type PhotoFile, type PhotoRecord, parseRecord, toPayload } from './photo-record.ts';
import { RecentMap } from './recent-map.ts';

/** What the catalog needs of a durable log; `store/` has it. */
export interface CatalogLog {
  /** Resolves in call order with the offset of each record once all are on disk. */
  append(payloads: readonly unknown[]): Promise<readonly number[]>;
  /** The payload at an offset; undefined when no valid record begins there. */
  read(offset: number): Promise<unknown>;
  close(): Promise<void>;
}
export type OpenCatalogLog = (
  path: string,
  onRecord: (payload: unknown, offset: number) => void,
) => Promise<CatalogLog>;

export type CatalogParts = {
  openLog: OpenCatalogLog;
  /** Of the log, e.g. `data/catalog.log`. */
  path: string;
  wallMs: () => number;
  /** Paths to keep a mark on, so that `markedIds` finds them without reading the log. */
  isMarked?: (path: string) => boolean;
};
export type AddedPhoto = { id: number; path: string; isNew: boolean };

const RECENT = 2048;
const CHUNK = 1000;
const READERS = 32;

export async function openCatalog(parts: CatalogParts): Promise<Catalog> {
  const index = new PhotoIndex();
  const isMarked = parts.isMarked ?? (() => false);
  const log = await parts.openLog(parts.path, (payload, offset) => {
    const record = parseRecord(payload);
    if (record === null) return;
    index.place(record.id, toPathHash(record.path), offset);
    index.mark(record.id, isMarked(record.path));
  });
  return new Catalog({ index, log, isMarked, wallMs: parts.wallMs });
}

export class Catalog {
  readonly #index: PhotoIndex;
  readonly #log: CatalogLog;
  readonly #isMarked: (path: string) => boolean;
  readonly #wallMs: () => number;
  readonly #recent = new RecentMap<number, PhotoRecord>(RECENT);
  /** The tail of the queue of writers: ids are given out by one at a time. */
  #writers: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    index: PhotoIndex;
    log: CatalogLog;
    isMarked: (path: string) => boolean;
    wallMs: () => number;
  }) {
    this.#index = parts.index;
    this.#log = parts.log;
    this.#isMarked = parts.isMarked;
    this.#wallMs = parts.wallMs;
  }

  get highest(): number {
    return this.#index.highest;
  }

  get count(): number {
    return this.#index.count;
  }

  /** Of memory, for all photos, without the fixed cache of recent ones. */
  get bytes(): number {
    return this.#index.bytes;
  }

  has(id: number): boolean {
    return this.#index.has(id);
  }

  /** Null for an unknown id, and for one whose record on disk is damaged. */
  async record(id: number): Promise<PhotoRecord | null> {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const offset = this.#index.offset(id);
    if (offset < 0) return null;
    const record = parseRecord(await this.#log.read(offset));
    if (record?.id !== id) return null;
    // While we read, the photo may have moved: then what was read is old.
    if (this.#index.offset(id) !== offset) return this.record(id);
    this.#recent.set(id, record);
    return record;
  }

  /** The id of a canonical path, or null. Reads the disk only where the hash is known. */
  async find(path: string): Promise<number | null> {
    for (const id of this.#index.candidates(toPathHash(path))) {
      if ((await this.record(id))?.path === path) return id;
    }
    return null;
  }

  /**
   * In order; a path already known keeps its id. Durable when resolved. Rejects as the log does (`disk_full`,
   * `read_only`); the photos of earlier chunks then stay.
   */
  async add(files: readonly PhotoFile[]): Promise<AddedPhoto[]> {
    // Known ones are found outside the queue, so that a long list of them delays nobody.
    const known = await pacedMap(files, READERS, ({ path }) => this.find(path));
    return this.#exclusively(() => this.#addInTurn(files, known));
  }

  /**
   * The photo is the same, its file now has another place. Durable when resolved. False, and nothing done, when the id is
   * unknown or another photo has that place.
   */
  move(id: number, file: PhotoFile): Promise<boolean> {
    return this.#exclusively(async () => {
      const before = await this.record(id);
      if (before === null || (await this.find(file.path)) !== null) return false;
      await this.#write([{ ...file, id, addedMs: before.addedMs }]);
      return true;
    });
  }

  markedIds(): Iterable<number> {
    return this.#index.marked();
  }

  async close(): Promise<void> {
    await this.#writers;
    await this.#log.close();
  }

  async #addInTurn(files: readonly PhotoFile[], known: readonly (number | null)[]): Promise<AddedPhoto[]> {
    const added: AddedPhoto[] = [];
    const fresh = new Map<string, number>();
    const pace = createPacer();
    let waiting: PhotoRecord[] = [];
    let nextId = this.#index.highest + 1;
    for (const [position, file] of files.entries()) {
      const { path } = file;
      const id = known[position] ?? fresh.get(path) ?? (await this.find(path));
      if (id !== null) {
        added.push({ id, path, isNew: false });
      } else {
        fresh.set(path, nextId);
        added.push({ id: nextId, path, isNew: true });
        waiting.push({ ...file, id: nextId, addedMs: this.#wallMs() });
        nextId += 1;
      }
      if (waiting.length === CHUNK) {
        await this.#write(waiting);
        waiting = [];
      }
      await pace();
    }
    if (waiting.length > 0) await this.#write(waiting);
    return added;
  }

  async #write(records: readonly PhotoRecord[]): Promise<void> {
    const offsets = await this.#log.append(records.map(toPayload));
    for (const [position, record] of records.entries()) {
      this.#index.place(record.id, toPathHash(record.path), offsets[position] ?? -1);
      this.#index.mark(record.id, this.#isMarked(record.path));
      this.#recent.set(record.id, record);
    }
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#writers.then(work);
    this.#writers = turn.catch(() => {});
    return turn;
  }
}
