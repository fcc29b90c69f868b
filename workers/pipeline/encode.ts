/** Pixels to the bytes of an output file, without metadata. Never touches files. */
import type { Sharp } from 'sharp';
import type { OutputConfig } from '../../bridge/contract/develop-config.ts';
import type { OutputFormat } from '../../bridge/contract/failure.ts';
import { firstLine } from './header.ts';
import type { Pixels } from './pixels.ts';
import { sharp } from './sharp-setup.ts';
import type { Size } from './target-size.ts';
import { isOutOfMemory, TaskFailure } from './task-failure.ts';

export type EncodeOptions = Pick<OutputConfig, 'format' | 'quality' | 'chroma' | 'effort' | 'sharpen'> & {
  /** Bits a channel in the file; 16 only where the format has it. */
  depth: 8 | 16;
  /** Put on white: the format has no transparency. */
  flatten: boolean;
};

/** Longest edge each encoder can write. */
const maxEdge: Readonly<Record<OutputFormat, number>> = {
  jpeg: 65_500,
  png: 1_000_000,
  webp: 16_383,
  tiff: 1_000_000,
  avif: 16_384,
};

/** Throws TaskFailure `unsupported_format` when the format cannot hold a picture of that size. */
export function assertFits(size: Size, format: OutputFormat): void {
  if (Math.max(size.width, size.height) <= maxEdge[format]) return;
  throw new TaskFailure(
    'unsupported_format',
    'encode',
    `A ${format} file holds at most ${maxEdge[format]} pixels an edge, and this is ${size.width} x ${size.height}.`,
  );
}

export function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** Throws TaskFailure `out_of_memory` or `internal`; the decode part of a direct chain throws its own errors raw. */
export function addEncoder(chain: Sharp, options: EncodeOptions): Sharp {
  if (options.flatten) chain.flatten({ background: '#ffffff' });
  addSharpening(chain, options.sharpen);
  chain.toColourspace(options.depth === 16 ? 'rgb16' : 'srgb');
  const { quality, chroma, effort } = options;
  switch (options.format) {
    case 'jpeg':
      // Optimised Huffman tables double the cost for about 1 % of the size: only when effort is asked for.
      return chain.jpeg({ quality, chromaSubsampling: chroma, optimiseCoding: (effort ?? 0) >= 5 });
    case 'png':
      return chain.png({ compressionLevel: effort ?? 2, adaptiveFiltering: true });
    case 'webp':
      return chain.webp({
        quality,
        effort: scaleEffort(effort, 6) ?? 2,
        smartSubsample: chroma === '4:4:4',
      });
    case 'tiff':
      return chain.tiff({ compression: 'lzw', predictor: 'horizontal' });
    case 'avif':
      return chain.avif({ quality, effort: effort ?? 2, chromaSubsampling: chroma, bitdepth: 8 });
  }
}

export async function encodePixels(pixels: Pixels, options: EncodeOptions): Promise<Buffer> {
  try {
    return await addEncoder(fromPixels(pixels), options).toBuffer();
  } catch (error) {
    throw toEncodeFailure(error);
  }
}

export function toEncodeFailure(error: unknown): TaskFailure {
  const message = error instanceof Error ? error.message : String(error);
  return isOutOfMemory(message)
    ? new TaskFailure('out_of_memory', 'encode', 'There was not enough memory to encode it.', {
        retryable: true,
      })
    : new TaskFailure('internal', 'encode', `The encoder failed: ${firstLine(message)}`);
}

/** Our 0..9 on an encoder's 0..`top`. */
function scaleEffort(effort: number | undefined, top: number): number | undefined {
  return effort === undefined ? undefined : Math.round((effort / 9) * top);
}

/** Output sharpening after a resize: a narrow radius for screens, a wider and stronger one for ink. */
function addSharpening(chain: Sharp, amount: OutputConfig['sharpen']): void {
  if (amount === 'screen') chain.sharpen({ sigma: 0.6, m1: 0.6, m2: 1.2 });
  if (amount === 'print') chain.sharpen({ sigma: 1.1, m1: 0.8, m2: 2 });
}
