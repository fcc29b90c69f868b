/** The published JSON schema of native presets, made from the one zod schema that reads them. */
import { z } from 'zod';
import { nativePresetSchema } from '../contract/native-preset.ts';

/** JSON Schema (draft 2020-12). What it cannot say (curve inputs must rise) is checked when a preset is read. */
export function presetJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(nativePresetSchema, { target: 'draft-2020-12' }),
    title: 'Photo Bridge preset',
    description:
      'A look for photos. Every control is optional and neutral when left out; ranges are those of Lightroom.',
  };
}
