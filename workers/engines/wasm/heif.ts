/** From the bytes of a HEIC photo to upright RGB(A) in a TIFF, by libheif. Used only inside an engine thread. */
import { readBlocks, readColour, readExtras } from './heif-facts.ts';
import { HeifModule } from './heif-module.ts';
import { EngineError, type EngineImage, type FoundSize, type HeifRequest } from './messages.ts';
import { layOutTiff } from './write-tiff.ts';

/** heif_image.h */
const RGB = 1;
const INTERLEAVED = 10;
/** Of struct heif_decoding_options: fail where the pictures' data are missing or broken, or there would be grey in their place. */
const STRICT_DECODING = 21;
const chromas = { rgb: 10, rgba: 11, rgb16: 14, rgba16: 15 } as const;

let module: HeifModule | null = null;

/** Bytes that the module holds; they are given back only with the thread. */
export function heifHeapBytes(): number {
  return module?.heapBytes ?? 0;
}

/** Throws EngineError. `onSize` is told the photo's size before any pixel is decoded. */
export function decodeHeif(request: HeifRequest, onSize: (size: FoundSize) => void): EngineImage {
  module ??= new HeifModule();
  const heif = module;
  const { lib } = heif;
  const { bytes } = request;
  const context = lib._heif_context_alloc();
  const file = lib._malloc(Math.max(bytes.length, 1));
  try {
    if (file === 0) throw new EngineError('out_of_memory', 'There was not enough memory to decode it.');
    lib.HEAPU8.set(bytes, file);
    // An edge, of which the library takes the square.
    lib._heif_context_set_maximum_image_size_limit(context, Math.ceil(Math.sqrt(request.maxPixels)));
    heif.try((error) =>
      lib._heif_context_read_from_memory_without_copy(error, context, file, bytes.length, 0),
    );
    const primary = heif.take((error, into) =>
      lib._heif_context_get_primary_image_handle(error, context, into),
    );
    try {
      return decodePicture(heif, { context, primary, request, onSize });
    } finally {
      lib._heif_image_handle_release(primary);
    }
  } finally {
    lib._heif_context_free(context);
    lib._free(file);
  }
}

type Opened = {
  context: number;
  primary: number;
  request: HeifRequest;
  onSize: (size: FoundSize) => void;
};

function decodePicture(heif: HeifModule, { context, primary, request, onSize }: Opened): EngineImage {
  const size = sizeOf(heif, primary);
  if (size.width * size.height > request.maxPixels) {
    const megapixels = ((size.width * size.height) / 1e6).toFixed(0);
    throw new EngineError('source_too_large', `It has ${megapixels} megapixels, more than the limit.`);
  }
  onSize(size);
  const colour = readColour(heif, primary);
  const extras = readExtras(heif, context, primary);
  const small = request.longEdge === null ? null : openThumbnail(heif, primary, request.longEdge);
  try {
    const file = decodePixels(heif, small ?? primary, colour.icc);
    const warnings = [...colour.warnings, ...extras.warnings];
    const { gainMap, leftBehind } = extras;
    return { file, version: heif.version, warnings, ...readBlocks(heif, primary), gainMap, leftBehind };
  } finally {
    if (small !== null) heif.lib._heif_image_handle_release(small);
  }
}

/** Orientation applied. */
function sizeOf({ lib }: HeifModule, handle: number): FoundSize {
  return {
    width: lib._heif_image_handle_get_width(handle),
    height: lib._heif_image_handle_get_height(handle),
  };
}

/** The smallest embedded one that is not below `longEdge`, and of the same shape; null when there is none. */
function openThumbnail(heif: HeifModule, primary: number, longEdge: number): number | null {
  const { lib } = heif;
  const whole = sizeOf(heif, primary);
  const count = Math.min(lib._heif_image_handle_get_number_of_thumbnails(primary), 8);
  const ids = heif.ids(count, (into, most) =>
    lib._heif_image_handle_get_list_of_thumbnail_IDs(primary, into, most),
  );
  for (const id of ids) {
    const handle = heif.take((error, into) => lib._heif_image_handle_get_thumbnail(error, primary, id, into));
    const { width, height } = sizeOf(heif, handle);
    const isSameShape = Math.abs((width * whole.height) / (height * whole.width) - 1) < 0.02;
    if (isSameShape && Math.max(width, height) >= longEdge) return handle;
    lib._heif_image_handle_release(handle);
  }
  return null;
}

/** Rotation, mirroring and cropping that the file asks for are applied by the library. */
function decodePixels(heif: HeifModule, handle: number, icc: Uint8Array | null): Uint8Array {
  const { lib } = heif;
  const isDeep = lib._heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
  const hasAlpha = lib._heif_image_handle_has_alpha_channel(handle) !== 0;
  const isPremultiplied = hasAlpha && lib._heif_image_handle_is_premultiplied_alpha(handle) !== 0;
  const chroma = chromas[`${hasAlpha ? 'rgba' : 'rgb'}${isDeep ? '16' : ''}`];
  const options = lib._heif_decoding_options_alloc();
  lib.HEAPU8[options + STRICT_DECODING] = 1;
  const image = heif.take((error, into) => lib._heif_decode_image(error, handle, into, RGB, chroma, options));
  lib._heif_decoding_options_free(options);
  try {
    const plane = heif.withNumber((into) => lib._heif_image_get_plane_readonly(image, INTERLEAVED, into));
    const width = lib._heif_image_get_width(image, INTERLEAVED);
    const height = lib._heif_image_get_height(image, INTERLEAVED);
    const channels = hasAlpha ? 4 : 3;
    const { file, pixels } = layOutTiff({ width, height, channels, bits: isDeep ? 16 : 8, icc });
    const row = width * channels * (isDeep ? 2 : 1);
    for (let y = 0; y < height; y++) {
      const from = plane.result + y * plane.stored;
      pixels.set(lib.HEAPU8.subarray(from, from + row), y * row);
    }
    const samples = isDeep ? new Uint16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2) : pixels;
    if (isDeep) widen(samples, lib._heif_image_get_bits_per_pixel_range(image, INTERLEAVED));
    if (isPremultiplied) divideByAlpha(samples, isDeep ? 65535 : 255);
    return file;
  } finally {
    lib._heif_image_release(image);
  }
}

/** Values of `bits` bits, 9 to 16, to the full 16: white stays white. */
function widen(samples: Uint8Array | Uint16Array, bits: number): void {
  const top = 2 ** bits - 1;
  if (bits >= 16) return;
  for (let at = 0; at < samples.length; at++) samples[at] = Math.round(((samples[at] ?? 0) * 65535) / top);
}

function divideByAlpha(samples: Uint8Array | Uint16Array, top: number): void {
  for (let at = 0; at + 3 < samples.length; at += 4) {
    const alpha = samples[at + 3] ?? 0;
    if (alpha === 0 || alpha === top) continue;
    for (let c = at; c < at + 3; c++) {
      samples[c] = Math.min(top, Math.round(((samples[c] ?? 0) * top) / alpha));
    }
  }
}
