/** What a render task needs to know of a preset, in a form that crosses process borders. */
import { z } from 'zod';
import { nativePresetSchema } from './native-preset.ts';

/** A preset resolved by name at batch start, frozen for the batch: content, not a reference. */
export const recipeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('native'), name: z.string(), preset: nativePresetSchema }),
  z.object({
    kind: z.literal('lut'),
    name: z.string(),
    format: z.enum(['cube', 'hald']),
    /** Hex SHA-256 of the file's bytes: the identity of what it holds. */
    sha256: z.string(),
    /** The copy the daemon keeps: its name in the recipes folder; in a task its absolute path. */
    file: z.string(),
  }),
]);
export type Recipe = z.infer<typeof recipeSchema>;
export type NativeRecipe = Extract<Recipe, { kind: 'native' }>;
export type LutRecipe = Extract<Recipe, { kind: 'lut' }>;
