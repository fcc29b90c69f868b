/** Names the controls of a preset that a Look cannot carry, so that nobody is left to wonder. */
import type { NativePreset } from '../contract/native-preset.ts';

const spatialSliders = ['clarity', 'texture', 'dehaze'] as const;
/** Groups and the member whose 0 switches the group off. */
const spatialGroups = {
  sharpening: ['amount'],
  noise_reduction: ['luminance', 'colour'],
  vignette: ['amount'],
  grain: ['amount'],
} as const;

/** Keys of spatial controls that stand away from neutral, in the preset's own words. They need neighbouring pixels; only colour runs. */
export function notHonoured(preset: NativePreset): string[] {
  const named: string[] = spatialSliders.filter((key) => preset[key]);
  for (const [key, switches] of Object.entries(spatialGroups)) {
    const group: Readonly<Record<string, number | undefined>> =
      preset[key as keyof typeof spatialGroups] ?? {};
    if (switches.some((member) => group[member])) named.push(key);
  }
  return named;
}
