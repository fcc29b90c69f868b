/** Which program starts services for a user on this platform. */
import type { CliHost } from '../host.ts';
import { createLaunchd } from './launchd.ts';
import type { Supervisor } from './supervisor.ts';
import { createSystemd } from './systemd.ts';
import { createTaskScheduler } from './task-scheduler.ts';

export async function findSupervisor(host: CliHost): Promise<Supervisor> {
  if (host.platform === 'linux') return await createSystemd(host);
  if (host.platform === 'darwin') return createLaunchd(host);
  if (host.platform === 'win32') return createTaskScheduler(host);
  throw new Error(
    `No service manager of ${host.platform} is known to this program; have yours run: photo-bridge serve`,
  );
}
