/** The settings of a running daemon: a frozen copy, read again when the file changes or on request, kept when it is broken. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../contract/index.ts';
import { type LoadedSettings, loadSettings, type SettingsSource } from './load.ts';
import type { SettingOrigin } from './origin.ts';
import type { SettingProblem } from './problems.ts';
import { settingPaths } from './setting-paths.ts';

export type ReloadResult = {
  /** Keys with another value than before. */
  changed: readonly string[];
  /** Not empty: nothing was applied. */
  problems: readonly SettingProblem[];
};
export type ReloadListener = (result: ReloadResult, settings: Readonly<Settings>) => void;
export type LiveSettings = {
  current(): Readonly<Settings>;
  origin(key: string): SettingOrigin;
  reload(): ReloadResult;
  /** Told of every reload that changed something or found problems. Answers how to stop listening. */
  onChange(listener: ReloadListener): () => void;
  close(): void;
};

/** Editors write in several steps; a reload waits this long for the last one. Milliseconds. */
const QUIET_MS = 100;

/**
 * `loaded`: what the daemon started with. Flags and environment of the start hold through every reload. Without a file
 * at the start nothing is watched; `reload()` looks for one again.
 */
export function createSettings(loaded: LoadedSettings, source: SettingsSource): LiveSettings {
  let held = loaded;
  const listeners = new Set<ReloadListener>();

  function reload(): ReloadResult {
    const next = loadSettings(source);
    if (!next.ok) return tell({ changed: [], problems: next.problems });
    const changed = settingPaths
      .filter(({ path }) => !isDeepStrictEqual(valueAt(held.settings, path), valueAt(next.settings, path)))
      .map(({ key }) => key);
    held = next;
    return changed.length === 0 ? { changed, problems: [] } : tell({ changed, problems: [] });
  }
  function tell(result: ReloadResult): ReloadResult {
    for (const listener of listeners) listener(result, held.settings);
    return result;
  }
  const stopWatching = loaded.file === null ? () => {} : watchFile(loaded.file, reload);

  return {
    current: () => held.settings,
    origin: (key) => held.origins.get(key) ?? { kind: 'default' },
    reload,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      stopWatching();
      listeners.clear();
    },
  };
}

/** Watches the folder, since an editor replaces the file by a new one. A folder that cannot be watched leaves `reload()`. */
function watchFile(file: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      if (name !== null && name !== basename(file)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, QUIET_MS);
      timer.unref();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // SIGHUP and `reload()` still work.
  }
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

function valueAt(settings: Readonly<Settings>, path: readonly string[]): unknown {
  let at: unknown = settings;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}
