/** The answer of a sniffer. Values only. */

/** What sharp decodes. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/** How the container of a raw photo is built; `tiff` are DNG, NEF, CR2, ARW, KDC, PEF, … */
export type RawFamily = 'tiff' | 'orf' | 'rw2' | 'raf' | 'crw' | 'cr3' | 'mrw' | 'x3f';

export type Sniffed =
  | { kind: 'image'; format: SourceFormat }
  | { kind: 'heif' }
  /** `extension`: the usual one of such a file, with its dot. */
  | { kind: 'raw'; family: RawFamily; extension: string; what: string }
  /** A known kind that is not decoded; `what` completes "This is …". */
  | { kind: 'unsupported'; what: string }
  | { kind: 'unknown' };
export type SniffedRaw = Extract<Sniffed, { kind: 'raw' }>;

export const image = (format: SourceFormat): Sniffed => ({ kind: 'image', format });
export const heif: Sniffed = { kind: 'heif' };
export const unsupported = (what: string): Sniffed => ({ kind: 'unsupported', what });
export const raw = (family: RawFamily, extension: string, what: string): Sniffed => ({
  kind: 'raw',
  family,
  extension,
  what,
});
