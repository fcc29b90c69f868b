/** A workbook's ZIP file in memory: reads single parts, and writes it anew with one part replaced and every other byte of every other part as it was. */
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { RATIO_FLOOR, RATIO_LIMIT, toUnreadable } from './limits.ts';
import { findExtra, readZipDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

const inflate = promisify(inflateRaw);
const deflate = promisify(deflateRaw);

const LOCAL_MARK = 0x04034b50;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
const HAS_DESCRIPTOR = 8;

export class ZipPackage {
  readonly #bytes: Buffer;
  readonly #directory: ZipDirectory;
  readonly #byName: ReadonlyMap<string, ZipEntry>;

  /** Throws BridgeError `unprocessable`. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#directory = readZipDirectory(bytes);
    this.#byName = new Map(this.#directory.entries.map((entry) => [entry.name.toLowerCase(), entry]));
  }

  get names(): string[] {
    return this.#directory.entries.map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.#byName.has(name.toLowerCase());
  }

  /** Names are compared in any case. Rejects with BridgeError `unprocessable`. */
  async read(name: string): Promise<Buffer> {
    const entry = this.#find(name);
    if (entry.unpacked > RATIO_FLOOR && entry.unpacked > entry.packed * RATIO_LIMIT)
      throw toUnreadable(`its part ${entry.name} unpacks to more than ${RATIO_LIMIT} times its size`);
    const content = await this.#unpack(entry);
    if (content.length !== entry.unpacked || crc32(content) !== entry.crc)
      throw toUnreadable(`its part ${entry.name} is damaged`);
    return content;
  }

  /** The whole file with another content of one part. */
  async replace(name: string, content: Buffer): Promise<Buffer> {
    const target = this.#find(name);
    const part = await this.#pack(target, content);
    const pieces: Buffer[] = [];
    const moved = new Map<ZipEntry, number>();
    const inOrder = [...this.#directory.entries].sort((a, b) => a.start - b.start);
    let position = inOrder[0]?.start ?? 0;
    pieces.push(this.#bytes.subarray(0, position));
    for (const entry of inOrder) {
      const piece = entry === target ? part.bytes : this.#bytes.subarray(entry.start, entry.end);
      moved.set(entry, position);
      pieces.push(piece);
      position += piece.length;
    }
    const entries = this.#directory.entries.map((entry) => {
      const start = moved.get(entry) ?? entry.start;
      return entry === target ? this.#newEntry(entry, part, start) : this.#movedEntry(entry, start);
    });
    return Buffer.concat([...pieces, ...entries, this.#newEnd(position, entries)]);
  }

  #find(name: string): ZipEntry {
    const entry = this.#byName.get(name.toLowerCase());
    if (entry === undefined) throw toUnreadable(`its part ${name} is missing`);
    return entry;
  }

  async #unpack(entry: ZipEntry): Promise<Buffer> {
    const at = this.#dataStart(entry);
    const packed = this.#bytes.subarray(at, at + entry.packed);
    if (at + entry.packed > entry.end) throw toUnreadable(`its part ${entry.name} is damaged`);
    if (entry.method === STORED) return packed;
    if (entry.method !== DEFLATED) throw toUnreadable(`its part ${entry.name} is packed in an unknown way`);
    try {
      return await inflate(packed, { maxOutputLength: entry.unpacked + 1 });
    } catch {
      throw toUnreadable(`its part ${entry.name} is damaged`);
    }
  }

  #dataStart({ start, name }: ZipEntry): number {
    const bytes = this.#bytes;
    if (start + LOCAL_LENGTH > bytes.length || bytes.readUInt32LE(start) !== LOCAL_MARK)
      throw toUnreadable(`its part ${name} is damaged`);
    return start + LOCAL_LENGTH + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
  }

  async #pack(entry: ZipEntry, content: Buffer): Promise<NewPart> {
    const packed = await deflate(content);
    const nameEnd = entry.start + LOCAL_LENGTH + this.#bytes.readUInt16LE(entry.start + 26);
    const extra = withoutWide(this.#bytes.subarray(nameEnd, this.#dataStart(entry)));
    const header = Buffer.from(this.#bytes.subarray(entry.start, nameEnd));
    const part = { crc: crc32(content), packed: packed.length, unpacked: content.length };
    writeSizes(header, { at: 6, part });
    header.writeUInt16LE(extra.length, 28);
    return { ...part, bytes: Buffer.concat([header, extra, packed]) };
  }

  #newEntry(entry: ZipEntry, part: NewPart, start: number): Buffer {
    const old = this.#bytes.subarray(entry.at, entry.at + entry.length);
    const extraAt = 46 + old.readUInt16LE(28);
    const extraEnd = extraAt + old.readUInt16LE(30);
    const extra = withoutWide(old.subarray(extraAt, extraEnd));
    const head = Buffer.from(old.subarray(0, extraAt));
    writeSizes(head, { at: 8, part });
    head.writeUInt16LE(extra.length, 30);
    head.writeUInt32LE(start, 42);
    return Buffer.concat([head, extra, old.subarray(extraEnd)]);
  }

  #movedEntry(entry: ZipEntry, start: number): Buffer {
    const copy = Buffer.from(this.#bytes.subarray(entry.at, entry.at + entry.length));
    if (copy.readUInt32LE(42) !== 0xffffffff) {
      copy.writeUInt32LE(start, 42);
      return copy;
    }
    const extraAt = 46 + copy.readUInt16LE(28);
    const field = findExtra(copy.subarray(extraAt, extraAt + copy.readUInt16LE(30)), 1);
    const before = [24, 20].filter((place) => copy.readUInt32LE(place) === 0xffffffff).length;
    field?.writeBigUInt64LE(BigInt(start), before * 8);
    return copy;
  }

  #newEnd(at: number, entries: readonly Buffer[]): Buffer {
    const end = Buffer.from(this.#bytes.subarray(this.#directory.end));
    end.writeUInt32LE(Buffer.concat(entries).length, 12);
    end.writeUInt32LE(at, 16);
    return end;
  }
}

type PartSizes = { crc: number; packed: number; unpacked: number };
type NewPart = PartSizes & { bytes: Buffer };

/** Both kinds of header have flags, method, time, date, CRC and sizes in this order. */
function writeSizes(header: Buffer, { at, part }: { at: number; part: PartSizes }): void {
  header.writeUInt16LE(header.readUInt16LE(at) & ~HAS_DESCRIPTOR, at);
  header.writeUInt16LE(DEFLATED, at + 2);
  header.writeUInt32LE(part.crc, at + 8);
  header.writeUInt32LE(part.packed, at + 12);
  header.writeUInt32LE(part.unpacked, at + 16);
}

/** Without the field of large sizes: the new sizes stand in the header. */
function withoutWide(extra: Buffer): Buffer {
  const kept: Buffer[] = [];
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) !== 1) kept.push(extra.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
