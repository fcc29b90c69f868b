/** The `--preset` of a command: a name as it is, or the content of a preset file in native form. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from './context.ts';
import { UsageError } from './exit-codes.ts';

/** Other programs' files are put into native form here; what they ask for beyond it is told right away. */
export async function loadPreset(
  { host, terminal }: Pick<Context, 'host' | 'terminal'>,
  preset: string | undefined,
): Promise<unknown> {
  if (preset === undefined) return undefined;
  const path = resolve(host.cwd, preset);
  if (/\.json$/i.test(preset)) return await loadNativePreset(path);
  if (/\.(cube|png)$/i.test(preset))
    throw new UsageError(`Preset file ${path}: put it into the daemon's presets folder and use its name`);
  if (!/\.(xmp|lrtemplate)$/i.test(preset)) return preset;
  const [found] = await host.checkPresets(path).catch(() => []);
  if (found === undefined) throw new UsageError(`Preset file ${path}: it cannot be read`);
  if (found.problem !== null) throw new UsageError(`Preset file ${path}: ${found.problem}`);
  for (const words of found.unsupported) terminal.note(`not honoured: ${words}`);
  for (const note of found.notes) terminal.note(`note: ${note}`);
  return found.preset;
}

async function loadNativePreset(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read';
    throw new UsageError(`Preset file ${path}: ${reason}`);
  }
}
