/**
 * Which finished outputs are ours, by the second name they carry or, on a disk without hard links, by the marker beside them.
 * Removes nothing but `.pb-*.tmp` files and outputs that are ours; never writes a photo (the render threads do).
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type OutputMarker, outputMarkerSchema, toMarkerName } from '../contract/index.ts';
import { errorCode, removeIfThere, SAFE_FLAGS } from './disk.ts';

const TEMP_NAME = /^\.pb-[^/\\]+\.tmp$/;
/** Also the second link that a replacement makes. */
const LEFT_OVER = /^\.pb-[^/\\]+\.tmp2?$/;
const PIECE = 1024 * 1024;
const MARKER_MOST_BYTES = 4096;

type Content = { bytes: number; sha256: string };

/** A marker is believed only when the file has that content: its name may have come to another file meanwhile. */
export async function adopt(folder: string, name: string, tempName: string): Promise<Content | null> {
  const final = join(folder, name);
  if (await isSameFile(final, join(folder, tempName))) return hashFile(final);
  const marker = await readMarker(folder, tempName);
  return marker?.name === name && (await hasContent(final, marker)) ? toContent(marker) : null;
}

export async function takeBack(folder: string, name: string, tempName: string): Promise<void> {
  if (!TEMP_NAME.test(tempName)) return;
  if (await isOurs(folder, name, tempName)) await removeIfThere(join(folder, name));
  await dropTemp(folder, tempName);
}

export async function dropTemp(folder: string, tempName: string): Promise<void> {
  if (!TEMP_NAME.test(tempName)) return;
  for (const name of [tempName, toMarkerName(tempName)]) await removeAt(join(folder, name));
}

export async function sweep(folder: string, batchId: string): Promise<number> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return 0;
    throw thrown;
  }
  let swept = 0;
  for (const name of names) {
    if (!LEFT_OVER.test(name)) continue;
    if (name.startsWith(`.pb-${batchId}-`)) swept += (await removeIfThere(join(folder, name))) ? 1 : 0;
    else if (name.startsWith('.pb-probe')) await removeIfThere(join(folder, name));
  }
  return swept;
}

/** By a marker only once the temp file has moved on to the final name: before that, whatever has the name is not ours. */
async function isOurs(folder: string, name: string, tempName: string): Promise<boolean> {
  const [final, temp] = [join(folder, name), join(folder, tempName)];
  if (await isSameFile(final, temp)) return true;
  if ((await statOf(temp)) !== null) return false;
  const marker = await readMarker(folder, tempName);
  return marker?.name === name && (await hasContent(final, marker));
}

export async function isSameFile(one: string, other: string): Promise<boolean> {
  const first = await statOf(one);
  const second = first === null ? null : await statOf(other);
  return first !== null && second !== null && first.dev === second.dev && first.ino === second.ino;
}

/** Of a regular file, as integers of any size: file numbers exceed 2^53 on some systems. Null when there is none. */
async function statOf(path: string): Promise<{ dev: bigint; ino: bigint; size: bigint } | null> {
  try {
    const stat = await lstat(path, { bigint: true });
    return stat.isFile() ? stat : null;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

async function readMarker(folder: string, tempName: string): Promise<OutputMarker | null> {
  try {
    const file = await open(join(folder, toMarkerName(tempName)), constants.O_RDONLY | SAFE_FLAGS);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MARKER_MOST_BYTES), 0, MARKER_MOST_BYTES, 0);
      return outputMarkerSchema.parse(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
    } finally {
      await file.close();
    }
  } catch (thrown) {
    // Cut short by a crash, it stands for an output that never got its name.
    if (isMissing(thrown) || errorCode(thrown) === '') return null;
    throw thrown;
  }
}

async function hasContent(path: string, { bytes, sha256 }: Content): Promise<boolean> {
  const stat = await statOf(path);
  return stat !== null && stat.size === BigInt(bytes) && (await hashFile(path)).sha256 === sha256;
}

async function hashFile(path: string): Promise<Content> {
  const handle = await open(path, constants.O_RDONLY | SAFE_FLAGS);
  try {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE);
    let bytes = 0;
    while (true) {
      const { bytesRead } = await handle.read(piece, 0, PIECE, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function toContent({ bytes, sha256 }: OutputMarker): Content {
  return { bytes, sha256 };
}

function isMissing(thrown: unknown): boolean {
  return errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR';
}

async function removeAt(path: string): Promise<void> {
  try {
    await removeIfThere(path);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}
