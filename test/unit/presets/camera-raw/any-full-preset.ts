/** Generators of native presets with every control that Lightroom has too, none of them at its neutral value. */
import fc from 'fast-check';
import { hslBands, type NativePreset } from '../../../../bridge/contract/index.ts';

const whole = (min: number, max: number, neutral = 0) =>
  fc
    .integer({ min: min * 10, max: max * 10 })
    .map((n) => n / 10)
    .filter((n) => n !== neutral);
const full = whole(-100, 100);
const amount = whole(1, 100);
const some = <T extends Record<string, fc.Arbitrary<unknown>>>(
  members: T,
  least: (keyof T & string)[] = [],
) => fc.record(members, { requiredKeys: least as never[] }).filter((made) => Object.keys(made).length > 0);
const bands = <T>(value: fc.Arbitrary<T>) => some(Object.fromEntries(hslBands.map((band) => [band, value])));
const curve = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 8 }),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 10, maxLength: 10 }),
  )
  .map(([xs, ys]) =>
    [0, ...xs.toSorted((a, b) => a - b), 255].map((x, at): [number, number] => [x, ys[at] ?? 9]),
  )
  .filter((points) => points.some(([x, y]) => x !== y));
const wheel = some({ hue: whole(1, 360), saturation: amount, luminance: full }, ['saturation']);
const primary = some({ hue: full, saturation: full });
const primaries = some({ shadow_tint: full, red: primary, green: primary, blue: primary });

export const anyFullPreset: fc.Arbitrary<NativePreset> = fc
  .record(
    {
      exposure: whole(-5, 5),
      contrast: full,
      highlights: full,
      shadows: full,
      whites: full,
      blacks: full,
      clarity: full,
      texture: full,
      dehaze: full,
      vibrance: full,
      saturation: full,
      white: fc.oneof(
        some({ temperature: full, tint: full }),
        some({ temperature: whole(2000, 50_000), tint: whole(-150, 150) }).map((white_balance) => ({
          white_balance,
        })),
      ),
      hsl: bands(some({ hue: full, saturation: full, luminance: full })),
      tone_curve: some({
        points: curve,
        red: curve,
        green: curve,
        blue: curve,
        parametric: some(
          { highlights: full, lights: full, darks: full, shadows: full, shadow_split: whole(10, 70, 25) },
          ['darks'],
        ),
      }),
      colour_grading: some(
        {
          shadows: wheel,
          midtones: wheel,
          highlights: wheel,
          global: wheel,
          balance: full,
          blending: whole(0, 100, -1),
        },
        ['midtones', 'blending'],
      ),
      monochrome: bands(full),
      calibration: primaries,
      sharpening: some(
        { amount: whole(1, 150), radius: whole(0.5, 3, 1), detail: whole(0, 100, 25), masking: amount },
        ['amount'],
      ),
      noise_reduction: some(
        {
          luminance: amount,
          detail: whole(0, 100, 50),
          contrast: amount,
          colour: amount,
          colour_detail: whole(0, 100, 50),
          colour_smoothness: whole(0, 100, 50),
        },
        ['luminance', 'colour'],
      ),
      vignette: some(
        {
          amount: whole(-100, -1),
          midpoint: whole(0, 100, 50),
          feather: whole(0, 100, 50),
          roundness: full,
          highlights: amount,
          style: fc.constantFrom('colour', 'paint'),
        },
        ['amount'],
      ),
      grain: some({ amount, size: whole(0, 100, 25), roughness: whole(0, 100, 50) }, ['amount']),
      defringe: some(
        {
          purple_amount: whole(1, 20),
          purple_hue_from: whole(0, 90, 30),
          green_amount: whole(1, 20),
          green_hue_to: whole(10, 100, 60),
        },
        ['purple_amount', 'green_amount'],
      ),
    },
    { requiredKeys: [] },
  )
  .map(({ white, ...rest }) => ({ ...rest, ...white }) as NativePreset);
