/** systemd's manager of the user as supervisor. */
import { lstat, unlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { findProgram } from '../find-program.ts';
import type { CliHost } from '../host.ts';
import { createTool, type ServiceState, type Supervisor } from './supervisor.ts';
import { toSystemdUnit, UNIT } from './systemd-unit.ts';

export async function createSystemd({ env, platform, user }: CliHost): Promise<Supervisor> {
  // The base directory specification says to ignore a relative one.
  const base = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : posix.join(user.home, '.config');
  const folder = posix.join(base, 'systemd', 'user');
  const found = await findProgram({ name: 'systemctl', env, platform, also: ['/usr/bin', '/bin'] });
  const tool = createTool(found ?? 'systemctl', env);
  const ask = (...args: string[]) => tool.ask('--user', ...args);
  const run = (...args: string[]) => tool.run('--user', ...args);
  const isReached = async () => found !== null && (await ask('show', '--property=Version')) !== null;

  return {
    name: 'systemd',
    path: posix.join(folder, UNIT),
    encoding: 'utf8',
    toText: toSystemdUnit,
    async findObstacle() {
      if (found === null) return 'there is no systemctl on this machine';
      return (await isReached())
        ? null
        : "systemd does not run for this user here (no answer from the user's manager)";
    },
    async register({ changed, start }) {
      await run('daemon-reload');
      await run('enable', UNIT);
      if (changed) await run('try-restart', UNIT);
      if (start) await run('start', UNIT);
    },
    async unregister() {
      if (await isReached()) await run('disable', '--now', UNIT);
    },
    async afterRemoval() {
      // Where no manager could be asked, what enabling left would point to nothing.
      const link = posix.join(folder, 'default.target.wants', UNIT);
      const stats = await lstat(link).catch(() => null);
      if (stats?.isSymbolicLink()) await unlink(link);
      if (await isReached()) {
        await run('daemon-reload');
        await ask('reset-failed', UNIT);
      }
    },
    async state() {
      const text =
        found === null ? null : await ask('show', '--property=ActiveState,MainPID,UnitFileState', UNIT);
      return parseState(text);
    },
    byHand: {
      start: `systemctl --user start ${UNIT}`,
      register: `systemctl --user daemon-reload && systemctl --user enable --now ${UNIT}`,
      logs: `journalctl --user -u ${UNIT}`,
    },
  };
}

/** `Key=value` lines of `systemctl show`. */
export function parseState(text: string | null): ServiceState {
  if (text === null) return { starts: null, running: null, pid: null };
  const values = new Map(
    text.split('\n').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  );
  const pid = Number(values.get('MainPID') ?? 0);
  return {
    starts: values.get('UnitFileState') === 'enabled' ? 'at_login' : 'never',
    running: values.get('ActiveState') === 'active',
    pid: pid > 0 ? pid : null,
  };
}
