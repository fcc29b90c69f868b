/** What `http/` may ask of the preset catalog. Types only. */
import type { PresetDetail, PresetSummary } from '../contract/index.ts';

export interface PresetApi {
  list(): PresetSummary[];
  /** Throws BridgeError `preset_not_found`. */
  get(name: string): PresetDetail;
}
