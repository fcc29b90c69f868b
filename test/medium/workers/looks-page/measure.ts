/** What can be said of a picture in numbers: light, clipping, colour. */
import sharp from 'sharp';

export type Raw = { data: Uint8Array; width: number; height: number };

export async function decode(jpeg: Uint8Array): Promise<Raw> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels`);
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

export type Measures = {
  /** Mean linear light, 0..1. */
  light: number;
  /** Shares of pixels that are black or white in every channel. */
  black: number;
  white: number;
  /** Mean largest less smallest channel, in levels. */
  colour: number;
};

export function measure({ data }: Raw): Measures {
  const pixels = data.length / 3;
  const sums = { light: 0, black: 0, white: 0, colour: 0 };
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    sums.light += 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    if (high <= 1) sums.black++;
    if (low >= 254) sums.white++;
    sums.colour += high - low;
  }
  return {
    light: sums.light / pixels,
    black: sums.black / pixels,
    white: sums.white / pixels,
    colour: sums.colour / pixels,
  };
}

/** Mean difference of two pictures' values, in levels. */
export function differenceOf(one: Raw, other: Raw): number {
  let sum = 0;
  for (let at = 0; at < one.data.length; at++) sum += Math.abs((one.data[at] ?? 0) - (other.data[at] ?? 0));
  return sum / one.data.length;
}

/** `mix` (0..1) of the way from one picture to another. */
export function mixOf(one: Raw, other: Raw, mix: number): Raw {
  const data = one.data.map((value, at) => Math.round(value + mix * ((other.data[at] ?? 0) - value)));
  return { ...one, data };
}

/**
 * How far pixels of equal lightness differ in colour: 0 for a picture in greys or toned in one way, in levels. The mean over all
 * pixels of the distance of red and blue minus green from the mean of their lightness.
 */
export function tintSpread({ data }: Raw): number {
  const bins = Array.from({ length: 64 }, () => ({ count: 0, red: 0, blue: 0 }));
  const binOf = (at: number) => bins[(data[at + 1] ?? 0) >> 2] ?? { count: 0, red: 0, blue: 0 };
  for (let at = 0; at < data.length; at += 3) {
    const bin = binOf(at);
    bin.count++;
    bin.red += (data[at] ?? 0) - (data[at + 1] ?? 0);
    bin.blue += (data[at + 2] ?? 0) - (data[at + 1] ?? 0);
  }
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) {
    const { count, red, blue } = binOf(at);
    const green = data[at + 1] ?? 0;
    sum +=
      Math.abs((data[at] ?? 0) - green - red / count) + Math.abs((data[at + 2] ?? 0) - green - blue / count);
  }
  return (3 * sum) / (2 * data.length);
}

const levels = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

function linear(level: number): number {
  return levels[level] ?? 0;
}
