/** What `http/` may ask of the settings. Types only. */
import type { SettingsAnswer, SettingsChange, SettingsPatch } from '../contract/index.ts';

export interface SettingsApi {
  view(): SettingsAnswer;
  /**
   * All of the patch or nothing; on disk and in use when it resolves. `isTrusted`: the caller is surely a program of the
   * user's own, on this machine, and no web page. Throws BridgeError `unprocessable` (with all `problems`), `conflict` (a
   * flag or variable fixes the value), `forbidden_setting`, `disk_full`, `read_only`.
   */
  change(patch: SettingsPatch, caller: { isTrusted: boolean }): Promise<SettingsChange>;
}
