/** Shows an address in the browser of the person who sits here: with the system's own opener, never through a shell. */
import { spawn } from 'node:child_process';
import { findProgram } from './find-program.ts';
import type { CliHost } from './host.ts';

/** An opener that has not failed by then has handed the address over; some stay as long as the browser does. */
const GRACE_MS = 3000;

/** Null when it was opened; else why not, in words. */
export async function openInBrowser(
  url: string,
  host: Pick<CliHost, 'platform' | 'env'>,
): Promise<string | null> {
  const opener = await findOpener(host);
  if (typeof opener === 'string') return opener;
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const child = spawn(opener.file, [...opener.args, url], {
    env: { ...host.env },
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  });
  const timer = setTimeout(() => resolve(null), GRACE_MS);
  child.once('error', ({ message }) => resolve(`${opener.file} cannot be started (${message})`));
  child.once('exit', (code, signal) =>
    resolve(code === 0 ? null : `${opener.file} ended with ${code ?? signal}`),
  );
  const reason = await promise;
  clearTimeout(timer);
  child.unref();
  return reason;
}

type Opener = { file: string; args: readonly string[] };

/** A sentence when there is none. */
async function findOpener({ platform, env }: Pick<CliHost, 'platform' | 'env'>): Promise<Opener | string> {
  const find = (name: string, also: readonly string[] = []) => findProgram({ name, env, platform, also });
  if (platform === 'darwin') return toOpener(await find('open', ['/usr/bin']), []);
  if (platform === 'win32') {
    // What `start` does, which is a word of the command shell.
    const system = `${env.SystemRoot ?? 'C:\\Windows'}\\System32`;
    return toOpener(await find('rundll32', [system]), ['url.dll,FileProtocolHandler']);
  }
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display here';
  return toOpener(await find('xdg-open'), []);
}

function toOpener(file: string | null, args: readonly string[]): Opener | string {
  return file === null ? 'there is no program here that opens addresses' : { file, args };
}
