/** Reads the settings of one Lightroom file into a native preset, setting by setting, and keeps count of what was read. */
import type { NativePreset } from '../../contract/index.ts';
import type { ControlUse } from '../preset-content.ts';
import { refuse } from './refuse.ts';
import { type CrsSettings, type CrsValue, isFalse, textOf } from './settings.ts';

export type Range = readonly [min: number, max: number];
/** Where a value goes in the preset, e.g. `['hsl', 'red', 'hue']`. */
export type Place = readonly [control: keyof NativePreset, ...members: string[]];

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

export class SettingsReader {
  readonly settings: CrsSettings;
  /** What the preset asks for and the native form cannot say, in a photographer's words. */
  readonly unsupported: string[] = [];
  /** What was understood in another way than the file's letter. */
  readonly notes: string[] = [];
  readonly controls: ControlUse[] = [];
  readonly #known = new Set<string>();
  readonly #draft: Record<string, unknown> = {};
  #isOff = false;

  constructor(settings: CrsSettings) {
    this.settings = settings;
  }

  /** The preset so far, not yet held against the schema. */
  get draft(): Readonly<Record<string, unknown>> {
    return this.#draft;
  }

  /** Whether any of its settings was a control, moved or not. */
  get hasControls(): boolean {
    return this.#known.size > 0;
  }

  /** Settings nobody has asked for. */
  rest(): [setting: string, value: CrsValue][] {
    return [...this.settings].filter(([key]) => !this.#known.has(key));
  }

  /** Runs `read` for the settings of a panel. Where Lightroom's switch of it is off they are known, but not there. */
  panel(switches: readonly string[], read: () => void): void {
    this.#isOff = switches.some((name) => isFalse(this.settings, name));
    read();
    this.#isOff = false;
  }

  /** The first of the names that is there; marks all as known. */
  value(names: readonly string[]): { setting: string; value: CrsValue } | null {
    let found: { setting: string; value: CrsValue } | null = null;
    for (const setting of names) {
      const value = this.settings.get(setting);
      if (value === undefined) continue;
      this.#known.add(setting);
      found ??= { setting, value };
    }
    return this.#isOff ? null : found;
  }

  /** A number held within `range`, with a note when it was not (as Lightroom does). Null when absent; throws for other text. */
  number(names: readonly string[], [min, max]: Range): { setting: string; value: number } | null {
    const found = this.value(names);
    if (found === null) return null;
    const { setting } = found;
    const text = textOf(this.settings, setting) ?? '';
    if (text === '') return null;
    if (!NUMBER.test(text) || !Number.isFinite(Number(text)))
      throw refuse(`${setting} must be a number; got "${text.slice(0, 40)}"`);
    const value = Math.min(max, Math.max(min, Number(text)));
    if (value !== Number(text)) this.notes.push(`${setting} ${text} is out of range; ${value} was taken`);
    return { setting, value };
  }

  /** Reads a number into a place; neutral ones are left out. Answers the value, or neutral. */
  take(names: readonly string[], place: Place, range: Range, neutral = 0): number {
    const found = this.number(names, range);
    if (found === null || found.value === neutral) return neutral;
    this.put(found.setting, place, found.value);
    return found.value;
  }

  /** Sets a value of the preset and counts the setting it came from. */
  put(setting: string, place: Place, value: unknown): void {
    let group = this.#draft;
    for (const key of place.slice(0, -1)) {
      group[key] ??= {};
      group = group[key] as Record<string, unknown>;
    }
    group[place.at(-1) ?? place[0]] = value;
    if (!this.controls.some((use) => use.setting === setting)) {
      this.controls.push({ setting, control: place[0] });
    }
  }
}
