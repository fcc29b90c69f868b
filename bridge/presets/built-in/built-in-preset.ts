/** The type of a preset that comes with the product. */
import type { NativePreset } from '../../contract/index.ts';

export type BuiltInPreset = NativePreset & { name: string; description: string };
