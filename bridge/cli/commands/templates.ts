/** `templates list|show|save|remove`: starts that are used again. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Template } from '../../client/index.ts';
import { mergeStart } from '../../contract/index.ts';
import type { Action, Context } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { loadPreset } from '../load-preset.ts';
import { SETTING_RULES, toSettingRows } from '../preset-lines.ts';
import { type StartFlags, toDevelopConfig, toStartPart } from '../start-body.ts';
import { showTable } from '../table.ts';

export const templatesList: Action = async (context) => {
  const client = await context.connect();
  const answer = await client.templates.list();
  if (context.json) context.terminal.json(answer);
  else {
    const rows = answer.templates.map(({ name, operation, description }) => [
      name,
      operation ?? '',
      description ?? '',
    ]);
    showTable(context.terminal, rows, { rules: [{ cut: 'end', min: 12 }, null, { cut: 'end', min: 12 }] });
    if (rows.length === 0)
      context.terminal.note('No template yet. Save one with: photo-bridge templates save NAME --preset NAME');
  }
  return exitCodes.ok;
};

export const templatesShow: Action = async (context, [name = '']) => {
  const client = await context.connect();
  const template = await client.templates.get(name);
  if (context.json) context.terminal.json(template);
  else show(context, template);
  return exitCodes.ok;
};

type SaveFlags = StartFlags & { description?: string; file?: string; new?: boolean };

/** The file first, then what flags say of the same keys. */
export const templatesSave: Action<SaveFlags> = async (context, [name = ''], flags) => {
  const { cwd } = context.host;
  const given = flags.file === undefined ? {} : await readStart(resolve(cwd, flags.file));
  const config = toDevelopConfig(flags, cwd, await loadPreset(context, flags.preset));
  const start = mergeStart(given, toStartPart(config, flags));
  const client = await context.connect();
  const answer = await client.templates.save({
    name,
    start,
    ...(flags.description !== undefined && { description: flags.description }),
    ...(flags.new === true && { if_exists: 'refuse' as const }),
  });
  if (context.json) context.terminal.json(answer);
  else {
    context.terminal.line(`${answer.replaced ? 'Replaced' : 'Saved'}: ${answer.name}`);
    context.terminal.note(`Use it: photo-bridge start FOLDER --template ${JSON.stringify(answer.name)}`);
  }
  return exitCodes.ok;
};

export const templatesRemove: Action = async (context, names) => {
  const client = await context.connect();
  for (const name of names) {
    const answer = await client.templates.remove(name);
    if (context.json) context.terminal.json(answer);
    else context.terminal.line(`Removed: ${answer.name}`);
  }
  return exitCodes.ok;
};

function show({ terminal }: Context, { name, description, saved_at, start }: Template): void {
  terminal.line(saved_at === null ? name : `${name} (saved ${saved_at})`);
  if (description !== null) terminal.line(description);
  showTable(terminal, toSettingRows(start), { rules: SETTING_RULES });
}

/** The daemon says what is wrong inside of it. */
async function readStart(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${thrown.code ?? thrown.message})`);
  });
  const value = parseJson(text, path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${path} must hold a JSON object, like {"config": {"preset": "WhiteLayer_v4"}}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new UsageError(`${path} is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}
