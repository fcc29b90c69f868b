/** `presets list|show|check`: the looks there are, and what preset files would come to. */
import { resolve } from 'node:path';
import type { Action, Context } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import type { PresetCheck } from '../host.ts';
import { toPresetLines } from '../preset-lines.ts';
import { showTable } from '../table.ts';
import { toCount } from '../wording.ts';

export const presetsList: Action = async (context) => {
  const client = await context.connect();
  const answer = await client.presets.list();
  if (context.json) context.terminal.json(answer);
  else {
    const rows = answer.presets.map(({ name, kind, source, group, description, problem }) => [
      name,
      source === 'built-in' ? source : kind,
      problem === null ? (description ?? group ?? '') : `problem: ${problem}`,
    ]);
    showTable(context.terminal, rows, {
      rules: [{ cut: 'end', min: 16 }, null, { cut: 'end', min: 12, drop: 1 }],
    });
  }
  return exitCodes.ok;
};

export const presetsShow: Action = async (context, [name = '']) => {
  const client = await context.connect();
  const preset = await client.presets.get(name);
  if (context.json) context.terminal.json(preset);
  else for (const line of toPresetLines(preset, context.terminal.width)) context.terminal.line(line);
  return exitCodes.ok;
};

/** Ends with an error when a file cannot be used at all. */
export const presetsCheck: Action = async (context, paths) => {
  const checks: PresetCheck[] = [];
  for (const path of paths) checks.push(...(await check(context, resolve(context.host.cwd, path))));
  const broken = checks.filter(({ problem }) => problem !== null);
  if (context.json) context.terminal.json({ presets: checks });
  else if (checks.length === 1) showOne(context, checks[0]);
  else showMany(context, checks);
  if (checks.length === 0) context.terminal.note('No preset files there.');
  return broken.length === 0 ? exitCodes.ok : exitCodes.error;
};

async function check({ host }: Context, path: string): Promise<PresetCheck[]> {
  try {
    return await host.checkPresets(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new UsageError(`${path} cannot be read (${error.code})`);
    throw error;
  }
}

function showOne({ terminal }: Context, found: PresetCheck | undefined): void {
  if (found === undefined) return;
  terminal.line(found.problem === null ? `${found.name} (${found.kind})` : `problem: ${found.problem}`);
  const rows = found.settings.map(({ setting, control, honoured }) => [
    setting,
    control === setting ? '' : control,
    honoured ? '' : 'not honoured',
  ]);
  showTable(terminal, rows, { rules: [{ cut: 'end' }, { cut: 'end' }, null] });
  for (const words of found.unsupported) terminal.line(`not honoured: ${words}`);
  for (const note of found.notes) terminal.line(`note: ${note}`);
}

/** A table over all: each setting, how many presets use it, in how many it is honoured. */
function showMany({ terminal }: Context, checks: readonly PresetCheck[]): void {
  const counts = new Map<string, { used: number; honoured: number }>();
  const count = (setting: string, honoured: boolean) => {
    const row = counts.get(setting) ?? { used: 0, honoured: 0 };
    counts.set(setting, { used: row.used + 1, honoured: row.honoured + (honoured ? 1 : 0) });
  };
  for (const { settings, unsupported } of checks) {
    for (const { setting, honoured } of settings) count(setting, honoured);
    for (const words of unsupported) count(words, false);
  }
  const rows = [...counts]
    .sort(([a, x], [b, y]) => y.used - x.used || (a < b ? -1 : 1))
    .map(([setting, { used, honoured }]) => [
      setting,
      String(used),
      String(honoured),
      String(used - honoured),
    ]);
  const head = ['setting', 'used', 'honoured', 'not honoured'];
  showTable(terminal, [head, ...rows], { rules: [{ cut: 'end' }], headed: true });
  for (const { path, problem } of checks) if (problem !== null) terminal.line(`problem: ${path}: ${problem}`);
  const noted = checks.flatMap(({ notes }) => notes).length;
  const used = rows.reduce((sum, row) => sum + Number(row[1]), 0);
  const honoured = rows.reduce((sum, row) => sum + Number(row[2]), 0);
  terminal.note(
    `${toCount(checks.length, 'preset')}, ${toCount(rows.length, 'setting')}; of ${used} uses ${honoured} honoured; ${toCount(noted, 'note')}.`,
  );
}
