/** The TIFF between an engine and sharp: what goes in comes out, bit by bit. */
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { layOutTiff } from '../../../../workers/engines/wasm/write-tiff.ts';
import { displayP3Profile } from '../../../../workers/metadata/profiles.ts';

const shapes = {
  width: fc.integer({ min: 1, max: 700 }),
  height: fc.integer({ min: 1, max: 700 }),
  channels: fc.constantFrom(3 as const, 4 as const),
  bits: fc.constantFrom(8 as const, 16 as const),
  icc: fc.constantFrom(null, displayP3Profile()),
};

it('is read by sharp as the very pixels and profile that were put into it', async () => {
  const property = fc.asyncProperty(fc.record(shapes), fc.nat(1000), async (shape, seed) => {
    const { file, pixels } = layOutTiff(shape);
    for (let at = 0; at < pixels.length; at++) pixels[at] = (at * 31 + (at >> 7) * seed) & 255;
    const image = sharp(file, { ignoreIcc: true, failOn: 'warning' });
    const header = await sharp(file).metadata();
    const { width, height, channels } = shape;
    expect(header).toMatchObject({ width, height, channels, depth: shape.bits === 16 ? 'ushort' : 'uchar' });
    expect(header.icc?.equals(Buffer.from(shape.icc ?? [])) ?? null).toBe(shape.icc === null ? null : true);
    const space = shape.bits === 16 ? 'rgb16' : 'srgb';
    const depth = shape.bits === 16 ? 'ushort' : 'uchar';
    const back = await image.toColourspace(space).raw({ depth }).toBuffer();
    expect(Buffer.compare(back, pixels)).toBe(0);
  });
  await fc.assert(property, { numRuns: 25 });
});
