/** Paints a scene into 8-bit RGB pixels that look like a photo: gradients, glow, haze, lights, vignette, grain. Pure. */
import { createField, createGrain, createRandom, createRidge } from './noise.ts';
import type { Hill, Rgb, Scene } from './scenes.ts';

export type Size = { width: number; height: number };
/** Clouds and ground are computed once per block of so many pixels and interpolated along the row. */
const BLOCK = 8;
const VIGNETTE = 0.28;

type Painting = Size & {
  scene: Scene;
  /** Of each hill the row in which it begins, by column. */
  ridges: readonly { hill: Hill; tops: Float32Array }[];
  field: Float32Array;
  fieldWidth: number;
};

export function paintScene(scene: Scene, { width, height }: Size): Uint8Array<ArrayBuffer> {
  const random = createRandom(scene.seed);
  const fieldWidth = Math.ceil(width / BLOCK) + 2;
  const painting: Painting = {
    scene,
    width,
    height,
    ridges: scene.hills.map((hill) => ({ hill, tops: toTops(hill, random, width, height) })),
    field: createField(random, fieldWidth, Math.ceil(height / BLOCK) + 2, 96),
    fieldWidth,
  };
  const light = new Float32Array(width * 3);
  const pixels = new Uint8Array(width * height * 3);
  const grain = createGrain(random);
  for (let y = 0; y < height; y += 1) {
    paintSky(painting, y, light);
    paintHills(painting, y, light);
    expose(painting, y, light, { pixels, grain, offset: Math.floor(random() * grain.length) });
  }
  paintLights(scene, random, { width, height }, pixels);
  return pixels;
}

function toTops(hill: Hill, random: () => number, width: number, height: number): Float32Array {
  const heights = createRidge(random, width, Math.max(4, hill.wave * width), hill.roughness);
  return heights.map((value) => (hill.ridge - hill.relief * value) * height);
}

function sampleField({ field, fieldWidth }: Painting, x: number, y: number): number {
  const row = Math.floor(y / BLOCK);
  const column = Math.floor(x / BLOCK);
  const tx = x / BLOCK - column;
  const ty = y / BLOCK - row;
  const at = row * fieldWidth + column;
  const above = (field[at] ?? 0) * (1 - tx) + (field[at + 1] ?? 0) * tx;
  const below = (field[at + fieldWidth] ?? 0) * (1 - tx) + (field[at + fieldWidth + 1] ?? 0) * tx;
  return above * (1 - ty) + below * ty;
}

function paintSky(painting: Painting, y: number, light: Float32Array): void {
  const { scene, width, height } = painting;
  const { sun, zenith, horizon, cloudColour } = scene;
  const t = Math.min(1, (y / height) * 1.7) ** 1.3;
  for (let x = 0; x < width; x += 1) {
    const cover = Math.max(0, Math.min(1, sampleField(painting, x, y) * 0.9 + scene.clouds * 1.6 - 0.8));
    const glow = sun ? toGlow(sun, x / width, y / height, height / width) : 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const sky = (zenith[channel] ?? 0) * (1 - t) + (horizon[channel] ?? 0) * t;
      const clouded = sky + ((cloudColour[channel] ?? 0) - sky) * cover * 0.85;
      light[x * 3 + channel] = clouded + (sun?.colour[channel] ?? 0) * glow;
    }
  }
}

/** 1 and more inside the disc, falling off around it; distances in picture widths. */
function toGlow(sun: NonNullable<Scene['sun']>, x: number, y: number, aspect: number): number {
  const dx = x - sun.x;
  const dy = (y - sun.y) * aspect;
  const distance = Math.sqrt(dx * dx + dy * dy);
  const disc = Math.max(0, Math.min(1, (sun.radius - distance) * 300 + 0.5));
  return disc + 0.6 / (1 + (distance / (sun.glow * 0.35)) ** 2);
}

function paintHills(painting: Painting, y: number, light: Float32Array): void {
  const { ridges, width, height, scene } = painting;
  for (const { hill, tops } of ridges) {
    for (let x = 0; x < width; x += 1) {
      const depth = y - (tops[x] ?? 0);
      if (depth <= 0) continue;
      const edge = Math.min(1, depth / 1.5);
      const ground = 1 + 0.28 * sampleField(painting, toMirrored(x * 3, width), toMirrored(y * 3, height));
      const haze = 0.35 * Math.max(0, 1 - depth / (height * 0.16));
      for (let channel = 0; channel < 3; channel += 1) {
        const lit = (hill.colour[channel] ?? 0) * ground;
        const hazed = lit + ((scene.horizon[channel] ?? 0) - lit) * haze * 0.5;
        const at = x * 3 + channel;
        light[at] = (light[at] ?? 0) * (1 - edge) + hazed * edge;
      }
    }
  }
}

/** Runs back at the border instead of jumping, so that no seam shows. */
function toMirrored(at: number, length: number): number {
  const within = at % (2 * length);
  return within < length ? within : 2 * length - within;
}

type Film = { pixels: Uint8Array; grain: Float32Array; offset: number };

/** One row of light onto the film: exposure, vignette, grain. */
function expose({ scene, width, height }: Painting, y: number, light: Float32Array, film: Film): void {
  const { pixels, grain, offset } = film;
  const row = y * width * 3;
  const dy = (2 * y) / height - 1;
  for (let x = 0; x < width; x += 1) {
    const dx = (2 * x) / width - 1;
    const gain = scene.exposure * (1 - VIGNETTE * 0.5 * (dx * dx + dy * dy));
    const shared = grain[(offset + x) & 65_535] ?? 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const own = grain[(offset + x * 7 + channel * 21_845) & 65_535] ?? 0;
      const value = (light[x * 3 + channel] ?? 0) * gain + scene.grain * (0.7 * shared + 0.5 * own);
      pixels[row + x * 3 + channel] = Math.max(0, Math.min(255, value));
    }
  }
}

/** Lights out of focus are discs with a brighter rim, added to what is behind them. */
function paintLights(scene: Scene, random: () => number, size: Size, pixels: Uint8Array): void {
  const { lights } = scene;
  if (!lights) return;
  for (let index = 0; index < lights.count; index += 1) {
    const colour = lights.colours[Math.floor(random() * lights.colours.length)] ?? [255, 255, 255];
    const radius = lights.radius * size.width * (0.5 + random());
    const centre = { x: random() * size.width, y: (0.25 + 0.6 * random()) * size.height };
    paintDisc(pixels, size, { centre, radius, colour, strength: 0.15 + 0.5 * random() });
  }
}

type Disc = { centre: { x: number; y: number }; radius: number; colour: Rgb; strength: number };

function paintDisc(pixels: Uint8Array, { width, height }: Size, disc: Disc): void {
  const { centre, radius, colour, strength } = disc;
  const bottom = Math.min(height, Math.ceil(centre.y + radius));
  const right = Math.min(width, Math.ceil(centre.x + radius));
  for (let y = Math.max(0, Math.floor(centre.y - radius)); y < bottom; y += 1) {
    for (let x = Math.max(0, Math.floor(centre.x - radius)); x < right; x += 1) {
      const distance = Math.sqrt((x - centre.x) ** 2 + (y - centre.y) ** 2);
      const share = Math.max(0, Math.min(1, (radius - distance) / 3));
      if (share === 0) continue;
      const rim = 1 + 0.5 * (distance / radius) ** 6;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = (y * width + x) * 3 + channel;
        pixels[at] = Math.min(255, (pixels[at] ?? 0) + (colour[channel] ?? 0) * strength * share * rim);
      }
    }
  }
}
