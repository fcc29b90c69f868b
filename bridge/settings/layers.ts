/** Lays setting entries over the file's values, later ones winning, and remembers where each came from. */
import type { SettingEntry, SettingOrigin } from './origin.ts';

type Tree = Record<string, unknown>;
export type Layered = { value: unknown; origins: ReadonlyMap<string, SettingOrigin> };

/** `file` and its values may have any shape; what is no section stays in place for the schema to refuse. */
export function layerSettings(
  file: { path: string; value: Readonly<Tree> } | null,
  entries: readonly SettingEntry[],
): Layered {
  const origins = new Map<string, SettingOrigin>();
  const value: Tree = file === null ? {} : structuredClone(file.value);
  if (file !== null) markLeaves(value, '', { kind: 'file', file: file.path }, origins);
  for (const entry of entries) {
    if (setAt(value, entry.path, entry.value)) origins.set(entry.path.join('.'), entry.origin);
  }
  return { value, origins };
}

function markLeaves(
  tree: Tree,
  prefix: string,
  origin: SettingOrigin,
  into: Map<string, SettingOrigin>,
): void {
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (isTree(value)) markLeaves(value, path, origin, into);
    else into.set(path, origin);
  }
}

function setAt(tree: Tree, path: readonly string[], value: unknown): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return false;
  if (rest.length === 0) {
    tree[key] = value;
    return true;
  }
  if (!Object.hasOwn(tree, key)) tree[key] = {};
  const section = tree[key];
  return isTree(section) && setAt(section, rest, value);
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
