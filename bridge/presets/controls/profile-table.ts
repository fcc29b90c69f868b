/** The colour table of a profile: what its maker laid down for every colour. */
import type { ColourProfile } from '../../contract/native-preset.ts';
import { inverse, times } from '../colour/matrix.ts';
import { fromSrgb } from '../colour/primaries.ts';
import { profileCurve } from '../colour/profile-curves.ts';
import type { ColourStage, Rgb } from '../colour/rgb.ts';
import { toEncoded, toLinear } from '../colour/srgb-transfer.ts';
import { interpolateNodes } from '../tetrahedral.ts';

/**
 * As Adobe's DNG SDK 1.7.1 runs RGB tables (dng_reference.cpp): linear light in the table's primaries, held to 0..1, encoded with the
 * table's curve, looked up (tetrahedral), mixed in by the amount, and back. `extend` adds again what was cut off before.
 */
export function profileStage(profile: ColourProfile): ColourStage {
  const into = fromSrgb(profile.primaries);
  const back = inverse(into);
  const curve = profileCurve(profile.curve);
  const look = lookUp(profile);
  const amount = (profile.amount ?? 100) / 100;
  return (rgb) => {
    const light = times(into, each(rgb, toLinear));
    const held = each(light, hold);
    const place = each(held, curve.encode);
    const wanted = look(place);
    const mix = (channel: 0 | 1 | 2) =>
      curve.decode(hold(place[channel] + amount * (wanted[channel] - place[channel])));
    const rest = (channel: 0 | 1 | 2) => (profile.outside === 'extend' ? light[channel] - held[channel] : 0);
    const result: Rgb = [mix(0) + rest(0), mix(1) + rest(1), mix(2) + rest(2)];
    return each(times(back, result), toEncoded);
  };
}

function lookUp({ dimensions, divisions, samples }: ColourProfile): ColourStage {
  const bytes = Buffer.from(samples, 'base64');
  const values = Float64Array.from({ length: divisions ** dimensions * 3 }, (_, index) =>
    index * 2 + 2 <= bytes.length ? bytes.readUInt16LE(index * 2) / 65_535 : 0,
  );
  const read = (node: number, channel: 0 | 1 | 2) => values[node * 3 + channel] ?? 0;
  if (dimensions === 3) {
    return (place) =>
      interpolateNodes(divisions, place, (red, green, blue) => {
        const node = (blue * divisions + green) * divisions + red;
        return [read(node, 0), read(node, 1), read(node, 2)];
      });
  }
  const along = (place: number, channel: 0 | 1 | 2) => {
    const position = place * (divisions - 1);
    const node = Math.min(Math.floor(position), divisions - 2);
    const low = read(node, channel);
    return low + (read(node + 1, channel) - low) * (position - node);
  };
  return ([red, green, blue]) => [along(red, 0), along(green, 1), along(blue, 2)];
}

function each([red, green, blue]: Rgb, change: (value: number) => number): Rgb {
  return [change(red), change(green), change(blue)];
}

function hold(value: number): number {
  return Math.min(1, Math.max(0, value));
}
