/** Temperature and tint of a photo that is already rendered: relative shifts, and the kelvins of presets made for RAW. */
import type { NativePreset } from '../../contract/native-preset.ts';
import type { Rgb } from '../colour/rgb.ts';
import { toLinear } from '../colour/srgb-transfer.ts';
import { DAYLIGHT, toWhiteGains } from './scene-white.ts';

// How far a full slider moves white, as encoded sRGB differences: along the axis from blue to yellow and from green to
// magenta. At 100 a grey takes on what a change of some 2,000 K does to a daylight photo.
const TEMPERATURE_REACH = 0.13;
const TINT_REACH = 0.09;

/**
 * Factors on linear red, green and blue: von Kries adaptation (J. von Kries, 1902) with the sRGB primaries as sensors, the
 * "RGB scaling" of camera white balance. sRGB primaries are sharp sensors (Finlayson and Süsstrunk, "Performance of a
 * chromatic adaptation transform based on spectral sharpening", CIC 8, 2000), and a channel never turns negative. A
 * `white_balance` in kelvin multiplies them with the white that Bradford's adaptation gives: exact for greys, von Kries for all else,
 * so that light stays one channel at a time. The factors keep the luminance of grey.
 */
export function whiteBalanceGains({ temperature = 0, tint = 0, white_balance }: NativePreset): Rgb {
  const warm = (temperature / 100) * TEMPERATURE_REACH;
  const magenta = (tint / 100) * TINT_REACH;
  const scene = white_balance === undefined ? ([1, 1, 1] as const) : toSceneGains(white_balance);
  const red = scene[0] * toLinear(1 + warm + magenta / 2);
  const green = scene[1] * toLinear(1 + warm * 0.1 - magenta);
  const blue = scene[2] * toLinear(1 - warm * 1.3 + magenta / 2);
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return [red / luminance, green / luminance, blue / luminance];
}

function toSceneGains({ temperature, tint }: NonNullable<NativePreset['white_balance']>): Rgb {
  return toWhiteGains({ temperature: temperature ?? DAYLIGHT.temperature, tint: tint ?? DAYLIGHT.tint });
}
