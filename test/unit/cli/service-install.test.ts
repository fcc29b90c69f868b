import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CliHost, DataFolderUse } from '../../../bridge/cli/host.ts';
import { createLaunchd, parseState as parseLaunchd } from '../../../bridge/cli/service/launchd.ts';
import { parseState as parseSystemd } from '../../../bridge/cli/service/systemd.ts';
import { createTaskScheduler } from '../../../bridge/cli/service/task-scheduler.ts';
import { type CliRun, runHere } from '../../helpers/cli.ts';

const NOTE = { pid: 4242, port: 5100, url: 'http://127.0.0.1:5100', version: '9.9.9', started_at: '' };
const FREE: DataFolderUse = { lock: 'free', lockPid: null, note: null, isNotePidAlive: false };
const HELD: DataFolderUse = { lock: 'held', lockPid: 4242, note: NOTE, isNotePidAlive: true };
const RUNNING = 'ActiveState=active\nMainPID=4242\nUnitFileState=enabled\n';
const STOPPED = 'ActiveState=inactive\nMainPID=0\nUnitFileState=enabled\n';

/** A home with a tool of the system that only writes down how it was called, and answers from files. */
async function createHome(tool: string) {
  const home = await mkdtemp(join(tmpdir(), 'photo-bridge-service-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const program = join(home, 'bin', tool);
  await mkdir(dirname(program));
  await writeFile(
    program,
    `#!/bin/sh
echo "$*" >> '${home}/calls'
case "$*" in *=Version*|"print gui/"[0-9]*[0-9]|"/query /?") exit $(cat '${home}/reach') ;; esac
case "$*" in *ActiveState*|*"print "*|*"/query /tn"*) cat '${home}/state' 2>/dev/null || exit 1 ;; esac
`,
  );
  await chmod(program, 0o755);
  await writeFile(join(home, 'reach'), '0');
  await writeFile(join(home, 'calls'), '');
  return {
    home,
    program,
    setState: (text: string) => writeFile(join(home, 'state'), text),
    setReach: (code: number) => writeFile(join(home, 'reach'), String(code)),
    calls: async () => (await readFile(join(home, 'calls'), 'utf8')).trim().split('\n'),
  };
}

describe('the service on Linux', () => {
  async function setup() {
    const home = await createHome('systemctl');
    let use = FREE;
    const service = (args: readonly string[], host: Partial<CliHost> = {}): Promise<CliRun> =>
      runHere(['service', ...args], {
        cwd: home.home,
        host: {
          platform: 'linux',
          env: { PATH: `${dirname(home.program)}:/usr/bin:/bin` },
          user: { name: 'ann', uid: 1000, home: home.home },
          dataFolderUse: async () => use,
          ...host,
        },
      });
    const unit = join(home.home, '.config/systemd/user/photo-bridge.service');
    return { ...home, service, unit, setUse: (next: DataFolderUse) => (use = next) };
  }

  it('is written, enabled and started; a second time nothing changes', async () => {
    const { service, unit, setState, calls } = await setup();
    await setState(RUNNING);
    const host = { dataFolderUse: async () => HELD };
    const first = await service(['install'], host);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`Service installed: ${unit}`);
    expect(first.stdout).toContain('It runs: process 4242, http://127.0.0.1:5100.');
    expect(await calls()).toEqual(
      expect.arrayContaining([
        '--user daemon-reload',
        '--user enable photo-bridge.service',
        '--user start photo-bridge.service',
      ]),
    );
    const text = await readFile(unit, 'utf8');
    expect((await service(['install'], host)).stdout).toContain('nothing to change');
    expect(await readFile(unit, 'utf8')).toBe(text);
    const other = await service(['install', '--port', '5200'], host);
    expect(other.stdout).toContain('in place of an earlier one');
    expect(await readFile(unit, 'utf8')).toContain('"--port" "5200"');
    expect(await calls()).toContain('--user try-restart photo-bridge.service');
  });

  it('leaves a daemon that was started by hand alone and says what to do', async () => {
    const { service, setState, setUse, calls } = await setup();
    await setState(STOPPED);
    setUse(HELD);
    const { code, stdout } = await service(['install']);
    expect(code).toBe(0);
    expect(stdout).toContain('Stop process 4242, then run: systemctl --user start photo-bridge.service');
    expect(await calls()).not.toContain('--user start photo-bridge.service');
  });

  it('is written where no manager answers, and what is left is said', async () => {
    const { service, unit, setReach } = await setup();
    await setReach(1);
    const { code, stdout } = await service(['install']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'systemctl --user daemon-reload && systemctl --user enable --now photo-bridge.service',
    );
    expect(existsSync(unit)).toBe(true);
    expect((await service(['status'])).stdout).toContain('cannot be told');
    expect((await service(['uninstall'])).stdout).toContain('removed');
    expect(existsSync(unit)).toBe(false);
    expect((await service(['uninstall'])).stdout).toContain('No service is installed');
  });

  it('never touches a file of somebody else, nor a link', async () => {
    const { service, unit } = await setup();
    await mkdir(dirname(unit), { recursive: true });
    await writeFile(unit, '[Service]\n');
    for (const command of ['install', 'uninstall']) {
      const { code, stderr } = await service([command]);
      expect(code).toBe(1);
      expect(stderr).toContain('move it away');
    }
    expect(await readFile(unit, 'utf8')).toBe('[Service]\n');
    await rm(unit);
    await symlink('/dev/null', unit);
    expect((await service(['install'])).stderr).toContain('is a link');
  });

  it('says no to root unless forced, and prints for anybody', async () => {
    const { service, unit, setReach, home } = await setup();
    await setReach(1);
    const host = { user: { name: 'root', uid: 0, home } };
    const refused = await service(['install'], host);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('without sudo');
    const dry = await service(['install', '--dry-run'], host);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('ExecStart=') });
    expect((await service(['print'], host)).stdout).toBe(dry.stdout);
    expect(existsSync(unit)).toBe(false);
    expect((await service(['install', '--force'], host)).code).toBe(0);
  });

  it('obeys XDG_CONFIG_HOME when it is absolute', async () => {
    const { service, home, program } = await setup();
    const at = async (base: string) => {
      const { stdout } = await service(['print', '--json'], {
        env: { PATH: dirname(program), XDG_CONFIG_HOME: base },
      });
      return (JSON.parse(stdout) as { path: string }).path;
    };
    expect(await at('/elsewhere')).toBe('/elsewhere/systemd/user/photo-bridge.service');
    expect(await at('elsewhere')).toBe(join(home, '.config/systemd/user/photo-bridge.service'));
  });

  it('refuses settings with which the daemon would not start, and names all', async () => {
    const { service, home, unit } = await setup();
    await writeFile(join(home, 'bridge.config.json'), '{"server": {"port": "x"}, "nonsense": 1}');
    const { code, stderr } = await service(['install']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/server\.port[\s\S]*nonsense/);
    expect(existsSync(unit)).toBe(false);
  });

  it('writes down what it was started with, for a service has neither this folder nor this environment', async () => {
    const { service, home } = await setup();
    await writeFile(join(home, 'bridge.config.json'), '{}');
    const run = await service(['print', '--data-dir', 'state']);
    expect(run.stdout).toContain(`"--config" "${home}/bridge.config.json" "--data-dir" "${home}/state"`);
  });
});

