import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import type { Environment, SettingFlags } from '../../../bridge/settings/environment.ts';
import { type LoadedSettings, loadSettings, type SettingsRefusal } from '../../../bridge/settings/load.ts';
import { toProblemText } from '../../../bridge/settings/problems.ts';
import { settingPaths, toSettingsJsonSchema } from '../../../bridge/settings/setting-paths.ts';

let root: string;
let cwd: string;
let home: string;
beforeEach(() => {
  root = mkdtempSync(join(os.tmpdir(), 'pb-settings-'));
  cwd = join(root, 'work');
  home = join(root, 'home');
  mkdirSync(cwd);
  mkdirSync(home);
});
afterEach(() => rmSync(root, { recursive: true }));

const writeConfig = (value: unknown, folder = cwd) =>
  writeFileSync(
    join(folder, 'bridge.config.json'),
    typeof value === 'string' ? value : JSON.stringify(value),
  );
const load = (flags: SettingFlags = {}, env: Environment = {}) =>
  loadSettings({ flags, env, place: { cwd, env, platform: 'linux', home } });
function loaded(flags: SettingFlags = {}, env: Environment = {}): LoadedSettings {
  const result = load(flags, env);
  if (!result.ok) throw new Error(result.problems.map(toProblemText).join('\n'));
  return result;
}
function refused(flags: SettingFlags = {}, env: Environment = {}): SettingsRefusal {
  const result = load(flags, env);
  if (result.ok) throw new Error('was accepted');
  return result;
}

describe('precedence of settings', () => {
  const layers = ['flag', 'environment', 'file'] as const;
  const ports = { flag: 1001, environment: 1002, file: 1003, default: 5100 };
  const cases = Array.from({ length: 8 }, (_, bits) => layers.filter((_layer, index) => bits & (1 << index)));

  it.each(cases.map((given) => ({ given })))('takes the highest of $given', ({ given }) => {
    if (given.includes('file')) writeConfig({ server: { port: ports.file } });
    const result = loaded(
      given.includes('flag') ? { port: String(ports.flag) } : {},
      given.includes('environment') ? { PHOTO_BRIDGE_PORT: String(ports.environment) } : {},
    );
    const winner = layers.find((layer) => given.includes(layer)) ?? 'default';
    expect(result.settings.server.port).toBe(ports[winner]);
    expect(result.origins.get('server.port')?.kind ?? 'default').toBe(winner);
  });

  it('has a variable for every setting, and each reaches its place', () => {
    // Sections that are of use only with several values.
    writeConfig({ schedule: { run_window: { from: '01:00', to: '02:00' }, cleanup: { at: '03:00' } } });
    for (const { key, path, type } of settingPaths) {
      const name = `PHOTO_BRIDGE_${path.join('_').toUpperCase()}`;
      const text = { array: 'a, b', boolean: 'false', integer: '3', number: '2.5', string: undefined }[type];
      const result = load({}, { [name]: text ?? (key === 'log.level' ? 'debug' : 'x') });
      const origins = result.ok ? [...result.origins] : result.problems.map((p) => [p.setting, p.origin]);
      const given = origins.filter(
        ([, origin]) => typeof origin === 'object' && origin.kind === 'environment',
      );
      expect(given).toEqual([[key, { kind: 'environment', name }]]);
    }
  });

  it('lets the long name of a variable win over the short one, and ignores empty ones', () => {
    const env = { PHOTO_BRIDGE_SERVER_PORT: '7', PHOTO_BRIDGE_PORT: '8', PHOTO_BRIDGE_LOG_LEVEL: '' };
    const { settings } = loaded({}, env);
    expect([settings.server.port, settings.log.level]).toEqual([7, 'info']);
  });

  it('warns of a variable that is nearly a setting and leaves others alone', () => {
    const { warnings } = loaded(
      {},
      { PHOTO_BRIDGE_PROT: '1', PHOTO_BRIDGE_SOMETHING_ELSE_ENTIRELY: '1', PHOTO_BRIDGE_URL: 'x' },
    );
    expect(warnings).toEqual([
      'PHOTO_BRIDGE_PROT is not a setting and was ignored; did you mean PHOTO_BRIDGE_PORT?',
    ]);
  });

  it('keeps the other keys of a section a flag reaches into', () => {
    writeConfig({ server: { port: 1, host: '127.0.0.1' } });
    expect(loaded({ port: 2 }).settings.server).toEqual({ port: 2, host: '127.0.0.1' });
  });
});

