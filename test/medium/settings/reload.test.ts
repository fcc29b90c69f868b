import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSettings,
  type LiveSettings,
  type ReloadResult,
} from '../../../bridge/settings/live-settings.ts';
import { loadSettings } from '../../../bridge/settings/load.ts';

let folder: string;
let file: string;
let live: LiveSettings | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'pb-reload-'));
  file = join(folder, 'bridge.config.json');
});
afterEach(() => {
  live?.close();
  rmSync(folder, { recursive: true });
});

function start(text: string, env = {}): LiveSettings {
  writeFileSync(file, text);
  const source = { flags: { config: file }, env };
  const loaded = loadSettings(source);
  if (!loaded.ok) throw new Error('was refused');
  live = createSettings(loaded, source);
  return live;
}
const nextChange = (settings: LiveSettings) =>
  new Promise<ReloadResult>((resolve) => {
    const stop = settings.onChange((result) => {
      stop();
      resolve(result);
    });
  });

describe('settings of a running daemon', () => {
  it('follow the file, also when an editor replaces it by a rename', async () => {
    const settings = start('{}');
    const written = nextChange(settings);
    writeFileSync(file, '{"log":{"level":"debug"}}');
    expect(await written).toEqual({ changed: ['log.level'], problems: [] });
    const renamed = nextChange(settings);
    writeFileSync(`${file}.new`, '{"log":{"level":"warn"},"shutdown_timeout_s":5}');
    renameSync(`${file}.new`, file);
    expect((await renamed).changed).toEqual(['log.level', 'shutdown_timeout_s']);
    expect(settings.current()).toMatchObject({ log: { level: 'warn' }, shutdown_timeout_s: 5 });
    expect(settings.origin('shutdown_timeout_s')).toEqual({ kind: 'file', file });
    expect(settings.origin('server.port')).toEqual({ kind: 'default' });
  });

  it('stay as they were, all of them, when the file is broken, and say so', async () => {
    const settings = start('{"retry":{"attempts":5}}');
    const before = settings.current();
    const told = nextChange(settings);
    writeFileSync(file, '{"retry":{"attempts":7},"log":{"level":"loud"}}');
    const { changed, problems } = await told;
    expect(changed).toEqual([]);
    expect(problems.map(({ setting }) => setting)).toEqual(['log.level']);
    expect(settings.current()).toBe(before);
    writeFileSync(file, '{"retry":');
    expect(settings.reload().problems).toHaveLength(1);
    expect(settings.current().retry.attempts).toBe(5);
  });

  it('keep what flags and environment said at the start', () => {
    const settings = start('{}', { PHOTO_BRIDGE_RETRY_ATTEMPTS: '4' });
    writeFileSync(file, '{"retry":{"attempts":9},"server":{"port":1}}');
    expect(settings.reload()).toEqual({ changed: ['server.port'], problems: [] });
    expect(settings.current().retry.attempts).toBe(4);
  });

  it('tell nobody when nothing changed', () => {
    const settings = start('{}');
    let told = 0;
    settings.onChange(() => told++);
    expect(settings.reload()).toEqual({ changed: [], problems: [] });
    expect(told).toBe(0);
  });
});
