/** Settings of a real daemon: over the API, by the command line, by the file, by a web page, over a kill. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BridgeProblem } from '../../bridge/client/index.ts';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon } from '../helpers/daemon.ts';

const isProblem = (status: number) => (error: unknown) => {
  if (error instanceof BridgeProblem && error.status === status) return error.problem;
  throw error;
};

it('settings are changed over the API: whole or not at all, durable, told, and in effect at once', async () => {
  const daemon = await spawnDaemon();
  const { client, url } = daemon;
  const before = await client.settings.get();
  const file = before.file ?? '';
  expect(before.entries.find(({ key }) => key === 'server.port')).toMatchObject({
    origin: 'flag',
    source: '--port',
  });
  expect(before.entries.find(({ key }) => key === 'resources.profile')).toMatchObject({
    origin: 'file',
    source: file,
  });

  const { seq } = await client.pollEvents({ timeout_s: 0 });
  const told = client.pollEvents({ since: seq, timeout_s: 30 });
  expect(await client.settings.change({ limits: { body_mb: 0.001 }, retry: { attempts: 5 } })).toMatchObject({
    changed: ['limits.body_mb', 'retry.attempts'],
    needs_restart: ['retry.attempts'],
  });
  expect((await told).events).toMatchObject([
    { type: 'settings_changed', keys: ['limits.body_mb', 'retry.attempts'] },
  ]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ limits: { body_mb: 0.001 } });
  const large = await fetch(`${url}/photos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paths: ['/x'.repeat(1000)] }),
  });
  expect(large.status).toBe(413);

  const content = await readFile(file, 'utf8');
  const refused = await client.settings
    .change({ log: { levle: 'debug', keep: -1 }, resources: { profile: 'fast' }, server: { port: 1 } })
    .then(() => null, isProblem(422));
  const named = ['log.keep', 'log.levle', 'resources.profile', 'server.port'];
  expect(refused?.problems).toHaveLength(4);
  expect(refused?.problems).toEqual(
    expect.arrayContaining(named.map((setting) => expect.objectContaining({ setting }) as unknown)),
  );
  expect((await client.settings.change({ server: { port: 1 } }).then(() => null, isProblem(409)))?.code).toBe(
    'conflict',
  );
  for (const headers of [{ origin: url }, { 'sec-fetch-site': 'same-origin' }] as Record<string, string>[]) {
    const page = await fetch(`${url}/settings`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ security: { allowed_origins: ['https://evil.example'] } }),
    });
    expect([page.status, ((await page.json()) as { code: string }).code]).toEqual([403, 'forbidden_setting']);
  }
  expect(
    (await fetch(`${url}/settings`, { method: 'PATCH', headers: { origin: 'https://evil.example' } })).status,
  ).toBe(403);
  expect(await readFile(file, 'utf8')).toBe(content);
  // Answered means durable: the end that comes without a word loses nothing.
  await client.settings.change({ log: { keep: 2 } });
  await daemon.kill('SIGKILL');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    log: { keep: 2 },
    retry: { attempts: 5 },
  });
});

it('the file is followed as editors write it, and a broken one is reported while the old settings hold', async () => {
  const daemon = await spawnDaemon({ settings: { shutdown_timeout_s: 3 } });
  const { client } = daemon;
  const file = (await client.settings.get()).file ?? '';
  const readValue = async (key: string) =>
    (await client.settings.get()).entries.find((entry) => entry.key === key)?.value;
  await writeFile(`${file}.swp`, '{\n  // by a rename\n  "shutdown_timeout_s": 2\n}\n');
  await rename(`${file}.swp`, file);
  await expect.poll(() => readValue('shutdown_timeout_s'), { timeout: 10_000 }).toBe(2);
  await writeFile(file, '{ "shutdown_timeout_s": 1, "log": { "level": "loud" }, "sever": {} }');
  const problems = async () => (await client.settings.get()).problems.map(({ setting }) => setting);
  await expect.poll(problems, { timeout: 10_000 }).toEqual(['log.level', 'sever']);
  expect(await readValue('shutdown_timeout_s')).toBe(2);
  const log = () => readFile(join(daemon.dataDir, 'logs/bridge.log'), 'utf8');
  await expect.poll(log).toContain('settings not reloaded');
  expect(await log()).toContain('Did you mean');
  await writeFile(file, '{ "shutdown_timeout_s": 1 }');
  await expect.poll(problems, { timeout: 10_000 }).toEqual([]);
  expect(await readValue('shutdown_timeout_s')).toBe(1);
});

it('the command line changes the daemon that runs, and the file when none does', async () => {
  const daemon = await spawnDaemon();
  const file = (await daemon.client.settings.get()).file ?? '';
  // As a person does it: the data folder tells of the daemon, and the settings file is named.
  const run = (...args: string[]) => runHere([...args, '--config', file], { dataDir: daemon.dataDir });
  const set = await run('settings', 'set', 'log.level=debug', 'retry.attempts=4', 'output.folders=/a,/b');
  expect([set.code, set.stdout]).toEqual([
    0,
    'Settings changed: log.level, output.folders, retry.attempts.\nFrom the next start on: retry.attempts.\n',
  ]);
  expect((await run('settings', 'get', 'log.level')).stdout).toBe('debug\n');
  expect((await run('settings', 'get', 'retry')).stdout).toContain(
    'retry.attempts       3 (after a restart: 4)',
  );
  const origins = (await run('settings', 'get', '--origin')).stdout;
  expect(origins).toMatch(/server\.port +0 +flag --port/);
  expect(origins).toMatch(/log\.level +debug +file \//);
  const wrong = await run('settings', 'set', 'log.levle=x', 'retry.attempts=99', 'server.port=7');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/log\.levle: .*Did you mean "log\.level"/);
  expect(wrong.stderr).toMatch(/retry\.attempts = 99/);
  expect(wrong.stderr).toMatch(/server\.port: It is fixed by the flag --port/);
  expect((await run('settings', 'get', 'log.lvl')).code).toBe(2);
  expect(
    (await runHere(['settings', 'get', '--config', '/elsewhere.json'], { dataDir: daemon.dataDir })).code,
  ).toBe(2);
  await daemon.stop();

  const offline = await run('settings', 'set', 'log.level=null', 'schedule.cleanup={"at":"03:00"}', '--json');
  expect(JSON.parse(offline.stdout)).toMatchObject({
    file,
    changed: ['log.level', 'schedule.cleanup.at', 'schedule.cleanup.days_old'],
  });
  expect((await run('settings', 'get', 'log.level')).stdout).toBe('info\n');
  expect(await readFile(file, 'utf8')).not.toContain('"debug"');
  expect((await run('settings', 'validate')).code).toBe(0);
  await writeFile(file, '{"log":{"level":"loud"},"sever":{}}');
  const invalid = await run('settings', 'validate');
  expect([invalid.code, invalid.stdout]).toEqual([
    1,
    expect.stringMatching(/loud[\s\S]*sever[\s\S]*2 problems/),
  ]);
  expect((await runHere(['settings', 'get', '--url', 'http://127.0.0.1:1'], {})).code).toBe(3);
});
