/** What a preset file turns into: a recipe, and what its file says beside it. Reads nothing. */
import type { NativePreset, Recipe } from '../contract/index.ts';

/** A setting of another program's file and the top-level key of the preset it went into. */
export type ControlUse = { setting: string; control: keyof NativePreset };
/** What a file of another program said besides what its preset says. */
export type PresetOrigin = {
  group: string | null;
  /** What was asked for and the native form cannot say, in a photographer's words. */
  unsupported: readonly string[];
  /** What was understood differently from the file's letter. */
  notes: readonly string[];
  /** Which setting of the file became which control. Empty for our own files, where they are the same. */
  controls: readonly ControlUse[];
};
export const ownOrigin: PresetOrigin = { group: null, unsupported: [], notes: [], controls: [] };

/** `settings`: as people are shown them. */
export type PresetContent = {
  recipe: Recipe;
  description: string | null;
  settings: Record<string, unknown>;
  origin: PresetOrigin;
};

/** `name`: unless the preset has one. */
export function toNativeContent(
  preset: NativePreset,
  { name, origin }: { name: string; origin: PresetOrigin },
): PresetContent {
  const { name: own, description = null, $schema, ...settings } = preset;
  return { recipe: { kind: 'native', name: own ?? name, preset }, description, settings, origin };
}
