/** What passes between a render thread and its engine thread, where the decoders in WebAssembly run. Types and one error. */
import type { FailureCode } from '../../../bridge/contract/failure.ts';

export type HeifRequest = { kind: 'heif'; bytes: Uint8Array; maxPixels: number; longEdge: number | null };
export type RawRequest = { kind: 'raw'; bytes: Uint8Array; maxPixels: number; longEdge: number | null };
export type EngineRequest = HeifRequest | RawRequest;
/** `go`: in shared memory; the pixels are decoded once it is 1. */
export type ToEngine = EngineRequest & { go: Int32Array };

/** Pixels of the photo, upright. */
export type FoundSize = { width: number; height: number };

/** `file`: an image sharp reads, upright. Blocks are as they lie in the source. */
export type EngineImage = {
  file: Uint8Array;
  version: string;
  warnings: string[];
  exif: Uint8Array | null;
  xmp: Uint8Array | null;
  gainMap: boolean;
  /** Sentences about what lies beside the photo in its file and no output can keep. */
  leftBehind: string[];
};

export type FromEngine =
  | { type: 'size'; size: FoundSize }
  | { type: 'image'; image: EngineImage; heapBytes: number }
  | { type: 'failure'; code: FailureCode; message: string };

/** An expected refusal inside the engine thread. */
export class EngineError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
  }
}
