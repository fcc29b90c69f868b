/**
 * The settings of a running daemon: a frozen copy, read again when the file changes or on request, kept when it is broken,
 * changed over the API by way of the file. What counts only from the next start keeps the value of this one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Settings, SettingsChange, SettingsPatch } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { SettingsApi } from './api.ts';
import { type AcceptedProposal, changeSettingsFile } from './change.ts';
import { deepFreeze, type LoadedSettings, loadSettings, type SettingsSource } from './load.ts';
import type { SettingOrigin } from './origin.ts';
import type { SettingProblem } from './problems.ts';
import { settingPaths, valueAt } from './setting-paths.ts';
import { toChangedKeys, toSettingsAnswer } from './view.ts';
import { watchSettingsFile } from './watch-file.ts';

export type ReloadResult = {
  /** Keys with another value than before, those that wait for a restart too. */
  changed: readonly string[];
  /** Not empty: nothing was applied. */
  problems: readonly SettingProblem[];
};
export type ReloadListener = (result: ReloadResult, settings: Readonly<Settings>) => void;
export type LiveSettings = {
  /** What the daemon runs with. */
  current(): Readonly<Settings>;
  /** Of the value it runs with. */
  origin(key: string): SettingOrigin;
  reload(): ReloadResult;
  /**
   * Told of every reload that changed something or found problems, and with neither when a broken file is good again.
   * Answers how to stop listening.
   */
  onChange(listener: ReloadListener): () => void;
  readonly api: SettingsApi;
  close(): void;
};

const lateSettings = settingPaths.filter(({ needsRestart }) => needsRestart);
const guardedKeys = new Set(settingPaths.filter(({ isGuarded }) => isGuarded).map(({ key }) => key));
const lateKeys = new Set(lateSettings.map(({ key }) => key));

/**
 * `loaded`: what the daemon started with. Flags and environment of the start hold through every reload, and so does the
 * file: one that is gone is a problem, not a reason to take another. Without a file at the start nothing is watched;
 * `reload()` looks for one again. `pollMs`: for tests.
 */
export function createSettings(
  loaded: LoadedSettings,
  source: SettingsSource,
  pollMs?: number,
): LiveSettings {
  return new SettingsHolder(loaded, source, pollMs);
}

class SettingsHolder implements LiveSettings {
  readonly #started: LoadedSettings;
  readonly #listeners = new Set<ReloadListener>();
  readonly #pollMs: number | undefined;
  #source: SettingsSource;
  /** What the next start brings. */
  #next: LoadedSettings;
  #running: Readonly<Settings>;
  #problems: readonly SettingProblem[] = [];
  #changing: Promise<unknown> = Promise.resolve();
  #watched: string | null = null;
  #stopWatching = () => {};
  readonly api: SettingsApi = {
    view: () => this.#view(),
    change: (patch, caller) => this.#change(patch, caller),
  };

  constructor(loaded: LoadedSettings, source: SettingsSource, pollMs: number | undefined) {
    this.#started = loaded;
    this.#next = loaded;
    this.#running = loaded.settings;
    this.#source = source;
    this.#pollMs = pollMs;
    this.#pin(loaded.file);
  }

  // Handed on by themselves, so they must not lose what they belong to.
  readonly current = (): Readonly<Settings> => this.#running;

  readonly reload = (): ReloadResult => {
    const next = loadSettings(this.#source);
    if (next.ok) return this.#adopt(next);
    this.#problems = next.problems;
    return this.#tell({ changed: [], problems: next.problems });
  };

  origin(key: string): SettingOrigin {
    const { origins } = lateKeys.has(key) ? this.#started : this.#next;
    return origins.get(key) ?? { kind: 'default' };
  }

  onChange(listener: ReloadListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stopWatching();
    this.#listeners.clear();
  }

  #view() {
    const { file, warnings } = this.#next;
    const origins = new Map(settingPaths.map(({ key }) => [key, this.origin(key)]));
    return toSettingsAnswer({
      file,
      settings: this.#running,
      next: this.#next.settings,
      origins,
      problems: this.#problems,
      warnings,
    });
  }

  /** One at a time: each is held against what the one before made of the file. */
  #change(patch: SettingsPatch, { isTrusted }: { isTrusted: boolean }): Promise<SettingsChange> {
    const change = this.#changing.then(async () => {
      const mayGuard = isTrusted && this.#running.security.same_user_only;
      const proposal = await changeSettingsFile(patch, this.#source, (accepted) => {
        if (!mayGuard) this.#checkGuarded(accepted);
      });
      const { changed } = this.#adopt(proposal.loaded);
      const needs_restart = changed.filter((key) => lateKeys.has(key));
      const message = changed.length === 0 ? 'No setting changed' : 'Settings changed';
      return { message, file: proposal.file, changed: [...changed], needs_restart };
    });
    this.#changing = change.catch(() => undefined);
    return change;
  }

  #checkGuarded({ loaded }: AcceptedProposal): void {
    const keys = toChangedKeys(this.#next.settings, loaded.settings).filter((key) => guardedKeys.has(key));
    if (keys.length === 0) return;
    throw new BridgeError(
      'forbidden_setting',
      `${keys.join(', ')} decide${keys.length === 1 ? 's' : ''} who gets in or what they may reach: neither a web page nor another user or machine may change that; use "photo-bridge settings set" or edit the settings file`,
      { keys },
    );
  }

  #adopt(next: LoadedSettings): ReloadResult {
    const changed = toChangedKeys(this.#next.settings, next.settings);
    const wasBroken = this.#problems.length > 0;
    this.#problems = [];
    this.#next = next;
    if (changed.length > 0) this.#running = withLate(next.settings, this.#started.settings);
    this.#pin(next.file);
    const result = { changed, problems: [] };
    return changed.length > 0 || wasBroken ? this.#tell(result) : result;
  }

  #tell(result: ReloadResult): ReloadResult {
    for (const listener of this.#listeners) listener(result, this.#running);
    return result;
  }

  /** From now on this file and no other is read. */
  #pin(file: string | null): void {
    if (file === null || file === this.#watched) return;
    this.#watched = file;
    this.#source = { ...this.#source, flags: { ...this.#source.flags, config: file } };
    this.#stopWatching();
    this.#stopWatching = watchSettingsFile(file, () => this.#look(), this.#pollMs);
  }

  /** The file may have changed. The same problems are not told twice. */
  #look(): void {
    const next = loadSettings(this.#source);
    if (next.ok) this.#adopt(next);
    else if (!isDeepStrictEqual(next.problems, this.#problems)) this.reload();
  }
}

/** `next` with the values of `started` where a change counts from the next start on. */
function withLate(next: Readonly<Settings>, started: Readonly<Settings>): Readonly<Settings> {
  const mixed = structuredClone(next) as Settings;
  for (const { path } of lateSettings) {
    const section = valueAt(mixed, path.slice(0, -1)) as Record<string, unknown>;
    const name = path.at(-1) ?? '';
    const value = valueAt(started, path);
    if (value === undefined) delete section[name];
    else section[name] = structuredClone(value);
  }
  return deepFreeze(mixed);
}
