/** What the catalog's log holds of a photo, and its form on disk. */

/** What tells a file from another when its name changed. Times in milliseconds; `born` is 0 where the system keeps none. */
export type FileIdentity = { dev: number; ino: number; born: number; size: number; modified: number };

/** `path` is canonical: absolute, all links resolved. */
export type PhotoFile = { path: string; identity: FileIdentity };
export type PhotoRecord = PhotoFile & { id: number; addedMs: number };

/** A list, not an object: the log is replayed at every start. A later record of the same id replaces the earlier one. */
export function toPayload({ id, path, addedMs, identity }: PhotoRecord): unknown[] {
  const { dev, ino, born, size, modified } = identity;
  return [id, path, addedMs, dev, ino, born, size, modified];
}

/** Null for what is no photo record; a newer version's other kinds are passed over. */
export function parseRecord(payload: unknown): PhotoRecord | null {
  if (!Array.isArray(payload)) return null;
  const [id, path, ...numbers] = payload as unknown[];
  if (!Number.isInteger(id) || (id as number) < 1 || (id as number) >= 2 ** 32) return null;
  if (typeof path !== 'string' || !numbers.every((number) => typeof number === 'number')) return null;
  const [addedMs = 0, dev = 0, ino = 0, born = 0, size = 0, modified = 0] = numbers as number[];
  return { id: id as number, path, addedMs, identity: { dev, ino, born, size, modified } };
}
