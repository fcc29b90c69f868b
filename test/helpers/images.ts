/** Makes photo-like test pictures: gradients, shapes and grain, of any size, depth, orientation and profile. Deterministic. */
import sharp from 'sharp';

export type PictureOptions = {
  width?: number;
  height?: number;
  /** Another number, another picture. */
  seed?: number;
  channels?: 1 | 3 | 4;
  depth?: 8 | 16;
};

export type RawPicture = {
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels: 1 | 3 | 4;
};

/** Raw sRGB pixels. With 4 channels the alpha runs from clear (left) to opaque (right). */
export function makePixels(options: PictureOptions = {}): RawPicture {
  const { width = 320, height = 240, seed = 1, channels = 3, depth = 8 } = options;
  const top = depth === 16 ? 65535 : 255;
  const data =
    depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  const grain = createGrain(seed);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x / Math.max(width - 1, 1), y / Math.max(height - 1, 1), seed);
      const noise = (grain() - 0.5) * 0.06;
      for (let channel = 0; channel < channels; channel++) {
        const isAlpha = channel === 3;
        const value = isAlpha ? x / Math.max(width - 1, 1) : (colour[channel] ?? 0) + noise;
        data[at++] = Math.round(Math.min(Math.max(value, 0), 1) * top);
      }
    }
  }
  return { data, width, height, channels };
}

/** A sky above a ground with a bright disc: gradients, an edge, a saturated shape. */
function colourAt(x: number, y: number, seed: number): [number, number, number] {
  const centre = 0.3 + (seed % 5) * 0.1;
  if ((x - centre) ** 2 + (y - 0.35) ** 2 < 0.02) return [0.98, 0.82, 0.25];
  if (y < 0.6) return [0.25 + 0.4 * y, 0.45 + 0.4 * y, 0.95 - 0.3 * x];
  const shade = 0.15 + 0.5 * (y - 0.6) + 0.2 * x;
  return [shade, shade * 1.25, shade * 0.5];
}

/** Mulberry32. */
function createGrain(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Format = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';
export type ImageOptions = PictureOptions & {
  format?: Format;
  quality?: number;
  /** Exif orientation 1..8 to write; the stored pixels are as given. */
  orientation?: number;
  /** Built-in profile to convert into and embed, or none. */
  icc?: 'srgb' | 'p3' | 'cmyk';
};

/** An encoded picture of the given kind. */
export function makeImage(options: ImageOptions = {}): Promise<Buffer> {
  return encode(makePixels(options), options);
}

export function encode(picture: RawPicture, options: ImageOptions = {}): Promise<Buffer> {
  const { quality = 90, orientation, icc } = options;
  const format: Format = options.format ?? 'jpeg';
  const { data, width, height, channels } = picture;
  const chain = sharp(data, { raw: { width, height, channels } });
  if (data instanceof Uint16Array) chain.toColourspace(channels === 1 ? 'grey16' : 'rgb16');
  else if (channels === 1) chain.toColourspace('b-w');
  if (icc !== undefined) chain.withIccProfile(icc);
  if (orientation !== undefined) chain.withMetadata({ orientation });
  switch (format) {
    case 'jpeg':
      return chain.jpeg({ quality }).toBuffer();
    case 'png':
      return chain.png({ compressionLevel: 1 }).toBuffer();
    case 'webp':
      return chain.webp({ quality, effort: 0 }).toBuffer();
    case 'tiff':
      return chain.tiff({ compression: 'lzw' }).toBuffer();
    case 'avif':
      return chain.avif({ quality, effort: 0 }).toBuffer();
  }
}
