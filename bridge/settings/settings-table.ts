/** The configuration table of the README, made from the schema. Pure. */
import { settingsSchema } from '../contract/index.ts';
import { type SettingPath, settingPaths, valueAt } from './setting-paths.ts';

const BEGIN = '<!-- settings: made by `npm run docs:settings` -->';
const END = '<!-- settings: end -->';
const flags: Readonly<Record<string, string>> = {
  'server.port': '--port',
  'server.host': '--host',
  data_dir: '--data-dir',
  'log.level': '--log-level',
};
const defaults = settingsSchema.parse({});

/** Markdown, with the marks around it. A setting that is a whole of several values has one row. */
export function toSettingsTable(): string {
  const rows = settingPaths.filter(isRow).map((setting) => `| ${toCells(setting).join(' | ')} |`);
  const head = ['| setting | default | what it is for |', '|---|---|---|'];
  return [BEGIN, '', ...head, ...rows, '', END].join('\n');
}

/** `document` with the table between its marks as it should be. Throws Error when the marks are not there. */
export function withSettingsTable(document: string): string {
  const start = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (start === -1 || end < start) throw new Error('the marks of the settings table are not there');
  return document.slice(0, start) + toSettingsTable() + document.slice(end + END.length);
}

/** One row a setting; of a whole only its first value. */
function isRow(setting: SettingPath, index: number): boolean {
  const before = settingPaths[index - 1];
  return before === undefined || toName(before) !== toName(setting);
}

function toName({ path }: SettingPath): string {
  return path.slice(0, 2).join('.');
}

function toCells(setting: SettingPath): string[] {
  const { key, path, description, needsRestart, choices } = setting;
  const name = `\`${toName(setting)}\``;
  const flag = flags[key] === undefined ? '' : ` (\`${flags[key]}\`)`;
  const listed = choices === null ? '' : ` One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`;
  const mark = needsRestart ? ' ↻' : '';
  return [`${name}${flag}${mark}`, toDefault(setting), `${description}${path.length > 2 ? '' : listed}`].map(
    (cell) => cell.replaceAll('|', '\\|'),
  );
}

function toDefault({ path }: SettingPath): string {
  const value = path.length > 2 ? undefined : valueAt(defaults, path);
  return value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
