import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../bridge/errors.ts';
import type { SettingFlags } from '../../../bridge/settings/environment.ts';
import {
  createSettings,
  type LiveSettings,
  type ReloadResult,
} from '../../../bridge/settings/live-settings.ts';
import { loadSettings } from '../../../bridge/settings/load.ts';
import { saveSettingsFile } from '../../../bridge/settings/save-file.ts';
import { createSettingsFileApi } from '../../../bridge/settings/settings-file-api.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const own = { isTrusted: true };
const page = { isTrusted: false };

let folder: string;
let file: string;
let live: LiveSettings | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'pb-change-'));
  file = join(folder, 'bridge.config.json');
});
afterEach(() => {
  live?.close();
  rmSync(folder, { recursive: true });
});

type StartOptions = { env?: Record<string, string>; flags?: SettingFlags; pollMs?: number };
function start(text: string | null, { env = {}, flags = { config: file }, pollMs }: StartOptions = {}) {
  if (text !== null) writeFileSync(file, text);
  const place = { cwd: folder, env, platform: 'linux' as const, home: join(folder, 'home') };
  const source = { flags, env, place };
  const loaded = loadSettings(source);
  if (!loaded.ok) throw new Error('was refused');
  live = createSettings(loaded, source, pollMs);
  return live;
}
const read = () => readFileSync(file, 'utf8');
const nextChange = (settings: LiveSettings) =>
  new Promise<ReloadResult>((resolve) => {
    const stop = settings.onChange((result) => {
      stop();
      resolve(result);
    });
  });
async function refusal(
  change: Promise<unknown>,
): Promise<BridgeError & { problems: Record<string, unknown>[] }> {
  const error = await change.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BridgeError)) throw new Error(`was no refusal: ${String(error)}`);
  return Object.assign(error, { problems: (error.extensions.problems ?? []) as Record<string, unknown>[] });
}

