/** Where a setting's value came from, and the layers in order of precedence. Types and one sentence form. */

/** In falling precedence. A key that no layer names has its default. */
export type SettingOrigin =
  | { kind: 'flag'; name: string }
  | { kind: 'environment'; name: string }
  | { kind: 'file'; file: string }
  | { kind: 'default' };

/** One value a layer sets; `path` as in the schema. */
export type SettingEntry = { path: readonly string[]; value: unknown; origin: SettingOrigin };

export function toOriginText(origin: SettingOrigin): string {
  switch (origin.kind) {
    case 'flag':
      return `flag ${origin.name}`;
    case 'environment':
      return `environment variable ${origin.name}`;
    case 'file':
      return origin.file;
    case 'default':
      return 'default';
  }
}
