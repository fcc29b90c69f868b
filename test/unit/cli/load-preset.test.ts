import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../bridge/cli/context.ts';
import { loadPreset } from '../../../bridge/cli/load-preset.ts';
import { checkPresetFiles } from '../../../bridge/presets/check-preset-files.ts';

const cwd = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
const notes: string[] = [];
const context = {
  host: { cwd, checkPresets: checkPresetFiles },
  terminal: { note: (line: string) => void notes.push(line) },
} as unknown as Context;

describe('the preset of a command', () => {
  it('is a name as it stands, or nothing', async () => {
    expect(await loadPreset(context, 'matte')).toBe('matte');
    expect(await loadPreset(context, undefined)).toBeUndefined();
  });

  it('is the content of a native file', async () => {
    await writeFile(join(cwd, 'mine.json'), '{"exposure": 1}');
    expect(await loadPreset(context, 'mine.json')).toEqual({ exposure: 1 });
  });

  it.each([
    ['broken.json', '{', 'it is not JSON'],
    ['gone.json', null, 'it cannot be read'],
    ['gone.xmp', null, 'it cannot be read'],
    ['broken.xmp', '<x', 'Preset file'],
    ['table.cube', 'LUT_3D_SIZE 2', "put it into the daemon's presets folder"],
  ])('that is the file %s is refused with its path', async (name, text, problem) => {
    if (text !== null) await writeFile(join(cwd, name), text);
    const refusal = loadPreset(context, name);
    await expect(refusal).rejects.toThrow(problem);
    await expect(refusal).rejects.toThrow(join(cwd, name));
  });
});