describe('a change of the settings', () => {
  it('is in the file and in use when it is answered, and everybody is told once', async () => {
    const settings = start('{\n  // mine\n  "log": { "level": "info" }\n}\n');
    const told: ReloadResult[] = [];
    settings.onChange((result) => {
      expect(read()).toContain('"debug"');
      told.push(result);
    });
    const answer = await settings.api.change({ log: { level: 'debug' }, retry: { attempts: 7 } }, own);
    expect(answer).toEqual({
      message: 'Settings changed',
      file,
      changed: ['log.level', 'retry.attempts'],
      needs_restart: ['retry.attempts'],
    });
    expect(told).toEqual([{ changed: ['log.level', 'retry.attempts'], problems: [] }]);
    expect(settings.current().log.level).toBe('debug');
    expect(read()).toBe(
      '{\n  // mine\n  "log": { "level": "debug" },\n  "retry": {\n    "attempts": 7\n  }\n}\n',
    );
    expect(readdirSync(folder)).toEqual(['bridge.config.json']);
  });

  it('that counts only from the next start is shown as waiting, and not in use', async () => {
    const settings = start('{}');
    await settings.api.change({ retry: { attempts: 7 } }, own);
    expect(settings.current().retry.attempts).toBe(3);
    const view = settings.api.view();
    expect(view.pending_restart).toEqual(['retry.attempts']);
    expect(view.entries.find(({ key }) => key === 'retry.attempts')).toMatchObject({
      value: 3,
      next_value: 7,
      origin: 'default',
      needs_restart: true,
    });
    await settings.api.change({ retry: null }, own);
    expect(settings.api.view().pending_restart).toEqual([]);
  });

  it('is refused whole with every problem at once, and then nothing is written', async () => {
    const before = '{"log":{"level":"info"}}';
    const settings = start(before, { env: { PHOTO_BRIDGE_SERVER_PORT: '7000' } });
    const error = await refusal(
      settings.api.change(
        {
          log: { level: 'loud', levle: 'x', max_mb: -1 },
          retyr: null,
          server: { port: 1 },
          executor: { threads: 2 },
        },
        own,
      ),
    );
    expect([error.status, error.code]).toEqual([422, 'unprocessable']);
    expect(error.problems.map(({ setting }) => setting).sort()).toEqual([
      'log.level',
      'log.levle',
      'log.max_mb',
      'retyr',
      'server.port',
    ]);
    const byKey = new Map(error.problems.map((problem) => [problem.setting, problem]));
    expect(byKey.get('log.level')).toMatchObject({ value: 'loud', suggestion: null });
    expect(byKey.get('log.levle')).toMatchObject({ suggestion: 'log.level' });
    expect(byKey.get('retyr')).toMatchObject({ suggestion: 'retry' });
    expect(byKey.get('server.port')).toMatchObject({
      origin: 'environment',
      source: 'PHOTO_BRIDGE_SERVER_PORT',
    });
    expect(read()).toBe(before);
    expect(settings.current().executor.threads).toBeUndefined();
  });

  it('of what a flag or a variable fixes is refused with the reason, a section that holds it too', async () => {
    const settings = start('{}', { flags: { config: file, port: 0, logLevel: 'warn' } });
    for (const patch of [{ log: { level: 'debug' } }, { log: null }]) {
      const error = await refusal(settings.api.change(patch, own));
      expect([error.status, error.code]).toEqual([409, 'conflict']);
      expect(error.message).toContain('flag --log-level');
    }
    expect((await settings.api.change({ log: { keep: 2 } }, own)).changed).toEqual(['log.keep']);
  });

  it('of what guards the daemon is refused to a web page, and to all when other users are let in', async () => {
    const settings = start('{"security":{"paths":"listed"}}');
    for (const patch of [
      { security: { paths: 'any' } },
      { security: null },
      { security: { allowed_origins: ['https://evil.example'] } },
      { limits: { body_mb: 4096 } },
      { output: { folders: ['/'] } },
      { library: { folders: ['/'] } },
      { server: { host: '0.0.0.0' } },
      { webhooks: { secret: SECRET } },
      { log: { level: 'debug' }, security: { same_user_only: false } },
    ]) {
      const error = await refusal(settings.api.change(patch, page));
      expect([JSON.stringify(patch), error.code]).toEqual([JSON.stringify(patch), 'forbidden_setting']);
    }
    expect(read()).toBe('{"security":{"paths":"listed"}}');
    expect((await settings.api.change({ log: { level: 'debug' } }, page)).changed).toEqual(['log.level']);
    expect((await settings.api.change({ security: { same_user_only: false } }, own)).changed).toHaveLength(1);
    expect((await refusal(settings.api.change({ security: { same_user_only: true } }, own))).status).toBe(
      403,
    );
  });

  it('never shows a secret, nor takes what stands for one', async () => {
    const settings = start('{}');
    await settings.api.change({ webhooks: { secret: SECRET } }, own);
    const view = settings.api.view();
    expect(JSON.stringify(view)).not.toContain(SECRET.slice(6));
    expect(view.settings.webhooks).toEqual({ secret: '(set)' });
    const error = await refusal(settings.api.change({ webhooks: { secret: '(set)' } }, own));
    expect(error.problems[0]).toMatchObject({ setting: 'webhooks.secret' });
    const wrong = await refusal(settings.api.change({ webhooks: { secret: 'whsec_hunter2' } }, own));
    expect(JSON.stringify([wrong.message, wrong.extensions])).not.toContain('hunter2');
    expect(settings.current().webhooks.secret).toBe(SECRET);
  });

  it('can mend a file that is wrong, and none that cannot be read', async () => {
    const settings = start('{}');
    writeFileSync(file, '{"log":{"level":"loud"},"oops":1}');
    settings.reload();
    expect(settings.api.view().problems.map(({ setting }) => setting)).toEqual(['log.level', 'oops']);
    expect(settings.api.view().settings.log).toMatchObject({ level: 'info' });
    await settings.api.change({ log: { level: 'warn' }, oops: null }, own);
    expect(settings.api.view().problems).toEqual([]);
    expect(settings.current().log.level).toBe('warn');
    writeFileSync(file, '{"log":');
    const error = await refusal(settings.api.change({ log: { level: 'debug' } }, own));
    expect(error.problems[0]?.message).toContain('line 1, column 8');
    expect(read()).toBe('{"log":');
  });

  it('made at the same time as others loses none of them', async () => {
    const settings = start('{}');
    const patches = [
      { log: { level: 'debug' } },
      { log: { keep: 1 } },
      { shutdown_timeout_s: 9 },
      { resources: { profile: 'quiet' } },
      { log: { max_mb: 2 } },
    ];
    await Promise.all(patches.map((patch) => settings.api.change(patch, own)));
    expect(settings.current()).toMatchObject(
      Object.assign({}, ...patches, { log: { level: 'debug', keep: 1, max_mb: 2 } }),
    );
    expect(JSON.parse(read())).toEqual({
      log: { level: 'debug', keep: 1, max_mb: 2 },
      shutdown_timeout_s: 9,
      resources: { profile: 'quiet' },
    });
  });

  it('keeps the mode of the file and the link it may be, and makes a private one where there is none', async () => {
    const target = join(folder, 'dotfiles');
    mkdirSync(target);
    writeFileSync(join(target, 'real.json'), '{}');
    chmodSync(join(target, 'real.json'), 0o640);
    symlinkSync(join(target, 'real.json'), file);
    await start(null).api.change({ log: { level: 'warn' } }, own);
    expect(JSON.parse(readFileSync(join(target, 'real.json'), 'utf8'))).toEqual({ log: { level: 'warn' } });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    live?.close();
    unlinkSync(file);
    const settings = start(null, { flags: {} });
    const made = await settings.api.change({ log: { level: 'debug' } }, own);
    expect(made.file).toBe(join(folder, 'home/.local/share/photo-bridge/bridge.config.json'));
    expect(statSync(made.file).mode & 0o777).toBe(0o600);
    // It is watched from now on.
    const told = nextChange(settings);
    writeFileSync(made.file, '{"log":{"level":"error"}}');
    expect((await told).changed).toEqual(['log.level']);
  });

  it('is not written over what somebody else has written meanwhile', async () => {
    writeFileSync(file, '{"log":{"keep":1}}');
    const stale = { before: '{}', text: '{"log":{"keep":2}}' };
    expect((await refusal(saveSettingsFile(file, stale))).code).toBe('conflict');
    expect((await refusal(saveSettingsFile(file, { ...stale, before: null }))).code).toBe('conflict');
    expect(read()).toBe('{"log":{"keep":1}}');
    expect(readdirSync(folder)).toEqual(['bridge.config.json']);
  });

  it('that cannot be written leaves everything as it was', async () => {
    const settings = start('{"log":{"level":"info"}}');
    live?.close();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    const error = await refusal(settings.api.change({ log: { level: 'debug' } }, own));
    unlinkSync(folder);
    mkdirSync(folder);
    expect(error.code).toBe('read_only');
    expect(settings.current().log.level).toBe('info');
  });
});

