/** Reads the header of what sharp decodes and refuses by it what is too large or not a still photo. Decodes no pixels. */
import type { Metadata } from 'sharp';
import { sniffFormat } from '../sniff/sniff-format.ts';
import type { SourceFormat } from '../sniff/sniffed.ts';
import { createTiffReader } from '../sniff/tiff-reader.ts';
import { sharp } from './sharp-setup.ts';
import { TaskFailure } from './task-failure.ts';

export type PixelLimits = { max_pixels: number };

export type Header = {
  format: SourceFormat;
  /** Pixels, orientation applied. */
  width: number;
  height: number;
  /** Bits a channel the pipeline works in: 16 for every source above 8. */
  depth: 8 | 16;
  model: 'rgb' | 'grey' | 'cmyk' | 'lab';
  hasAlpha: boolean;
  /** Pages beyond the first are never decoded. */
  pages: number;
  profile: Buffer | null;
  /** As sharp read it: for the metadata readers. */
  metadata: Metadata;
};

const MAX_CHANNELS = 5;
/** The decoder reads all directories of a TIFF to count them: of tens of thousands that takes seconds. */
const MAX_PAGES = 2000;

/** Throws TaskFailure `not_an_image`, `unsupported_format`, `damaged_image`, `source_too_large`. */
export async function readHeader(bytes: Buffer, limits: PixelLimits): Promise<Header> {
  const format = acceptFormat(bytes);
  if (format === 'tiff' && createTiffReader(bytes).countPages(MAX_PAGES + 1) > MAX_PAGES)
    throw refuse(`It has more than ${MAX_PAGES} pages.`);
  const metadata = await readMetadata(bytes);
  const { width, height } = metadata.autoOrient;
  assertPixels(width * height, limits.max_pixels);
  if (metadata.channels > MAX_CHANNELS) {
    throw refuse(`It has ${metadata.channels} channels; at most ${MAX_CHANNELS} are understood.`);
  }
  if (format !== 'tiff' && format !== 'avif' && (metadata.pages ?? 1) > 1) {
    throw refuse('This is an animation; only still photos are developed.');
  }
  const model = toModel(metadata.space);
  return {
    format,
    width,
    height,
    depth: metadata.depth === 'uchar' || model === 'cmyk' ? 8 : 16,
    model,
    hasAlpha: metadata.hasAlpha,
    pages: metadata.pages ?? 1,
    profile: metadata.icc ?? null,
    metadata,
  };
}

function acceptFormat(bytes: Buffer): SourceFormat {
  const sniffed = sniffFormat(bytes);
  switch (sniffed.kind) {
    case 'image':
      return sniffed.format;
    case 'unknown':
      throw new TaskFailure(
        'not_an_image',
        'read',
        bytes.length === 0 ? 'The file is empty.' : 'This is not an image file.',
      );
    case 'unsupported':
      throw refuse(
        `This is ${sniffed.what}; supported are JPEG, PNG, WebP, TIFF, AVIF, HEIC and raw photos.`,
      );
    case 'heif':
    case 'raw':
      throw new TaskFailure('internal', 'decode', 'An engine has to open this photo first.');
  }
}

async function readMetadata(bytes: Buffer): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure('damaged_image', 'decode', `Its header cannot be read: ${firstLine(message)}`);
  }
}

export function assertPixels(pixels: number, limit: number): void {
  if (pixels <= limit) return;
  throw new TaskFailure(
    'source_too_large',
    'decode',
    `It has ${(pixels / 1e6).toFixed(0)} megapixels; the limit is ${(limit / 1e6).toFixed(0)}.`,
  );
}

function toModel(space: Metadata['space']): Header['model'] {
  switch (space) {
    case 'cmyk':
      return 'cmyk';
    case 'b-w':
    case 'grey16':
      return 'grey';
    case 'lab':
    case 'labs':
    case 'labq':
      return 'lab';
    default:
      return 'rgb';
  }
}

function refuse(message: string): TaskFailure {
  return new TaskFailure('unsupported_format', 'decode', message);
}

export function firstLine(message: string): string {
  return (message.split('\n').find((line) => line.trim() !== '') ?? message).trim().slice(0, 300);
}
