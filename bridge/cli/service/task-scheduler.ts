/** Windows Task Scheduler as supervisor: a task at the user's logon. */
import { join, win32 } from 'node:path';
import type { CliHost } from '../host.ts';
import { createTool, type Supervisor } from './supervisor.ts';
import { toTaskXml } from './task-xml.ts';

/** `schtasks`: seam for tests. */
export function createTaskScheduler(host: CliHost, schtasks?: string): Supervisor {
  const { env, user } = host;
  const tool = schtasks ?? win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'schtasks.exe');
  const { run, ask } = createTool(tool, env);
  const name = toTaskName(user.name);
  const base = env.APPDATA || join(user.home, 'AppData', 'Roaming');
  const path = join(base, 'Photo Bridge', 'service-task.xml');
  const isKnown = async () => (await ask('/query', '/tn', name)) !== null;

  return {
    name: 'Task Scheduler',
    path,
    encoding: 'utf16le',
    toText: toTaskXml,
    async findObstacle() {
      return (await ask('/query', '/?')) === null ? 'schtasks.exe does not answer' : null;
    },
    async register({ changed, start }) {
      const wasKnown = await isKnown();
      if (changed && wasKnown) await ask('/end', '/tn', name);
      if (changed || !wasKnown) await run('/create', '/tn', name, '/xml', path, '/f');
      if (start) await run('/run', '/tn', name);
    },
    async unregister() {
      if (!(await isKnown())) return;
      await ask('/end', '/tn', name);
      await run('/delete', '/tn', name, '/f');
    },
    afterRemoval: async () => undefined,
    // What it says of a running task is in the language of the system: the daemon's own lock tells better.
    state: async () => ({ starts: (await isKnown()) ? 'at_login' : 'never', running: null, pid: null }),
    byHand: {
      start: `schtasks /run /tn "${name}"`,
      register: `schtasks /create /tn "${name}" /xml "${path}" /f`,
      logs: 'photo-bridge logs',
    },
  };
}

/** Task names are shared by all users of a machine, and some characters are not for them. */
export function toTaskName(user: string): string {
  const own = user.split('\\').at(-1) ?? user;
  return `Photo Bridge ${own.replace(/[\\/:*?"<>|]/g, '_')}`;
}
