/** A secret in a file of its own: made once, readable by its owner alone. It knows no form of secret and logs none. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The text in the file, without space around it. A missing or empty file gets what `create` answers, whole or not at all and
 * on disk before this resolves (mode 0600, its folder 0700); of two that make it at once both get the same. Rejects with
 * the system's error.
 */
export async function loadSecretFile(path: string, create: () => string): Promise<string> {
  await sweep(path);
  const kept = await readSecret(path);
  if (kept !== null && kept !== '') return kept;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temp = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temp, `${create()}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    // An empty one is left by a power cut, or by a person who wants a new secret.
    if (kept !== null) await rm(path, { force: true });
    await placeOnce(temp, path);
  } catch (thrown) {
    // Another one that makes it took this temporary file for a left-over.
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    return await loadSecretFile(path, create);
  } finally {
    await rm(temp, { force: true });
  }
  return (await readSecret(path)) ?? '';
}

/** What a kill in the midst of the making left behind. */
async function sweep(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  const isLeftOver = (name: string) =>
    name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length));
  for (const name of names.filter(isLeftOver)) await rm(join(folder, name), { force: true });
}

/** Null when there is none. */
async function readSecret(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return text.trim();
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

/** Never over a file that is there: somebody else was first. Where there are no links the bytes are written again. */
async function placeOnce(temp: string, path: string): Promise<void> {
  try {
    await link(temp, path);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return;
    await writeFile(path, await readFile(temp), { flag: 'wx', mode: 0o600, flush: true }).catch(
      (again: unknown) => {
        if (codeOf(again) !== 'EEXIST') throw again;
      },
    );
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}
