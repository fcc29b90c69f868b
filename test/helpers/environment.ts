/** The environment of daemons in tests and campaigns. */
import { toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';

/** Without this process's own settings, and not giving way to what runs beside it. */
export function toTestEnvironment(): Record<string, string | undefined> {
  return { ...toCleanEnvironment(process.env), PHOTO_BRIDGE_RESOURCES_PROFILE: 'full' };
}
