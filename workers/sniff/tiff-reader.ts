/** Walks the directories of a TIFF or BigTIFF in memory. Bounded: loops, wild offsets and huge counts end the walk. */

const MAX_DIRECTORIES = 32;
const MAX_ENTRIES = 1000;

/** `at`: where the value, or the offset of it, stands. */
export type TiffEntry = { type: number; count: number; at: number };
export type TiffDirectory = ReadonlyMap<number, TiffEntry>;
export type TiffReader = ReturnType<typeof createTiffReader>;

export function createTiffReader(file: Buffer) {
  const little = file[0] === 0x49;
  const big = (little ? file[2] : file[3]) === 0x2b;
  const u16 = (at: number) =>
    at + 2 > file.length ? undefined : little ? file.readUInt16LE(at) : file.readUInt16BE(at);
  const u32 = (at: number) =>
    at + 4 > file.length ? undefined : little ? file.readUInt32LE(at) : file.readUInt32BE(at);
  /** BigTIFF offsets beyond 2^53 are nonsense in a file that is in memory. */
  const u64 = (at: number) =>
    at + 8 > file.length ? undefined : Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  const offset = big ? u64 : u32;
  const width = big ? 8 : 4;

  function number(entry: TiffEntry | undefined): number | undefined {
    if (entry === undefined) return undefined;
    return entry.type === 3 ? u16(entry.at) : entry.type === 1 ? file[entry.at] : u32(entry.at);
  }
  function text(entry: TiffEntry | undefined): string {
    if (entry === undefined || entry.type !== 2) return '';
    const at = entry.count <= width ? entry.at : (offset(entry.at) ?? file.length);
    return file
      .toString('latin1', at, Math.min(at + Math.min(entry.count, 64), file.length))
      .replace(/\0.*/s, '')
      .trim();
  }
  function numbers(entry: TiffEntry | undefined): number[] {
    if (entry === undefined) return [];
    const at = entry.count * width <= width ? entry.at : (offset(entry.at) ?? file.length);
    const values: number[] = [];
    for (let index = 0; index < Math.min(entry.count, MAX_DIRECTORIES); index++) {
      const value = offset(at + index * width);
      if (value !== undefined) values.push(value);
    }
    return values;
  }
  function directory(at: number): { entries: TiffDirectory; next: number } | undefined {
    const count = big ? u64(at) : u16(at);
    if (count === undefined || count === 0 || count > MAX_ENTRIES) return undefined;
    const start = at + (big ? 8 : 2);
    const size = big ? 20 : 12;
    const entries = new Map<number, TiffEntry>();
    for (let index = 0; index < count; index++) {
      const entry = start + index * size;
      const key = u16(entry);
      const type = u16(entry + 2);
      const length = offset(entry + 4);
      if (key === undefined || type === undefined || length === undefined) break;
      entries.set(key, { type, count: length, at: entry + 4 + width });
    }
    return { entries, next: offset(start + count * size) ?? 0 };
  }
  function directories(subIfdsTag: number): TiffDirectory[] {
    const found: TiffDirectory[] = [];
    const seen = new Set<number>();
    const queue = [offset(big ? 8 : 4) ?? 0];
    for (let at = queue.shift(); at !== undefined && found.length < MAX_DIRECTORIES; at = queue.shift()) {
      if (at < 8 || at >= file.length || seen.has(at)) continue;
      seen.add(at);
      const read = directory(at);
      if (read === undefined) continue;
      found.push(read.entries);
      queue.push(...numbers(read.entries.get(subIfdsTag)), read.next);
    }
    return found;
  }
  /** Pages in the chain of directories, counted to `most` at the utmost; a loop ends it. */
  function countPages(most: number): number {
    const seen = new Set<number>();
    let at = offset(big ? 8 : 4) ?? 0;
    while (at >= 8 && at < file.length && !seen.has(at) && seen.size < most) {
      seen.add(at);
      const count = (big ? u64(at) : u16(at)) ?? 0;
      at = offset(at + (big ? 8 : 2) + count * (big ? 20 : 12)) ?? 0;
    }
    return seen.size;
  }
  return { number, text, directories, countPages };
}
