/**
 * Camera Raw settings as both kinds of Lightroom files hold them, before anything is understood: names and texts. The names
 * are those of the `crs:` namespace, which `.lrtemplate` files share.
 */

/** A text (numbers and booleans too), a list, or a structure. */
export type CrsValue = string | readonly CrsValue[] | CrsSettings;
export type CrsSettings = ReadonlyMap<string, CrsValue>;

/** What a Lightroom file says, whatever its kind. */
export type CameraRawFile = {
  /** Null: the file has none; it is called after its file name. */
  name: string | null;
  group: string | null;
  description: string | null;
  settings: CrsSettings;
};

export function isSettings(value: CrsValue | undefined): value is CrsSettings {
  return value instanceof Map;
}

/** The text of a simple setting; null when it is absent or no text. */
export function textOf(settings: CrsSettings, key: string): string | null {
  const value = settings.get(key);
  return typeof value === 'string' ? value.trim() : null;
}

/** Absent is false. */
export function isTrue(settings: CrsSettings, key: string): boolean {
  return /^(true|1)$/i.test(textOf(settings, key) ?? '');
}

/** Written, and written as no. */
export function isFalse(settings: CrsSettings, key: string): boolean {
  return /^(false|0)$/i.test(textOf(settings, key) ?? '');
}
