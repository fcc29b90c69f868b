/** `doctor` as people run it: with a daemon, without one, with what can be wrong. */
import { once } from 'node:events';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../../bridge/cli/doctor/check.ts';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon } from '../helpers/daemon.ts';

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

type Report = { code: number; ok: boolean; checks: Check[]; find(name: string): Check | undefined };

async function examine(dataDir: string, env: Record<string, string> = {}): Promise<Report> {
  // Port 0, so that what runs on this machine's 5100 is no matter.
  const options = { dataDir, cwd: dataDir, env: { PATH: '/usr/bin:/bin', PHOTO_BRIDGE_PORT: '0', ...env } };
  const { code, stdout, stderr } = await runHere(['doctor', '--json'], {
    ...options,
    host: { version: '0.1.0' },
  });
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  return { code, ...report, find: (name) => report.checks.find((check) => check.name === name) };
}

/** Every file with its size, time and mode; the daemon's log is its own. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name !== 'bridge.log');
  const lines = files.map(async ({ parentPath, name }) => {
    const { size, mtimeMs, mode, ino } = await lstat(join(parentPath, name));
    return `${join(parentPath, name)} ${size} ${mtimeMs} ${mode} ${ino}`;
  });
  return (await Promise.all(lines)).sort();
}

describe('doctor', () => {
  it('finds a running daemon, changes nothing, and says the same in lines and in JSON', async () => {
    const daemon = await spawnDaemon();
    const before = await listFiles(daemon.dataDir);
    const report = await examine(daemon.dataDir);
    expect(report.checks.filter(({ status }) => status === 'problem')).toEqual([]);
    expect({ code: report.code, ok: report.ok }).toEqual({ code: 0, ok: true });
    expect(report.find('lock')?.detail).toContain(`process ${daemon.pid}, port ${daemon.port}`);
    expect(report.find('daemon')).toMatchObject({ status: 'ok', detail: `${daemon.url}, ready` });
    const ours = await examine(daemon.dataDir, { PHOTO_BRIDGE_PORT: String(daemon.port) });
    expect(ours.find('port')).toMatchObject({ status: 'ok', detail: `${daemon.port}, ours` });
    expect(await listFiles(daemon.dataDir)).toEqual(before);
    for (const check of report.checks) expect(check.status === 'ok' || check.remedy !== undefined).toBe(true);
    const plain = await runHere(['doctor'], { dataDir: daemon.dataDir, cwd: daemon.dataDir });
    for (const { name } of report.checks) expect(plain.stdout).toContain(name);
    expect(plain.stdout).not.toContain('\u001b');
    // It still works for the daemon.
    expect((await daemon.client.health()).status).toBe('ok');
  });

  it('sees that a daemon was killed, and that a start afterwards goes well', async () => {
    const daemon = await spawnDaemon();
    await daemon.kill('SIGKILL');
    const before = await listFiles(daemon.dataDir);
    const report = await examine(daemon.dataDir);
    expect(report.find('lock')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('was killed'),
    });
    expect(report.code).toBe(0);
    expect(await listFiles(daemon.dataDir)).toEqual(before);
    await spawnDaemon({ dataDir: daemon.dataDir });
    expect((await examine(daemon.dataDir)).find('lock')?.status).toBe('ok');
  });

  it('says so when the daemon is frozen, within seconds', async () => {
    const daemon = await spawnDaemon();
    process.kill(daemon.pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(daemon.pid, 'SIGCONT'));
    const report = await examine(daemon.dataDir);
    process.kill(daemon.pid, 'SIGCONT');
    expect(report.find('daemon')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('no answer'),
    });
    expect(report.code).toBe(1);
  });

  it('tells another Photo Bridge on the port from another program, and names the setting', async () => {
    const [other, dataDir] = [await spawnDaemon(), await createFolder()];
    const bridge = await examine(dataDir, { PHOTO_BRIDGE_PORT: String(other.port) });
    expect(bridge.find('port')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('Photo Bridge 0.1.0'),
    });
    const server = createServer(
      (socket) => void socket.on('error', () => undefined).end('nothing of HTTP'),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const taken = await examine(dataDir, { PHOTO_BRIDGE_PORT: String(port) });
    expect(taken.find('port')).toMatchObject({
      status: 'problem',
      detail: `${port} is taken by another program`,
    });
    expect(taken.find('port')?.remedy).toContain('server.port');
    expect(taken.code).toBe(1);
  });

  it('lists all that is wrong with the settings and checks the rest', async () => {
    const folder = await createFolder();
    await writeFile(join(folder, 'bridge.config.json'), '{"server": {"prt": 1}, "log": {"level": "loud"}}');
    const report = await examine(folder);
    expect(report.checks.filter(({ name }) => name === 'settings')).toHaveLength(2);
    expect(report.find('settings')?.remedy).toContain('server.port');
    expect(report.find('data folder')?.status).toBe('warning');
    expect(report.find('memory')).toBeDefined();
    expect({ code: report.code, ok: report.ok }).toEqual({ code: 1, ok: false });
  });

  it('makes no data folder', async () => {
    const folder = join(await createFolder(), 'later');
    const { stdout } = await runHere(['doctor', '--json', '--data-dir', folder], {
      cwd: tmpdir(),
      env: { PHOTO_BRIDGE_PORT: '0' },
    });
    expect(stdout).toContain('it will be made');
    await expect(lstat(folder)).rejects.toThrow('ENOENT');
  });
});