describe('problems in settings', () => {
  it('are all told at once, with value, origin and remedy', () => {
    writeConfig({
      server: { port: 'abc', prot: 1 },
      recovery: { on_start: 'maybe' },
      library: { folders: ['/ok', ''] },
      recover: {},
      port: 9,
    });
    const { problems } = refused({ logLevel: 'loud' }, { PHOTO_BRIDGE_LIMITS_BODY_MB: '-1' });
    const bySetting = new Map(problems.map((problem) => [problem.setting, problem]));
    expect([...bySetting.keys()].sort()).toEqual(
      [
        'library.folders.1',
        'limits.body_mb',
        'log.level',
        'port',
        'recover',
        'recovery.on_start',
        'server.port',
        'server.prot',
      ].sort(),
    );
    expect(bySetting.get('server.port')).toMatchObject({ value: 'abc', origin: { kind: 'file' } });
    expect(bySetting.get('log.level')?.origin).toEqual({ kind: 'flag', name: '--log-level' });
    expect(bySetting.get('limits.body_mb')).toMatchObject({ value: -1, origin: { kind: 'environment' } });
    expect(bySetting.get('server.prot')?.remedy).toContain('"server.port"');
    expect(bySetting.get('recover')?.remedy).toContain('"recovery"');
    expect(bySetting.get('port')?.remedy).toContain('"server.port"');
    for (const problem of problems) expect(toProblemText(problem)).toContain(problem.setting);
  });

  it.each([
    ['no JSON', '{ "server": '],
    ['a list', '[]'],
    ['a number', '5'],
    ['null', 'null'],
    ['nothing', ''],
  ])('name the file when it holds %s', (_what, text) => {
    writeConfig(text);
    const [problem] = refused().problems;
    expect(problem?.origin).toEqual({ kind: 'file', file: join(cwd, 'bridge.config.json') });
    expect(problem?.remedy).toContain('Repair');
  });

  it.each(['__proto__', '__internal__', 'constructor'])('refuse the key %s by name', (key) => {
    writeConfig(`{ ${JSON.stringify(key)}: { "polluted": 1 }, "server": { ${JSON.stringify(key)}: {} } }`);
    expect(
      refused()
        .problems.map(({ setting }) => setting)
        .sort(),
    ).toEqual([key, `server.${key}`].sort());
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('include a time zone that does not exist and hours that are none', () => {
    writeConfig({
      schedule: {
        run_window: { from: '22:00', to: '06:00', time_zone: 'Mars/Olympus' },
        cleanup: { at: '3 am' },
      },
    });
    expect(refused().problems).toMatchObject([
      { setting: 'schedule.run_window.time_zone', message: expect.stringContaining('"Europe/Berlin"') },
      { setting: 'schedule.cleanup.at' },
    ]);
    writeConfig({ schedule: { run_window: { from: '22:00', to: '06:00' }, cleanup: { at: '03:00' } } });
    expect(loaded().settings.schedule.cleanup).toEqual({ at: '03:00', days_old: 7 });
  });

  it('include a section that is no section, also when a flag would reach into it', () => {
    writeConfig({ server: 5 });
    expect(refused({ port: 1 }).problems.map(({ setting }) => setting)).toEqual(['server']);
  });

  it('include a file asked for by name that is not there', () => {
    expect(refused({ config: 'other.json' }).problems[0]?.message).toContain('not there');
    expect(refused({}, { PHOTO_BRIDGE_CONFIG: '/no/such.json' }).problems).toHaveLength(1);
  });
});

describe('the settings file', () => {
  it('is never written, created or given a folder, whatever is loaded', () => {
    const missing = join(root, 'missing', 'deep', 'bridge.config.json');
    load({ config: missing });
    load();
    writeConfig('{"server":{"port":1}}');
    const file = join(cwd, 'bridge.config.json');
    const before = statSync(file, { bigint: true });
    load();
    load({ port: 3 }, { PHOTO_BRIDGE_LOG_LEVEL: 'debug' });
    const after = statSync(file, { bigint: true });
    expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
    writeConfig('{ broken');
    load();
    expect(readFileSync(file, 'utf8')).toBe('{ broken');
    expect(readdirSync(root, { recursive: true }).sort()).toEqual([
      'home',
      'work',
      'work/bridge.config.json',
    ]);
  });

  it('may begin with a byte order mark and name its schema', () => {
    writeConfig(`\uFEFF${JSON.stringify({ $schema: './x.json', server: { port: 12 } })}`);
    expect(loaded().settings.server.port).toBe(12);
  });

  it('may have any name', () => {
    writeFileSync(join(root, 'my.settings'), '{"server":{"port":13}}');
    writeFileSync(join(root, 'plain'), '{"server":{"port":14}}');
    expect(loaded({ config: '../my.settings' }).settings.server.port).toBe(13);
    expect(loaded({ config: join(root, 'plain') }).settings.server.port).toBe(14);
  });

  it('gives a copy nobody can change', () => {
    const { settings } = loaded();
    expect(() => Object.assign(settings.server, { port: 1 })).toThrow();
    expect(() => (settings.output.folders as string[]).push('x')).toThrow();
  });

  it('in the repository is valid and its published schema is the one of the code', () => {
    const repository = resolve(import.meta.dirname, '../../..');
    const own = JSON.parse(readFileSync(join(repository, 'bridge.config.json'), 'utf8')) as {
      $schema: string;
    };
    expect(settingsSchema.safeParse(own).success).toBe(true);
    const published = JSON.parse(readFileSync(join(repository, own.$schema), 'utf8')) as unknown;
    expect(published).toEqual(toSettingsJsonSchema());
  });
});

describe('folders', () => {
  it('are beside the settings file of the working folder', () => {
    writeConfig({});
    expect(loaded()).toMatchObject({ dataDir: join(cwd, 'data'), logsDir: join(cwd, 'logs') });
  });

  it.each([
    ['linux', {}, '.local/share/photo-bridge'],
    ['linux', { XDG_DATA_HOME: '/xdg' }, '/xdg/photo-bridge'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '.local/share/photo-bridge'],
    ['darwin', {}, 'Library/Application Support/Photo Bridge'],
    ['win32', { APPDATA: '/roaming' }, '/roaming/Photo Bridge'],
  ] as const)('are the platform’s own on %s with %o where no file is', (platform, env, expected) => {
    const result = loadSettings({ flags: {}, env, place: { cwd, env, platform, home } });
    expect(result).toMatchObject({ ok: true, dataDir: resolve(home, expected), file: null });
  });

  it('are the application folder itself when the settings file lies there', () => {
    const application = join(home, '.local/share/photo-bridge');
    mkdirSync(application, { recursive: true });
    writeConfig({ server: { port: 77 } }, application);
    expect(loaded()).toMatchObject({ dataDir: application, settings: { server: { port: 77 } } });
  });

  it('take a relative path from the file’s folder, elsewhere from the working folder, and ~ as the home', () => {
    mkdirSync(join(root, 'other'));
    writeConfig(
      { data_dir: 'state', library: { folders: ['in', '~/Pictures', '/abs'] } },
      join(root, 'other'),
    );
    const fromFile = loaded({ config: '../other/bridge.config.json' });
    expect(fromFile.dataDir).toBe(join(root, 'other', 'state'));
    expect(fromFile.settings.library.folders).toEqual([
      join(root, 'other', 'in'),
      join(home, 'Pictures'),
      '/abs',
    ]);
    expect(loaded({ dataDir: 'state' })).toMatchObject({
      dataDir: join(cwd, 'state'),
      logsDir: join(cwd, 'state', 'logs'),
    });
    expect(loaded({}, { PHOTO_BRIDGE_DATA_DIR: '/env' }).dataDir).toBe('/env');
  });
});
