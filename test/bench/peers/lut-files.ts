/**
 * The look that all programs apply: a warm, faded film of our own, as files that each of them reads, once as it is and once with
 * the blend in it. Nodes within 0..1, since other programs clip there.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { LutRecipe } from '../../../bridge/contract/recipe.ts';
import { evaluateCube, type LutCube } from '../../../bridge/presets/lut/lut-table.ts';

export const CUBE_NODES = 33;
/** A HaldCLUT of level 8 has 64 nodes an axis: the one its users have. */
export const HALD_LEVEL = 8;
export const BLEND = 60;

export type LutFiles = {
  recipe: LutRecipe;
  folder: string;
  cube: string;
  hald: string;
  /** `BLEND` per cent of the look and the rest of the identity. */
  blendedCube: string;
  blendedHald: string;
};

export async function writeLutFiles(folder: string): Promise<LutFiles> {
  const nodes = toNodes(CUBE_NODES, film);
  const table: LutCube = { size: CUBE_NODES, min: [0, 0, 0], max: [1, 1, 1], values: nodes };
  const halds = toNodes(HALD_LEVEL ** 2, (rgb) => evaluateCube(table, rgb));
  const path = (name: string) => join(folder, name);
  const files = {
    cube: path('look.cube'),
    blendedCube: path('look-60.cube'),
    hald: path('look.png'),
    blendedHald: path('look-60.png'),
  };
  const text = toCubeText(nodes, CUBE_NODES);
  writeFileSync(files.cube, text);
  writeFileSync(files.blendedCube, toCubeText(blended(nodes, CUBE_NODES), CUBE_NODES));
  await writeHald(files.hald, halds);
  await writeHald(files.blendedHald, blended(halds, HALD_LEVEL ** 2));
  const sha256 = createHash('sha256').update(text).digest('hex');
  const recipe: LutRecipe = { kind: 'lut', name: 'look', format: 'cube', sha256, file: files.cube };
  return { recipe, folder, ...files };
}

type Colour = readonly [number, number, number];

/** Less saturated, an S in each channel, lifted blacks, warm lights and cool shadows. */
function film(rgb: Colour): Colour {
  const grey = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  const [red, green, blue] = rgb.map((value) => {
    const mixed = 0.6 * value + 0.4 * grey;
    return 0.12 + 0.82 * (mixed - 0.12 * Math.sin(2 * Math.PI * mixed));
  });
  const clip = (value = 0) => Math.min(1, Math.max(0, value));
  return [clip((red ?? 0) + 0.06 * grey), clip(green), clip((blue ?? 0) + 0.15 * (0.4 - grey))];
}

/** `size^3 * 3` numbers, red fastest. */
function toNodes(size: number, look: (rgb: Colour) => Colour): Float32Array {
  const nodes = new Float32Array(3 * size ** 3);
  for (let node = 0; node < size ** 3; node += 1) nodes.set(look(placeOf(node, size)), 3 * node);
  return nodes;
}

function blended(nodes: Float32Array, size: number): Float32Array {
  const share = BLEND / 100;
  return nodes.map((value, at) => {
    const place = placeOf(Math.floor(at / 3), size)[at % 3] ?? 0;
    return share * value + (1 - share) * place;
  });
}

function placeOf(node: number, size: number): [number, number, number] {
  const last = size - 1;
  return [(node % size) / last, (Math.floor(node / size) % size) / last, Math.floor(node / size ** 2) / last];
}

function toCubeText(nodes: Float32Array, size: number): string {
  const rows = Array.from({ length: nodes.length / 3 }, (_, node) =>
    [...nodes.subarray(3 * node, 3 * node + 3)].map((value) => value.toFixed(6)).join(' '),
  );
  return `LUT_3D_SIZE ${size}\n${rows.join('\n')}\n`;
}

async function writeHald(path: string, nodes: Float32Array): Promise<void> {
  const edge = HALD_LEVEL ** 3;
  const data = Uint16Array.from(nodes, (value) => Math.round(65_535 * value));
  const picture = sharp(data, { raw: { width: edge, height: edge, channels: 3 } });
  await picture.toColourspace('rgb16').png({ compressionLevel: 1 }).toFile(path);
}
