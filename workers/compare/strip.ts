/**
 * Script: `strip.ts OUT WIDTH` reads base64 JPEGs as a JSON list from stdin and writes one JPEG with them side by side, each scaled
 * to that width. Fails when one is not whole.
 */
import { json } from 'node:stream/consumers';
import sharp from 'sharp';

const GAP = 4;
const PAPER = { r: 244, g: 243, b: 240 };

const [out, width] = process.argv.slice(2);
const edge = Number(width);
if (out === undefined || !Number.isInteger(edge))
  throw new Error('Name the file to write and the width of a picture');
const pictures = await Promise.all(
  ((await json(process.stdin)) as string[]).map((text) =>
    sharp(Buffer.from(text, 'base64'), { failOn: 'warning' })
      .resize({ width: edge })
      .toBuffer({ resolveWithObject: true }),
  ),
);
const height = Math.max(...pictures.map(({ info }) => info.height));
await sharp({
  create: { width: pictures.length * (edge + GAP) - GAP, height, channels: 3, background: PAPER },
})
  .composite(pictures.map(({ data }, index) => ({ input: data, left: index * (edge + GAP), top: 0 })))
  .jpeg({ quality: 90 })
  .toFile(out);
