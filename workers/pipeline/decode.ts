/** Turns a photo's bytes into upright RGB pixels of the wanted size. Never reads files, never applies a look. */
import type { Sharp } from 'sharp';
import { firstLine, type Header } from './header.ts';
import type { Pixels } from './pixels.ts';
import { sharp } from './sharp-setup.ts';
import type { Size } from './target-size.ts';
import { isOutOfMemory, TaskFailure } from './task-failure.ts';

export type DecodeRequest = {
  bytes: Buffer;
  header: Header;
  size: Size;
  maxPixels: number;
  /** Leave the pixels as they are instead of converting them to sRGB by the embedded profile. */
  ignoreProfile: boolean;
  /** Leave CMYK as C M Y K, in the file's own depth; only without alpha. */
  isInks?: boolean;
};

/**
 * libtiff warns of harmless tag faults that many programs write, and sharp would take such a warning for damage. A cut
 * TIFF fails at `error` all the same.
 */
const strictness = {
  jpeg: 'warning',
  png: 'warning',
  webp: 'warning',
  avif: 'warning',
  tiff: 'error',
} as const;

/** The lazy decode: nothing runs until it is asked for an output. Ends in 8-bit sRGB, or 16-bit where the header says so. */
export function openPhoto({ bytes, header, size, maxPixels, ignoreProfile, isInks }: DecodeRequest): Sharp {
  const chain = sharp(bytes, {
    failOn: strictness[header.format],
    limitInputPixels: maxPixels,
    limitInputChannels: 5,
    autoOrient: true,
    ignoreIcc: ignoreProfile,
  });
  if (size.width !== header.width || size.height !== header.height) {
    chain.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
  }
  if (isInks) return chain.pipelineColourspace('cmyk').toColourspace('cmyk');
  if (header.depth === 16) {
    chain.toColourspace('rgb16');
    // sharp's own working profile of 16-bit RGB is Display P3; without this the pixels would be left in it.
    if (header.metadata.space === 'rgb16' && header.profile !== null && !ignoreProfile) {
      chain.withIccProfile('srgb');
    }
  }
  return chain;
}

/** Throws TaskFailure `damaged_image` or `out_of_memory`. */
export async function decodePixels(request: DecodeRequest): Promise<Pixels> {
  const { header } = request;
  const depth = request.isInks && header.metadata.depth === 'ushort' ? 16 : header.depth;
  try {
    const { data, info } = await openPhoto(request)
      .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      data: depth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data,
      width: info.width,
      height: info.height,
      channels: toChannels(info.channels),
    };
  } catch (error) {
    throw toDecodeFailure(error);
  }
}

export function toDecodeFailure(error: unknown): TaskFailure {
  if (error instanceof TaskFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isOutOfMemory(message)) {
    return new TaskFailure('out_of_memory', 'decode', 'There was not enough memory to decode it.', {
      retryable: true,
    });
  }
  if (/exceeds (pixel|channel) limit/.test(message)) {
    return new TaskFailure('source_too_large', 'decode', firstLine(message));
  }
  return new TaskFailure('damaged_image', 'decode', `It is damaged or cut short: ${firstLine(message)}`);
}

/** True when the pixels are good but the embedded colour profile is not. */
export function isProfileFault(error: unknown): boolean {
  return (
    error instanceof TaskFailure && error.failure.code === 'damaged_image' && /profile/i.test(error.message)
  );
}

function toChannels(channels: number): 3 | 4 {
  if (channels === 3 || channels === 4) return channels;
  throw new TaskFailure('unsupported_format', 'decode', `It decodes to ${channels} channels.`);
}
