/** Builds the page that the daemon serves at `/`, from `app/` into `dist/`. It runs before the daemon, never inside it. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const APP = here('./app/');
const DIST = here('./dist/');
const STAMP = 'built-from.txt';
/** Beside `app/`: what else goes into the bundle. */
const sources = [
  APP,
  here('../client/'),
  here('../contract/'),
  here('./build.ts'),
  here('../../package-lock.json'),
];

/** Builds when nothing is there or the sources have changed since. Answers whether it built. */
export async function ensureBuilt(): Promise<boolean> {
  const stamp = await readStamp();
  if (stamp === (await readBuilt())) return false;
  await buildDashboard(stamp);
  return true;
}

/** The finished folder takes the old one's place as a whole: a daemon that runs never serves half of it. */
async function buildDashboard(stamp: string): Promise<void> {
  const { build } = await import('vite');
  const fresh = `${DIST.replace(/\/$/, '')}-${process.pid}`;
  const old = `${fresh}-old`;
  try {
    await build({
      root: APP,
      configFile: false,
      base: '/',
      logLevel: 'warn',
      oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
      build: {
        outDir: fresh,
        emptyOutDir: true,
        target: 'es2022',
        // A data: URL would need a wider policy, and a preload polyfill has nothing to do here.
        assetsInlineLimit: 0,
        modulePreload: false,
      },
    });
    await pinFiles(fresh);
    await writeFile(join(fresh, STAMP), stamp);
    await rename(DIST, old).catch(() => undefined);
    // Another build may have been faster: what lies there now is as good.
    await rename(fresh, DIST).catch(async (thrown: unknown) => {
      if ((await readBuilt()) !== stamp) throw thrown;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/**
 * Writes the sum of every script and style into the document. Browsers keep these files for good, and another program that
 * had our port before may have left one of the same name with them.
 */
async function pinFiles(folder: string): Promise<void> {
  const path = join(folder, 'index.html');
  let html = await readFile(path, 'utf8');
  for (const [attribute, name = ''] of html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)) {
    const sum = createHash('sha384').update(await readFile(join(folder, name)));
    html = html.replace(attribute, `${attribute} integrity="sha384-${sum.digest('base64')}"`);
  }
  await writeFile(path, html);
}

/** Null when nothing is built. */
async function readBuilt(): Promise<string | null> {
  return await readFile(join(DIST, STAMP), 'utf8').catch(() => null);
}

/** One sum over names and bytes of all sources. */
async function readStamp(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    const names = source.endsWith('/')
      ? (await readdir(source, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [source];
    for (const name of names) hash.update(`${name}\0`).update(await readFile(name));
  }
  return hash.digest('hex');
}
