import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { convertFromSrgb, convertGreyTo } from '../../../workers/colour/convert-pixels.ts';
import { parseMatrixProfile } from '../../../workers/colour/icc-matrix.ts';
import { rgbSpaces } from '../../../workers/colour/rgb-space.ts';
import { attachMetadata } from '../../../workers/metadata/attach.ts';
import { outputProfile } from '../../../workers/metadata/profiles.ts';
import type { Pixels } from '../../../workers/pipeline/pixels.ts';
import { makePixels } from '../../helpers/images.ts';

const copyOf = (options: Parameters<typeof makePixels>[0]): Pixels => makePixels(options) as Pixels;

function greatestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let greatest = 0;
  for (let at = 0; at < left.length; at++) greatest = Math.max(greatest, Math.abs(left[at]! - right[at]!));
  return greatest;
}

describe('converting sRGB pixels into another space', () => {
  it('changes nothing when the other space is sRGB', () => {
    for (const depth of [8, 16] as const) {
      const pixels = copyOf({ depth });
      convertFromSrgb(pixels, rgbSpaces.srgb);
      const slack = depth === 8 ? 0 : 4;
      expect(greatestDifference(pixels.data, copyOf({ depth }).data)).toBeLessThanOrEqual(slack);
    }
  });

  it('agrees with the colour engine on Display P3 to one level', async () => {
    const pixels = copyOf({ seed: 3 });
    const { data, width, height, channels } = makePixels({ seed: 3 });
    const reference = await sharp(data, { raw: { width, height, channels } })
      .withIccProfile('p3')
      .raw()
      .toBuffer();
    convertFromSrgb(pixels, rgbSpaces['display-p3']);
    expect(greatestDifference(pixels.data, reference)).toBeLessThanOrEqual(1);
  });

  it('is undone by the colour engine through the profile that is embedded', async () => {
    for (const colour of ['display-p3', 'adobe-rgb'] as const) {
      const pixels = copyOf({ seed: 4, width: 64, height: 48, depth: 16 });
      convertFromSrgb(pixels, rgbSpaces[colour]);
      const { data, width, height, channels } = pixels;
      const icc = outputProfile(colour, null);
      const plain = await sharp(data, { raw: { width, height, channels } })
        .toColourspace('rgb16')
        .png()
        .toBuffer();
      const { pieces } = attachMetadata({
        encoded: plain,
        format: 'png',
        blocks: { exif: null, xmp: null, iptc: null },
        icc,
      });
      const back = await sharp(Buffer.concat(pieces))
        .toColourspace('rgb16')
        .withIccProfile('srgb')
        .raw({ depth: 'ushort' })
        .toBuffer();
      const original = copyOf({ seed: 4, width: 64, height: 48, depth: 16 }).data;
      const restored = new Uint16Array(back.buffer, back.byteOffset, original.length);
      expect(greatestDifference(restored, original), colour).toBeLessThanOrEqual(2 * 257);
      expect(parseMatrixProfile(icc), colour).not.toBeNull();
    }
  });

  it('leaves alpha alone', () => {
    const pixels = copyOf({ channels: 4 });
    convertFromSrgb(pixels, rgbSpaces['adobe-rgb']);
    const before = copyOf({ channels: 4 }).data;
    for (let at = 3; at < before.length; at += 4) expect(pixels.data[at]).toBe(before[at]);
  });

  it('brings grey of a linear tone curve to the sRGB encoding', () => {
    const pixels: Pixels = {
      data: new Uint16Array([13_978, 13_978, 13_978]),
      width: 1,
      height: 1,
      channels: 3,
    };
    convertGreyTo(pixels, (value) => value, rgbSpaces.srgb);
    // 13978 / 65535 = 0.2133 linear is 0.4995 encoded.
    expect(pixels.data[0]! / 65_535).toBeCloseTo(0.4995, 3);
  });
});
