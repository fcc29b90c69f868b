/** launchd as supervisor: an agent in the user's graphical session. */
import { mkdir } from 'node:fs/promises';
import { posix } from 'node:path';
import type { CliHost } from '../host.ts';
import { LABEL, toLaunchdPlist } from './launchd-plist.ts';
import { createTool, type ServiceState, type Supervisor } from './supervisor.ts';

/** `launchctl`: seam for tests. */
export function createLaunchd(host: CliHost, launchctl = '/bin/launchctl'): Supervisor {
  const { env, user } = host;
  const path = posix.join(user.home, 'Library', 'LaunchAgents', `${LABEL}.plist`);
  const domain = `gui/${user.uid ?? 0}`;
  const target = `${domain}/${LABEL}`;
  const { run, ask } = createTool(launchctl, env);
  const isLoaded = async () => (await ask('print', target)) !== null;
  let logsFolder: string | null = null;

  return {
    name: 'launchd',
    path,
    encoding: 'utf8',
    toText(facts) {
      logsFolder = facts.logsFolder;
      return toLaunchdPlist(facts);
    },
    async findObstacle() {
      return (await ask('print', domain)) === null ? 'this user has no graphical session here' : null;
    },
    async register({ changed, start }) {
      // launchd makes the log files, but not their folder.
      if (logsFolder !== null) await mkdir(logsFolder, { recursive: true, mode: 0o700 });
      const wasLoaded = await isLoaded();
      if (wasLoaded && changed) await run('bootout', target);
      await run('enable', target);
      // Loading runs it: what is to start later is left to the next login.
      if (start && (changed || !wasLoaded)) await run('bootstrap', domain, path);
    },
    async unregister() {
      if (await isLoaded()) await run('bootout', target);
    },
    afterRemoval: async () => undefined,
    state: async () => parseState(await ask('print', target)),
    byHand: {
      start: `launchctl bootstrap ${domain} ${path}`,
      register: `launchctl bootstrap ${domain} ${path}`,
      logs: 'photo-bridge logs',
    },
  };
}

/** `state = running` and `pid = 123` of `launchctl print`; null: it is not loaded. */
export function parseState(text: string | null): ServiceState {
  if (text === null) return { starts: null, running: false, pid: null };
  const pid = /^\s*pid = (\d+)$/m.exec(text)?.[1];
  const isRunning = /^\s*state = running$/m.test(text);
  return { starts: 'at_login', running: isRunning, pid: pid === undefined ? null : Number(pid) };
}
