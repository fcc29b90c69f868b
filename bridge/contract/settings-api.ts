/** What `GET /settings` and `PATCH /settings` say, and what of a setting is shown. */
import { z } from 'zod';
import { settingTypes } from './setting-text.ts';

/** In place of a secret that is set. */
export const HIDDEN_VALUE = '(set)';

export const settingOriginSchema = z.enum(['flag', 'environment', 'file', 'default']);

export const settingEntrySchema = z.object({
  /** `server.port`. */
  key: z.string(),
  /** What the daemon runs with; null: not set. Of a secret only that it is set. */
  value: z.unknown(),
  /** Null: there is none. */
  default: z.unknown(),
  origin: settingOriginSchema,
  /** The flag, variable or file that says so; null for a default. */
  source: z.string().nullable(),
  type: z.enum(settingTypes),
  description: z.string(),
  /** A change counts from the next start on. */
  needs_restart: z.boolean(),
  /** Decides who gets in or what they may reach: no web page may change it. */
  guarded: z.boolean(),
  /** What the next start brings, where that is another value than `value`; absent: the same. */
  next_value: z.unknown().optional(),
});
export type SettingEntry = z.infer<typeof settingEntrySchema>;

export const settingProblemSchema = z.object({
  /** `server.port`; empty for the file as a whole. */
  setting: z.string(),
  message: z.string(),
  /** What to do. */
  remedy: z.string(),
  value: z.unknown().optional(),
  /** The known setting that was probably meant; null when none is near. */
  suggestion: z.string().nullable(),
  origin: settingOriginSchema,
  source: z.string().nullable(),
});
export type ShownSettingProblem = z.infer<typeof settingProblemSchema>;

export const settingsAnswerSchema = z.object({
  /** The settings file; null: there is none yet. */
  file: z.string().nullable(),
  /** All values as sections, as the file would have them. */
  settings: z.record(z.string(), z.unknown()),
  entries: z.array(settingEntrySchema),
  /** Keys that were changed and count from the next start on. */
  pending_restart: z.array(z.string()),
  /** Why the file as it is now is not in use: then the settings before it still hold. */
  problems: z.array(settingProblemSchema),
  warnings: z.array(z.string()),
});
export type SettingsAnswer = z.infer<typeof settingsAnswerSchema>;

/** JSON merge patch (RFC 7396): `null` takes a key out of the file, which brings its default back. */
export const settingsPatchSchema = z.record(z.string(), z.unknown());
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export const settingsChangeSchema = z.object({
  message: z.string(),
  /** The file that was written. */
  file: z.string(),
  /** Keys with another value than before. */
  changed: z.array(z.string()),
  /** Those of them that count from the next start on. */
  needs_restart: z.array(z.string()),
});
export type SettingsChange = z.infer<typeof settingsChangeSchema>;
