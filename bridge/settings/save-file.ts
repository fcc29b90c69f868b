/** Writes the settings file: whole or not at all, and on the disk when it says so. It never looks at what it writes. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BridgeError, toError } from '../errors.ts';

/** Of a file that is new: settings may hold a secret. */
const NEW_FILE = 0o600;

/** `before`: what the file must still hold, null for none. */
export type SavedText = { before: string | null; text: string };

/**
 * Replaces the content of `file`, which keeps its mode and, when it is a symbolic link, its target's place. Throws
 * BridgeError `conflict` when somebody else wrote it meanwhile, `disk_full` or `read_only`; then the file is as it was.
 */
export async function saveSettingsFile(file: string, { before, text }: SavedText): Promise<void> {
  let temporary: string | null = null;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const target = await realpath(file).catch(() => file);
    const mode = await stat(target).then(
      (stats) => stats.mode & 0o777,
      () => NEW_FILE,
    );
    const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    const handle = await open(fresh, 'wx', mode);
    temporary = fresh;
    try {
      // The mode of `open` is subject to the umask.
      await handle.chmod(mode).catch(() => undefined);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if ((await readFile(file, 'utf8').catch(() => null)) !== before) throw changedMeanwhile(file);
    await rename(fresh, target);
    temporary = null;
    await syncFolder(dirname(target));
  } catch (thrown) {
    if (temporary !== null) await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown instanceof BridgeError ? thrown : toRefusal(file, thrown);
  }
}

/** Where a folder cannot be opened (Windows) its entries are durable by themselves. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function changedMeanwhile(file: string): BridgeError {
  return new BridgeError(
    'conflict',
    `the settings file ${file} was changed meanwhile; nothing was changed by this`,
  );
}

function toRefusal(file: string, thrown: unknown): BridgeError {
  const error = toError(thrown);
  const code = 'code' in error ? String(error.code) : '';
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code);
  return new BridgeError(
    isFull ? 'disk_full' : 'read_only',
    `the settings file ${file} cannot be written (${code || error.message}); nothing was changed`,
  );
}
