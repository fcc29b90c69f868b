/**
 * One small file for each living render host. Who sees a host's end removes it: the daemon, once what the end means is
 * recorded, or the host itself when it is the daemon that has gone. A mark found at the next start therefore tells of a
 * host that died before its daemon did, and nobody wrote that down. After a new start of the machine it tells nothing.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of the mark; empty when it could not be made, which only loses what it would have told. */
export function placeMark(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, bootId(), { mode: 0o600 });
    return path;
  } catch {
    return '';
  }
}

export function removeMark(path: string): void {
  if (path !== '') rmSync(path, { force: true });
}

export type UnseenDeaths = {
  /** A host died under the last life of the daemon and was not recorded. */
  readonly found: boolean;
  /** To be called when what it means is on disk. */
  clear(): void;
};

export function findUnseenDeaths(folder: string): UnseenDeaths {
  const marks = list(folder).map((name) => join(folder, name));
  const boot = bootId();
  return {
    found: boot !== '' && marks.some((path) => read(path) === boot),
    clear: () => marks.forEach(removeMark),
  };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Another one after each start of the machine; empty where the system has none: then marks tell nothing. */
function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim();
}
