/** A preset as a person reads it. Pure. */
import type { PresetDetail } from '../contract/index.ts';
import { type ColumnRule, toTable } from './table.ts';

const MOST_TEXT = 60;

/** Of `toSettingRows`. */
export const SETTING_RULES: readonly (ColumnRule | null)[] = [null, { cut: 'end', min: 12 }];

/** Name, where it is from, its controls in a table of at most `width` columns, then what is not honoured. */
export function toPresetLines(preset: PresetDetail, width: number | null = null): string[] {
  const { name, source, kind, group, description, problem } = preset;
  const origin = [source, kind, ...(group === null ? [] : [group])].join(', ');
  return [
    `${name} (${origin})`,
    ...(description === null ? [] : [description]),
    ...(problem === null ? [] : [`problem: ${problem}`]),
    ...toTable(toSettingRows(preset.settings), { width, rules: SETTING_RULES }),
    ...preset.not_honoured.map((words) => `not honoured: ${words}`),
    ...preset.notes.map((note) => `note: ${note}`),
  ];
}

/** One row a slider, members after dots: `hsl.red.hue  10`. */
export function toSettingRows(value: unknown, path = ''): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[`  ${path}`, toText(value)]];
  const members = Object.entries(value);
  if (members.length === 0 && path !== '') return [[`  ${path}`, 'on']];
  return members.flatMap(([key, member]) => toSettingRows(member, path === '' ? key : `${path}.${key}`));
}

function toText(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map((point) => (Array.isArray(point) ? point.join(',') : String(point))).join('  ');
  }
  const text = String(value);
  return text.length > MOST_TEXT ? `(${text.length} characters)` : text;
}