describe('the watched settings file', () => {
  it('that is gone is a problem, not a reason for defaults; when it is back all is well', async () => {
    const settings = start('{"shutdown_timeout_s":9}', { flags: {} });
    const gone = nextChange(settings);
    unlinkSync(file);
    expect((await gone).problems[0]?.message).toBe('The settings file is not there');
    expect(settings.current().shutdown_timeout_s).toBe(9);
    const back = nextChange(settings);
    writeFileSync(file, '{"shutdown_timeout_s":9}');
    expect(await back).toEqual({ changed: [], problems: [] });
    expect(settings.api.view().problems).toEqual([]);
  });

  it('may be a link into a folder that is replaced as a whole', async () => {
    for (const version of ['one', 'two']) mkdirSync(join(folder, version));
    writeFileSync(join(folder, 'one/settings.json'), '{"shutdown_timeout_s":1}');
    writeFileSync(join(folder, 'two/settings.json'), '{"shutdown_timeout_s":2}');
    const elsewhere = mkdtempSync(join(os.tmpdir(), 'pb-link-'));
    symlinkSync(join(folder, 'one'), join(elsewhere, 'current'));
    symlinkSync(join(elsewhere, 'current/settings.json'), file);
    const settings = start(null, { pollMs: 50 });
    expect(settings.current().shutdown_timeout_s).toBe(1);
    // The second time no look of the beginning can have seen it.
    for (const [version, value] of [
      ['two', 2],
      ['one', 1],
    ] as const) {
      const told = nextChange(settings);
      symlinkSync(join(folder, version), join(elsewhere, 'next'));
      renameSync(join(elsewhere, 'next'), join(elsewhere, 'current'));
      expect((await told).changed).toEqual(['shutdown_timeout_s']);
      expect(settings.current().shutdown_timeout_s).toBe(value);
    }
    rmSync(elsewhere, { recursive: true });
  });
});

describe('the settings file while no daemon runs', () => {
  it('is shown and changed by the same rules', async () => {
    writeFileSync(file, '{\n  "log": { "level": "info" } // why\n}\n');
    const api = createSettingsFileApi({ flags: { config: file }, env: { PHOTO_BRIDGE_LOG_KEEP: '3' } });
    expect(await api.change({ retry: { attempts: 4 } })).toEqual({
      message: 'Settings changed',
      file,
      changed: ['retry.attempts'],
      needs_restart: [],
    });
    expect(read()).toContain('// why');
    const origins = new Map(api.view().entries.map((entry) => [entry.key, entry.origin]));
    expect(['retry.attempts', 'log.keep', 'log.max_mb'].map((key) => origins.get(key))).toEqual([
      'file',
      'environment',
      'default',
    ]);
    expect((await refusal(api.change({ log: { keep: 4 } }))).code).toBe('conflict');
    writeFileSync(file, '{"log":{"level":"loud"}}');
    expect(() => api.view()).toThrow(/log\.level = "loud"/);
    expect((await api.change({ log: { level: 'warn' } })).changed).toContain('log.level');
  });
});
