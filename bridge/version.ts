/** What this program and the libraries that render for it are: for `/version` and the runtime note. */
import { readFileSync } from 'node:fs';
import { loadInstalledVersions } from './executor/installed-versions.ts';
import type { LocalExecutor } from './executor/local-executor.ts';

const API_VERSION = '1';

const packageInfo = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
export const programVersion = packageInfo.version;

const installed = loadInstalledVersions();

/** Those of the running host, else those that are installed. */
export function toVersion(executor: Pick<LocalExecutor, 'versions'>) {
  const versions = executor.versions() ?? installed;
  return {
    version: programVersion,
    api: API_VERSION,
    node: process.versions.node,
    sharp: versions?.sharp ?? null,
    libvips: versions?.libvips ?? null,
  };
}