describe('the service on other systems', () => {
  const host = (home: string) =>
    ({ env: {}, user: { name: 'DESK\\Ann', uid: 501, home } }) as unknown as CliHost;

  it('is loaded into the graphical session by launchd, anew when it has changed', async () => {
    const { home, program, calls } = await createHome('launchctl');
    const launchd = createLaunchd(host(home), program);
    expect(launchd.path).toBe(join(home, 'Library/LaunchAgents/local.photo-bridge.plist'));
    expect(await launchd.findObstacle()).toBeNull();
    await launchd.register({ changed: true, start: true });
    expect(await calls()).toContain(`bootstrap gui/501 ${launchd.path}`);
    await writeFile(join(home, 'state'), '\tstate = running\n\tpid = 77\n');
    expect(await launchd.state()).toEqual({ starts: 'at_login', running: true, pid: 77 });
    await launchd.register({ changed: true, start: true });
    await launchd.unregister();
    expect((await calls()).filter((line) => line === 'bootout gui/501/local.photo-bridge')).toHaveLength(2);
  });

  it('is a task of the user in Task Scheduler', async () => {
    const { home, program, calls } = await createHome('schtasks');
    const scheduler = createTaskScheduler(host(home), program);
    await scheduler.register({ changed: true, start: true });
    expect(await calls()).toContain(`/create /tn Photo Bridge Ann /xml ${scheduler.path} /f`);
    expect(await calls()).toContain('/run /tn Photo Bridge Ann');
    await writeFile(join(home, 'state'), '<Task/>');
    expect((await scheduler.state()).starts).toBe('at_login');
    await scheduler.unregister();
    expect(await calls()).toContain('/delete /tn Photo Bridge Ann /f');
  });

  it('passes on what a tool said when it refused', async () => {
    const { home, program } = await createHome('launchctl');
    await writeFile(program, '#!/bin/sh\necho "Bootstrap failed: 5" >&2\nexit 5\n');
    const launchd = createLaunchd(host(home), program);
    await expect(launchd.register({ changed: true, start: true })).rejects.toThrow('Bootstrap failed: 5');
  });
});

describe('answers of the supervisors', () => {
  it('are read: nothing said is nothing known', () => {
    expect(parseSystemd(null)).toEqual({ starts: null, running: null, pid: null });
    expect(parseSystemd(RUNNING)).toEqual({ starts: 'at_login', running: true, pid: 4242 });
    expect(parseSystemd(STOPPED)).toEqual({ starts: 'at_login', running: false, pid: null });
    expect(parseLaunchd(null)).toEqual({ starts: null, running: false, pid: null });
  });
});
