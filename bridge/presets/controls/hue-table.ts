/** The table of hues of a profile: what its maker turns, strengthens and lightens by hue, saturation and value. */
import type { HueTable } from '../../contract/native-preset.ts';
import { inverse, times } from '../colour/matrix.ts';
import { fromSrgb } from '../colour/primaries.ts';
import type { ColourStage, Rgb } from '../colour/rgb.ts';
import { toEncoded, toLinear } from '../colour/srgb-transfer.ts';

type Hsv = readonly [hue: number, saturation: number, value: number];

/**
 * As the DNG specification 1.7.1 (chapter 6, "Hue/Saturation/Value mapping table") has it: linear ProPhoto RGB as HSV, a change of hue in
 * degrees, factors on saturation and value, linear between entries, hue going round; with the encoding sRGB value is encoded for both the look-up
 * and its factor. What lies outside 0..1 is put back afterwards. The SDK runs it before its tone curve; a developed photo has had that
 * already, so it stands where the other table of profiles does.
 */
export function hueTableStage(table: HueTable): ColourStage {
  const into = fromSrgb('prophoto');
  const back = inverse(into);
  const read = createReader(table);
  const amount = (table.amount ?? 100) / 100;
  const [encode, decode] = table.encoding === 'srgb' ? [toEncoded, toLinear] : [same, same];
  return (rgb) => {
    const light = times(into, [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])]);
    const held: Rgb = [hold(light[0]), hold(light[1]), hold(light[2])];
    const [hue, saturation, value] = toHsv(held);
    const place = encode(value);
    const [shift, strength, lightness] = read([hue, saturation, place]);
    const [red, green, blue] = fromHsv([
      hue + (amount * shift) / 60,
      hold(saturation * (1 + amount * (strength - 1))),
      decode(hold(place * (1 + amount * (lightness - 1)))),
    ]);
    const result: Rgb = [red + light[0] - held[0], green + light[1] - held[1], blue + light[2] - held[2]];
    const shown = times(back, result);
    return [toEncoded(shown[0]), toEncoded(shown[1]), toEncoded(shown[2])];
  };
}

/** Between the eight entries around a place; hue 0..6, saturation and value 0..1. */
function createReader({ hues, saturations, values, samples }: HueTable): (place: Hsv) => Rgb {
  const bytes = Buffer.from(samples, 'base64');
  const numbers = Float64Array.from({ length: hues * saturations * values * 3 }, (_, index) =>
    index * 4 + 4 <= bytes.length ? bytes.readFloatLE(index * 4) : index % 3 === 0 ? 0 : 1,
  );
  return ([hue, saturation, value]) => {
    const around = ((((hue / 6) * hues) % hues) + hues) % hues;
    const [h, s, v] = [
      span(around, hues, true),
      span(saturation * (saturations - 1), saturations),
      span(value * (values - 1), values),
    ];
    const sum: [number, number, number] = [0, 0, 0];
    for (let corner = 0; corner < 8; corner++) {
      const [atH, atS, atV] = [corner & 1, (corner >> 1) & 1, corner >> 2];
      const weight = share(h, atH) * share(s, atS) * share(v, atV);
      if (weight === 0) continue;
      const entry =
        ((atV ? v.next : v.from) * hues + (atH ? h.next : h.from)) * saturations + (atS ? s.next : s.from);
      for (const part of [0, 1, 2] as const) sum[part] += weight * (numbers[entry * 3 + part] ?? 0);
    }
    return sum;
  };
}

type Span = { from: number; next: number; mix: number };

function span(position: number, count: number, isRound = false): Span {
  const from = Math.min(Math.floor(position), count - 1);
  const next = isRound ? (from + 1) % count : Math.min(from + 1, count - 1);
  return { from, next, mix: position - from };
}

function share({ mix }: Span, isNext: number): number {
  return isNext === 1 ? mix : 1 - mix;
}

/** Hue 0..6, from red over green and blue (A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978). */
function toHsv([red, green, blue]: Rgb): Hsv {
  const value = Math.max(red, green, blue);
  const gap = value - Math.min(red, green, blue);
  if (gap <= 0) return [0, 0, value];
  const hue =
    red === value ? (green - blue) / gap : green === value ? 2 + (blue - red) / gap : 4 + (red - green) / gap;
  return [hue < 0 ? hue + 6 : hue, gap / value, value];
}

function fromHsv([hue, saturation, value]: Hsv): Rgb {
  const part = (offset: number) => {
    const sector = (((offset + hue) % 6) + 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(1, sector, 4 - sector)));
  };
  return [part(5), part(3), part(1)];
}

const same = (value: number) => value;

function hold(value: number): number {
  return Math.min(1, Math.max(0, value));
}
