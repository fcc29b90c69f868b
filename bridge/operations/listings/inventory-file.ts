/** An inventory's file on disk: reads it whole, replaces it whole, never follows what is no regular file. Knows nothing of its content. */
import { createHash } from 'node:crypto';
import {
  access,
  constants,
  type FileHandle,
  lstat,
  open,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { BridgeError, toError } from '../../errors.ts';
import { FILE_LIMIT } from './limits.ts';

/** `mode`: permission bits. */
export type FileContent = { bytes: Buffer; hash: string; identity: string; mode: number };

const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const NEW_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** The real path of a readable regular file whose folder can be written to. Rejects with BridgeError. */
export async function resolveInventory(path: string): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new BridgeError('invalid_path', 'The inventory needs an absolute path');
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isFile()) throw new BridgeError('invalid_path', `${path} is not a regular file`);
    await access(real, constants.R_OK | constants.W_OK);
    await access(dirname(real), constants.W_OK);
    return real;
  } catch (thrown) {
    if (thrown instanceof BridgeError) throw thrown;
    const code = errorCode(thrown);
    if (code === 'ENOENT') throw new BridgeError('invalid_path', `${path} does not exist`);
    throw new BridgeError('invalid_path', `${path} cannot be changed (${code || toError(thrown).message})`);
  }
}

/** Rejects with BridgeError `unprocessable` over 50 MB, else with the system's error. */
export async function readInventoryFile(path: string): Promise<FileContent> {
  const handle = await open(path, READ_FLAGS);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new BridgeError('invalid_path', `${path} is not a regular file`);
    if (info.size > FILE_LIMIT) throw new BridgeError('unprocessable', 'The inventory is larger than 50 MB');
    const bytes = Buffer.alloc(info.size);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const content = bytes.subarray(0, bytesRead);
    return { bytes: content, hash: hashOf(content), identity: toIdentity(info), mode: info.mode & 0o777 };
  } finally {
    await handle.close();
  }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of the file that is at the path now: another one, or a changed one, has another. */
export async function identify(path: string): Promise<string> {
  return toIdentity(await stat(path));
}

function toIdentity({
  dev,
  ino,
  size,
  mtimeMs,
}: {
  dev: number;
  ino: number;
  size: number;
  mtimeMs: number;
}): string {
  return `${dev}:${ino}:${size}:${mtimeMs}`;
}

/** A copy beside the file, `{name}.bak`, durable when resolved; replaces one of an earlier run. */
export async function saveBackup(path: string, content: FileContent): Promise<void> {
  await replaceFile(`${path}.bak`, content, async () => true);
}

export async function hasBackup(path: string): Promise<boolean> {
  return lstat(`${path}.bak`).then(
    () => true,
    () => false,
  );
}

/** Atomic and durable. False, and nothing done, when the file is not any more the one that `before` was read from. */
export async function replaceInventory(path: string, bytes: Buffer, before: FileContent): Promise<boolean> {
  return replaceFile(
    path,
    { bytes, mode: before.mode },
    async () => (await identify(path)) === before.identity,
  );
}

async function replaceFile(
  path: string,
  { bytes, mode }: Pick<FileContent, 'bytes' | 'mode'>,
  isStillRight: () => Promise<boolean>,
): Promise<boolean> {
  const temp = join(dirname(path), `.${basename(path)}.photo-bridge.tmp`);
  await rm(temp, { force: true });
  try {
    const handle = await open(temp, NEW_FLAGS, 0o600);
    await fill(handle, bytes, mode);
    if (!(await isStillRight())) {
      await rm(temp, { force: true });
      return false;
    }
    await rename(temp, path);
  } catch (thrown) {
    await rm(temp, { force: true }).catch(() => {});
    throw thrown;
  }
  await syncFolder(dirname(path));
  return true;
}

async function fill(handle: FileHandle, bytes: Buffer, mode: number): Promise<void> {
  try {
    await handle.writeFile(bytes);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
}

export function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
