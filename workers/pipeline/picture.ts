/** A photo as the pipeline goes on with it: bytes that sharp decodes, wherever they came from. Types only. */
import type { RawEngine } from '../../bridge/contract/settings.ts';
import type { HeaderBlocks } from '../metadata/types.ts';
import type { Header, PixelLimits } from './header.ts';

export type Picture = {
  /** The source's own, or (HEIC, raw) an uncompressed TIFF or a JPEG that an engine made of it. */
  bytes: Buffer;
  /** Of `bytes`. */
  header: Header;
  /** Metadata of the source that its container does not show by itself. */
  blocks: HeaderBlocks;
  /** What decoded it, with its version where it is not sharp. */
  engine: string;
  warnings: string[];
};

export type OpenRequest = {
  /** The whole source file. */
  bytes: Buffer;
  limits: PixelLimits;
  /** Only for a small look at it: a picture with this longest edge (or more) will do. Null: the whole photo. */
  longEdge: number | null;
  rawEngine: RawEngine;
  /** Slots of the developing programs, shared by the render threads. */
  slots: Int32Array;
  onSize: OnSize;
};

/**
 * Its size is known and its pixels are about to be decoded, at `depth` bits a channel; another program may work on it for
 * `extraSeconds` more than usual. May block until there is memory for it.
 */
export type OnSize = (megapixels: number, more?: { extraSeconds?: number; depth?: 8 | 16 }) => void;
