/** What a render task needs to know of a preset, in a form that crosses process borders. */
import { z } from 'zod';
import { nativePresetSchema } from './native-preset.ts';

/** A preset resolved by name at batch start, frozen for the batch: content, not a reference. */
export const recipeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('native'), name: z.string(), preset: nativePresetSchema }),
]);
export type Recipe = z.infer<typeof recipeSchema>;
