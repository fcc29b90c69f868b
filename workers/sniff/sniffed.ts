/** The answer of a sniffer. Values only. */

/** What the pipeline can decode. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

export type Sniffed =
  | { kind: 'image'; format: SourceFormat }
  /** A known kind that is not decoded; `what` completes "This is …". */
  | { kind: 'unsupported'; what: string; isRaw: boolean }
  | { kind: 'unknown' };

export const image = (format: SourceFormat): Sniffed => ({ kind: 'image', format });
export const unsupported = (what: string): Sniffed => ({ kind: 'unsupported', what, isRaw: false });
export const raw = (what: string): Sniffed => ({ kind: 'unsupported', what, isRaw: true });
