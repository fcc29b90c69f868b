/** Lays out an uncompressed RGB(A) TIFF around pixels still to come: what the engines hand to sharp. TIFF 6.0. */

export type TiffShape = {
  width: number;
  height: number;
  channels: 3 | 4;
  bits: 8 | 16;
  icc: Uint8Array | null;
};
/** `pixels`: where the interleaved rows go, native byte order, inside `file`. */
export type OpenTiff = { file: Uint8Array<ArrayBuffer>; pixels: Uint8Array<ArrayBuffer> };

const BYTES_PER_STRIP = 1024 * 1024;
const type = { short: 3, long: 4, undefined: 7 } as const;

/** Throws RangeError when there is not enough memory. */
export function layOutTiff({ width, height, channels, bits, icc }: TiffShape): OpenTiff {
  const stride = width * channels * (bits / 8);
  const rows = Math.max(1, Math.min(height, Math.floor(BYTES_PER_STRIP / stride)));
  const strips = Math.ceil(height / rows);
  const entries = new Entries();
  const start = 4 * Math.ceil((1024 + 8 * strips + (icc?.length ?? 0)) / 4);
  const index = Array.from({ length: strips }, (_, i) => i);
  entries.add(256, type.long, [width]);
  entries.add(257, type.long, [height]);
  entries.add(
    258,
    type.short,
    Array.from({ length: channels }, () => bits),
  );
  entries.add(259, type.short, [1]);
  entries.add(262, type.short, [2]);
  entries.add(
    273,
    type.long,
    index.map((i) => start + i * rows * stride),
  );
  entries.add(277, type.short, [channels]);
  entries.add(278, type.long, [rows]);
  entries.add(
    279,
    type.long,
    index.map((i) => Math.min(rows, height - i * rows) * stride),
  );
  entries.add(284, type.short, [1]);
  // Unassociated alpha.
  if (channels === 4) entries.add(338, type.short, [2]);
  if (icc !== null) entries.add(34675, type.undefined, icc);
  const file = new Uint8Array(start + stride * height);
  entries.writeTo(file);
  return { file, pixels: file.subarray(start) };
}

/** Must be added in the order of their tags. */
class Entries {
  readonly #rows: { tag: number; type: number; values: ArrayLike<number> }[] = [];

  add(tag: number, kind: number, values: ArrayLike<number>): void {
    this.#rows.push({ tag, type: kind, values });
  }

  writeTo(file: Uint8Array): void {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    file.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
    view.setUint16(8, this.#rows.length, true);
    let free = 10 + 12 * this.#rows.length + 4;
    for (const [i, { tag, type: kind, values }] of this.#rows.entries()) {
      const row = 10 + 12 * i;
      const size = { 3: 2, 4: 4, 7: 1 }[kind] ?? 1;
      const isInline = size * values.length <= 4;
      view.setUint16(row, tag, true);
      view.setUint16(row + 2, kind, true);
      view.setUint32(row + 4, values.length, true);
      const at = isInline ? row + 8 : free;
      if (!isInline) {
        view.setUint32(row + 8, at, true);
        free += size * values.length + ((size * values.length) % 2);
      }
      for (let v = 0; v < values.length; v++) {
        const value = values[v] ?? 0;
        if (size === 2) view.setUint16(at + 2 * v, value, true);
        else if (size === 4) view.setUint32(at + 4 * v, value, true);
        else file[at + v] = value;
      }
    }
  }
}
