/** Which sharp and libvips are installed, from their package files: the daemon itself never loads them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HostVersions } from './render-host.ts';

/** Null when they cannot be found; a render host that starts tells for certain. */
export function loadInstalledVersions(): HostVersions | null {
  try {
    const require = createRequire(import.meta.url);
    const folder = packageFolder(require.resolve('sharp'));
    const { version } = readJson(join(folder, 'package.json'));
    return { sharp: String(version), libvips: String(loadPrebuilt(join(folder, 'package.json')).vips) };
  } catch {
    return null;
  }
}

/** Sharp's prebuilt libvips: `linux-x64`, or `linuxmusl-x64` where the C library is musl. Only one is installed. */
function loadPrebuilt(from: string): { vips?: unknown } {
  const require = createRequire(from);
  const names = [process.platform, `${process.platform}musl`].map(
    (name) => `@img/sharp-libvips-${name}-${process.arch}`,
  );
  for (const name of names) {
    try {
      return require(`${name}/versions`) as { vips?: unknown };
    } catch {}
  }
  return {};
}

function packageFolder(entry: string): string {
  let folder = dirname(entry);
  while (readName(folder) !== 'sharp') {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json of sharp above its entry');
    folder = parent;
  }
  return folder;
}

function readName(folder: string): unknown {
  try {
    return readJson(join(folder, 'package.json')).name;
  } catch {
    return null;
  }
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
