/**
 * Script: `contact-sheet.ts OUT` reads `[{before, after}]` as JSON from stdin and writes one JPEG with each pair side by
 * side. It decodes every file whole and strictly, and fails naming the first that is not complete.
 */
import { readFile } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import sharp, { type OverlayOptions } from 'sharp';

type Pair = { before: string; after: string };

const CELL = { width: 300, height: 200 };
const GAP = 16;
const COLUMNS = 2;
const PAPER = { r: 244, g: 243, b: 240 };

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('Name the file to write');
const pairs = (await json(process.stdin)) as Pair[];

const tiles: OverlayOptions[] = [];
for (const [index, pair] of pairs.entries()) {
  const left = GAP + (index % COLUMNS) * (2 * CELL.width + 2 * GAP);
  const top = GAP + Math.floor(index / COLUMNS) * (CELL.height + GAP);
  const [before, after] = await Promise.all([loadTile(pair.before), loadTile(pair.after)]);
  tiles.push({ input: before, left, top }, { input: after, left: left + CELL.width + 2, top });
}
const columns = Math.min(COLUMNS, Math.max(1, pairs.length));
await sharp({
  create: {
    width: columns * (2 * CELL.width + 2 * GAP),
    height: GAP + Math.ceil(Math.max(1, pairs.length) / COLUMNS) * (CELL.height + GAP),
    channels: 3,
    background: PAPER,
  },
})
  .composite(tiles)
  .jpeg({ quality: 88 })
  .toFile(out);

async function loadTile(path: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    // Shrinking on load still reads a JPEG to its last block, so what a truncated one lacks is noticed.
    return await sharp(bytes, { failOn: 'warning' })
      .rotate()
      .resize({ ...CELL, fit: 'contain', background: PAPER })
      .flatten({ background: PAPER })
      .toFormat('png', { compressionLevel: 1 })
      .toBuffer();
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
