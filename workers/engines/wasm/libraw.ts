/** LibRaw in WebAssembly: from the bytes of a raw photo to 16-bit sRGB. Used only inside an engine thread. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import createLibRaw, { type LibRawSettings, type LibRawSizes } from 'libraw-wasm/dist/libraw.js';
import { EngineError, type EngineImage, type FoundSize, type RawRequest } from './messages.ts';
import { layOutTiff } from './write-tiff.ts';

const require = createRequire(import.meta.url);
const wasmBinary = readFileSync(require.resolve('libraw-wasm/dist/libraw.wasm'));
const version = `libraw-wasm ${(require('libraw-wasm/package.json') as { version: string }).version}`;

/**
 * The camera's white balance and matrix, no brightening by the histogram (it would differ from photo to photo), AHD,
 * clipped highlights; sRGB primaries and tone curve (IEC 61966-2-1, as power and slope of the toe).
 */
const settings: LibRawSettings = {
  useCameraWb: true,
  outputBps: 16,
  outputColor: 1,
  noAutoBright: true,
  userQual: 3,
  gamm: [1 / 2.4, 12.92, 0, 0, 0, 0],
};

/** LibRaw goes on after these, with black or white where the picture was. */
const damage = /data corrupted|unexpected end of file|decoder failed/i;

/** Throws EngineError. `onSize` is told the size before the sensor's data are decoded. */
export async function decodeRaw(request: RawRequest, onSize: (size: FoundSize) => void) {
  const said: string[] = [];
  const library = await createLibRaw({ wasmBinary, printErr: (text) => said.push(text), print: () => {} });
  const photo = new library.LibRaw();
  const sizes = open(() => {
    photo.open(request.bytes, settings);
    return photo.metadata(true);
  });
  if (sizes.width * sizes.height > request.maxPixels) {
    const megapixels = ((sizes.width * sizes.height) / 1e6).toFixed(0);
    throw new EngineError('source_too_large', `It has ${megapixels} megapixels, more than the limit.`);
  }
  onSize({ width: sizes.width, height: sizes.height });
  const halfSize = request.longEdge !== null && Math.max(sizes.width, sizes.height) / 2 >= request.longEdge;
  const cropbox = toCrop(sizes);
  if (halfSize || cropbox !== null) {
    open(() =>
      photo.open(request.bytes, { ...settings, halfSize, ...(cropbox === null ? {} : { cropbox }) }),
    );
  }
  const image = decode(() => photo.imageData());
  const fault = said.find((line) => damage.test(line));
  if (fault !== undefined)
    throw new EngineError('damaged_image', `It is damaged or cut short: ${fault.trim()}`);
  return toImage(image);
}

/** A file whose structure was found whole and that LibRaw does not open is of a camera it does not know. */
function open<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toEngineError(error, 'unsupported_format', 'LibRaw does not know this kind of raw file.');
  }
}

function decode<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toEngineError(error, 'damaged_image', 'It is damaged or cut short: LibRaw cannot decode it.');
  }
}

/** Exceptions of LibRaw's own are no Errors (and their texts cannot be had); anything else is a crash of the module. */
function toEngineError(error: unknown, code: EngineError['code'], message: string): Error {
  return error instanceof Error && !('excPtr' in error) ? error : new EngineError(code, message);
}

/** The part of the sensor the camera itself shows, where it is known. In pixels of the picture, not turned. */
function toCrop({ left_margin, top_margin, raw_inset_crops, ...sizes }: LibRawSizes) {
  const crop = raw_inset_crops?.[0];
  if (crop === undefined || crop.cwidth === 0 || crop.cleft === 0xffff || sizes.pixel_aspect !== 1)
    return null;
  const box = [crop.cleft - left_margin, crop.ctop - top_margin, crop.cwidth, crop.cheight] as const;
  const [width, height] = sizes.flip >= 5 ? [sizes.height, sizes.width] : [sizes.width, sizes.height];
  const [left, top] = box;
  const isInside = left >= 0 && top >= 0 && left + crop.cwidth <= width && top + crop.cheight <= height;
  const isMost = crop.cwidth * crop.cheight > 0.8 * width * height;
  return isInside && isMost ? box : null;
}

type Picture = {
  width: number;
  height: number;
  colors: number;
  bits: number;
  data: Uint8Array | Uint16Array;
};

function toImage({ width, height, colors, data }: Picture): EngineImage {
  if (!(data instanceof Uint16Array) || (colors !== 1 && colors !== 3)) {
    throw new EngineError('unsupported_format', `LibRaw answers ${colors} colours.`);
  }
  const { file, pixels } = layOutTiff({ width, height, channels: 3, bits: 16, icc: null });
  const samples = new Uint16Array(pixels.buffer, pixels.byteOffset, pixels.byteLength / 2);
  if (colors === 3) samples.set(data);
  else for (let at = 0; at < samples.length; at++) samples[at] = data[Math.floor(at / 3)] ?? 0;
  return { file, version, warnings: [], exif: null, xmp: null, gainMap: false, leftBehind: [] };
}
