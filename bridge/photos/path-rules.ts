/** Derives the path rules from the settings (safety.md, "Paths"). Pure. */
import { join } from 'node:path';
import type { Settings } from '../contract/index.ts';
import type { PathRules } from './path-policy.ts';

/** `dataDir`: absolute; holds the default library `photos` and the default output folder `outputs`. */
export function toPathRules(settings: Readonly<Settings>, dataDir: string): PathRules {
  const { library, output, security } = settings;
  return {
    mode: isOpenToOthers(settings) ? 'listed' : security.paths,
    sourceFolders: library.folders ?? [join(dataDir, 'photos')],
    outputFolders: [...output.folders, join(dataDir, 'outputs')],
  };
}

/** As soon as anybody but this user's own programs may ask, not every path of the user's is theirs to name. */
function isOpenToOthers({ server, security }: Readonly<Settings>): boolean {
  const { allowed_origins, allowed_hosts, same_user_only } = security;
  return (
    allowed_origins.length > 0 || allowed_hosts.length > 0 || !same_user_only || !isLoopback(server.host)
  );
}

function isLoopback(host: string | undefined): boolean {
  return host === undefined || /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/i.test(host);
}
