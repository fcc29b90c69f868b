/** Which other developing programs are on this machine. They are optional; each is only asked for its version. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../find-program.ts';
import type { CliHost, Environment } from '../host.ts';
import { type CommandEnd, runCommand } from '../run-command.ts';
import { type Check, ok, warning } from './check.ts';

const TIMEOUT_MS = 4000;
const engines = [
  { name: 'darktable-cli', args: ['--version'], also: ['/Applications/darktable.app/Contents/MacOS'] },
  { name: 'rawtherapee-cli', args: ['-v'], also: ['/Applications/RawTherapee.app/Contents/MacOS'] },
  { name: 'exiftool', args: ['-ver'], also: [] },
] as const;

export async function checkEngines(host: CliHost): Promise<Check[]> {
  // Some make their settings on the first call: asked for a version they must leave nothing in the user's home.
  const home = await mkdtemp(join(tmpdir(), 'photo-bridge-doctor-'));
  try {
    return await Promise.all(
      engines.map(async ({ name, args, also }) => {
        const { env, platform } = host;
        const path = await findProgram({ name, env, platform, also: platform === 'darwin' ? also : [] });
        if (path === null) return ok(name, 'not found (optional)');
        const end = await runCommand(path, {
          args,
          env: toGuestEnvironment(env, home),
          timeoutMs: TIMEOUT_MS,
        });
        return toEngineCheck(name, path, end);
      }),
    );
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function toGuestEnvironment(env: Environment, home: string): Environment {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = env;
  return {
    ...rest,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    RT_SETTINGS: home,
    RT_CACHE: home,
  };
}

export function toEngineCheck(name: string, path: string, end: CommandEnd): Check {
  const said = end.kind === 'ended' ? findVersion(`${end.stdout}\n${end.stderr}`) : null;
  // Some end with 1 after they have told their version.
  if (said !== null) return ok(name, `${said} (${path})`);
  const why = end.kind === 'timeout' ? `no answer in ${TIMEOUT_MS / 1000} s` : 'it tells no version';
  return warning(name, `${path}: ${why}`, 'Start it once by hand; install it again if that fails.');
}

/** `this is darktable 4.2.1`, `RawTherapee, version 5.9, command line.`, `12.57`. */
export function findVersion(text: string): string | null {
  return /\b\d+\.\d+(?:[.\w+~-]*\w)?/.exec(text)?.[0] ?? null;
}
