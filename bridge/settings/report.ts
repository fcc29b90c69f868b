/**
 * All settings with where they came from, or every reason against them, for programs that show them to a person. A secret
 * is never among them.
 */
import type { LoadedSettings, SettingsRefusal } from './load.ts';
import { toProblemText } from './problems.ts';
import { hideSecrets } from './view.ts';

export function toSettingsReport(loaded: LoadedSettings | SettingsRefusal) {
  const { file, warnings } = loaded;
  if (!loaded.ok) {
    const problems = loaded.problems.map((each) => ({
      message: toProblemText({ ...each, remedy: '' }).trimEnd(),
      remedy: each.remedy,
    }));
    return { ok: false as const, file, warnings, problems };
  }
  const { dataDir, logsDir, origins } = loaded;
  const settings = hideSecrets(loaded.settings);
  /** Keys that a flag or the environment sets. */
  const notFromFile = [...origins].filter(([, { kind }]) => kind !== 'file').map(([key]) => key);
  const folders = { data: dataDir, logs: logsDir };
  return { ok: true as const, file, warnings, settings, folders, notFromFile };
}
