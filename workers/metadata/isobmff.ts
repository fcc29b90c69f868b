/** Boxes of an ISO base media file: reads them, makes them. Knows no box's meaning. ISO/IEC 14496-12, 4.2. */

export type Box = { type: string; payload: Buffer; start: number; end: number };

/** The boxes that fill `bytes`; null when they do not (64-bit sizes, which no photo needs, included). */
export function readBoxes(bytes: Buffer): Box[] | null {
  const boxes = readLeadingBoxes(bytes);
  return (boxes.at(-1)?.end ?? 0) === bytes.length ? boxes : null;
}

/** The boxes from the start on, up to the first that is not whole: makers put blocks of their own behind the last. */
export function readLeadingBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const declared = bytes.readUInt32BE(at);
    const end = declared === 0 ? bytes.length : at + declared;
    if (end < at + 8 || end > bytes.length) break;
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      payload: bytes.subarray(at + 8, end),
      start: at,
      end,
    });
    at = end;
  }
  return boxes;
}

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Big-endian integers one after the other. Past the end it answers 0 and `failed` stays true. */
export class Cursor {
  readonly #bytes: Buffer;
  at = 0;
  failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** `size`: 0 (answers 0), 1, 2 or 4 bytes. */
  take(size: number): number {
    if (this.failed || this.at + size > this.#bytes.length) {
      this.failed = true;
      return 0;
    }
    const value = size === 0 ? 0 : this.#bytes.readUIntBE(this.at, size);
    this.at += size;
    return value;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.at);
  }
}
