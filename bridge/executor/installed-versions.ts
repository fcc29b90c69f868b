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
    const prebuilt = `@img/sharp-libvips-${platformName()}`;
    const libvips: unknown = createRequire(join(folder, 'package.json'))(`${prebuilt}/versions`);
    return { sharp: String(version), libvips: String((libvips as { vips?: unknown }).vips) };
  } catch {
    return null;
  }
}

/** As sharp names its prebuilt packages: `linux-x64`, `linuxmusl-arm64`, `darwin-arm64`. */
function platformName(): string {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const isMusl = process.platform === 'linux' && report?.header?.glibcVersionRuntime === undefined;
  return `${process.platform}${isMusl ? 'musl' : ''}-${process.arch}`;
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
