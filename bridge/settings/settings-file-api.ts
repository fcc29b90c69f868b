/** The settings as a daemon started here would have them, shown and changed on the file, while none runs. */
import type { SettingsAnswer, SettingsChange, SettingsPatch } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { changeSettingsFile } from './change.ts';
import { type LoadedSettings, loadSettings, type SettingsSource } from './load.ts';
import { toProblemText } from './problems.ts';
import { settingPaths } from './setting-paths.ts';
import { toChangedKeys, toSettingsAnswer, toShownProblem } from './view.ts';

export type SettingsFileApi = {
  /** Throws BridgeError `unprocessable` with all `problems` when the settings cannot be used. */
  view(): SettingsAnswer;
  /** As `SettingsApi.change` of a caller that is trusted. */
  change(patch: SettingsPatch): Promise<SettingsChange>;
};

export function createSettingsFileApi(source: SettingsSource): SettingsFileApi {
  return {
    view() {
      const loaded = loadSettings(source);
      if (loaded.ok) return toAnswer(loaded);
      throw new BridgeError('unprocessable', loaded.problems.map(toProblemText).join(' '), {
        problems: loaded.problems.map(toShownProblem),
      });
    },
    async change(patch) {
      const before = loadSettings(source);
      const { file, loaded } = await changeSettingsFile(patch, source);
      // Of settings that could not be used nobody can say what they were.
      const changed = before.ok
        ? toChangedKeys(before.settings, loaded.settings)
        : settingPaths.map(({ key }) => key).filter((key) => loaded.origins.get(key)?.kind === 'file');
      const message = changed.length === 0 ? 'No setting changed' : 'Settings changed';
      return { message, file, changed, needs_restart: [] };
    },
  };
}

function toAnswer({ file, settings, origins, warnings }: LoadedSettings): SettingsAnswer {
  return toSettingsAnswer({ file, settings, next: settings, origins, problems: [], warnings });
}
