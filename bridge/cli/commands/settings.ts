/**
 * `settings get|set|validate`. One rule for where: the daemon that runs for the data folder (or that `--url` names), and
 * without one the file that a daemon started here would read.
 */
import { resolve } from 'node:path';
import {
  BridgeProblem,
  createClient,
  type SettingEntry,
  type SettingsAnswer,
  type SettingsChange,
  type SettingsPatch,
} from '../../client/index.ts';
import { parseSettingText } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import type { Action, Context, GlobalFlags } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { findDaemon } from '../find-daemon.ts';
import { showTable } from '../table.ts';
import { toCount } from '../wording.ts';

type Flags = GlobalFlags & { origin?: boolean };
type Place = {
  isLive: boolean;
  view(): Promise<SettingsAnswer>;
  change(patch: SettingsPatch): Promise<SettingsChange>;
};

export const settingsGet: Action<Flags> = async (context, [key], flags) => {
  const { terminal, json } = context;
  const answer = await (await findPlace(context, flags)).view();
  if (key === undefined && json) terminal.json(answer);
  else {
    const found = key === undefined ? answer.entries : findEntries(answer, key);
    const [only] = found;
    if (json) terminal.json(only?.key === key ? only : { entries: found });
    else if (only !== undefined && only.key === key && !flags.origin) terminal.line(toText(only.value));
    else {
      const rows = found.map((entry) => toRow(entry, flags.origin === true));
      showTable(terminal, rows, { rules: [null, { cut: 'end', min: 16 }, { cut: 'middle', min: 11 }] });
    }
  }
  for (const problem of answer.problems) terminal.note(`not in use: ${toProblemLine(problem)}`);
  return exitCodes.ok;
};

export const settingsSet: Action<Flags> = async (context, assignments, flags) => {
  const place = await findPlace(context, flags);
  const { entries } = await place.view().catch((error: unknown) => {
    // A file that cannot be used is what this may be about to mend.
    if (error instanceof BridgeError) return { entries: [] };
    throw error;
  });
  const patch: SettingsPatch = {};
  for (const assignment of assignments) assign(patch, assignment, entries);
  try {
    showChange(context, place, await place.change(patch));
    return exitCodes.ok;
  } catch (error) {
    const problems = toProblems(error);
    if (context.json || problems.length === 0) throw error;
    context.terminal.note('error: nothing was changed:');
    for (const problem of problems) context.terminal.note(`  ${toProblemLine(problem)}`);
    return exitCodes.error;
  }
};

export const settingsValidate: Action<Flags> = async (context, [file], flags) => {
  const { host, terminal, json } = context;
  const config = file === undefined ? flags.config : resolve(host.cwd, file);
  const report = await host.settings({
    ...(flags.dataDir && { dataDir: flags.dataDir }),
    ...(config && { config }),
  });
  const problems = report.ok ? [] : report.problems;
  if (json) terminal.json({ ok: report.ok, file: report.file, problems, warnings: report.warnings });
  else {
    for (const { message, remedy } of problems) terminal.line(`${message} ${remedy}`);
    for (const warning of report.warnings) terminal.note(`warning: ${warning}`);
    const name = report.file ?? 'no settings file; the environment and the defaults';
    terminal.line(report.ok ? `${name}: good` : `${name}: ${toCount(problems.length, 'problem')}`);
  }
  return report.ok ? exitCodes.ok : exitCodes.error;
};

/** A note of a daemon that has gone counts as none. */
async function findPlace(context: Context, flags: Flags): Promise<Place> {
  const { host } = context;
  const dataDir = async () => (await context.folders())?.data ?? null;
  const { url, from } = await findDaemon({ url: flags.url, env: host.env, dataDir });
  if (from !== 'default') {
    const { settings } = createClient({ url });
    try {
      checkFile(context, flags, await settings.get());
      return { isLive: true, view: settings.get, change: settings.change };
    } catch (error) {
      const isGone = error instanceof BridgeProblem && error.status === 0 && from === 'runtime.json';
      if (!isGone) throw error;
    }
  }
  const { dataDir: folder, config } = flags;
  const file = await host.settingsFile({ ...(folder && { dataDir: folder }), ...(config && { config }) });
  return { isLive: false, view: async () => file.view(), change: (patch) => file.change(patch) };
}

function checkFile({ host }: Context, { config }: Flags, { file }: SettingsAnswer): void {
  if (config === undefined || resolve(host.cwd, config) === file) return;
  throw new UsageError(
    `The daemon that runs here uses ${file ?? 'no settings file'}, not ${config}; leave out --config, or stop it first`,
  );
}

function findEntries({ entries }: SettingsAnswer, key: string): SettingEntry[] {
  const found = entries.filter((entry) => entry.key === key || entry.key.startsWith(`${key}.`));
  if (found.length > 0) return found;
  const near = entries.filter(
    (entry) => entry.key.includes(key) || key.includes(entry.key.split('.').at(-1) ?? ''),
  );
  const meant =
    near.length === 0 ? 'See all with: photo-bridge settings get' : `Did you mean ${near[0]?.key}?`;
  throw new UsageError(`There is no setting "${key}". ${meant}`);
}

/** `null` brings the default back; a section takes JSON. What is wrong with a value is said by who checks it. */
function assign(patch: SettingsPatch, assignment: string, entries: readonly SettingEntry[]): void {
  const at = assignment.indexOf('=');
  if (at < 1) throw new UsageError(`"${assignment}" is no key=value, such as log.level=debug`);
  const [key, text] = [assignment.slice(0, at).trim(), assignment.slice(at + 1)];
  const entry = entries.find((known) => known.key === key);
  const path = key.split('.');
  let section: SettingsPatch = patch;
  for (const name of path.slice(0, -1)) {
    const inner = Object.hasOwn(section, name) ? section[name] : undefined;
    const next: SettingsPatch = typeof inner === 'object' && inner !== null ? { ...inner } : {};
    section[name] = next;
    section = next;
  }
  const value = entry === undefined ? toJson(text) : parseSettingText(text, entry.type);
  section[path.at(-1) ?? ''] = text === 'null' ? null : value;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function showChange({ json, terminal }: Context, place: Place, change: SettingsChange): void {
  if (json) {
    terminal.json(change);
    return;
  }
  const { message, file, changed, needs_restart } = change;
  terminal.line(changed.length === 0 ? `${message}.` : `${message}: ${changed.join(', ')}.`);
  if (needs_restart.length > 0) terminal.line(`From the next start on: ${needs_restart.join(', ')}.`);
  terminal.note(place.isLive ? `Kept in ${file}.` : `Kept in ${file}; no daemon runs here.`);
}

function toRow({ key, value, origin, source, next_value }: SettingEntry, withOrigin: boolean): string[] {
  const next = next_value === undefined ? '' : ` (after a restart: ${toText(next_value)})`;
  const shown = `${toText(value)}${next}`;
  return withOrigin ? [key, shown, source === null ? origin : `${origin} ${source}`] : [key, shown];
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type ShownProblem = SettingsAnswer['problems'][number];

function toProblems(error: unknown): ShownProblem[] {
  const found =
    error instanceof BridgeProblem
      ? error.problem.problems
      : error instanceof BridgeError
        ? error.extensions.problems
        : null;
  return Array.isArray(found) ? (found as ShownProblem[]) : [];
}

function toProblemLine({ setting, value, message, remedy }: ShownProblem): string {
  const given = value === undefined ? '' : ` = ${JSON.stringify(value).slice(0, 100)}`;
  return `${setting === '' ? 'settings' : setting}${given}: ${message}. ${remedy}`;
}
