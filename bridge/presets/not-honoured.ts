/** Names the controls of a preset that the pipeline cannot do yet, so that nobody is left to wonder. The one place that knows. */
import type { NativePreset } from '../contract/native-preset.ts';

/** Controls nobody runs yet, with the members whose 0 switches them off; take one out when its step runs. */
const notYet = {
  clarity: null,
  texture: null,
  dehaze: null,
  sharpening: ['amount'],
  noise_reduction: ['luminance', 'colour'],
  vignette: ['amount'],
  grain: ['amount'],
  defringe: ['purple_amount', 'green_amount'],
} as const satisfies Partial<Record<keyof NativePreset, readonly string[] | null>>;

/** Keys of such controls that stand away from neutral, in the preset's own words. They need neighbouring pixels; only colour runs. */
export function notHonoured(preset: NativePreset): string[] {
  return Object.entries(notYet)
    .filter(([control, switches]) => isAsked(preset[control as keyof typeof notYet], switches))
    .map(([control]) => control);
}

function isAsked(value: unknown, switches: readonly string[] | null): boolean {
  if (switches === null) return Boolean(value);
  const members = (value ?? {}) as Readonly<Record<string, unknown>>;
  return switches.some((member) => Boolean(members[member]));
}
