/** Thumbnails on disk, bounded in bytes. A cache: whatever goes wrong with it only means that a thumbnail is made again. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pacedMap } from './paced-map.ts';
import type { FileIdentity } from './photo-record.ts';

/** Another size or another state of the source is another thumbnail. `size`: longest edge in pixels. */
export type ThumbnailKey = { photoId: number; size: number; source: Pick<FileIdentity, 'size' | 'modified'> };
export type ThumbnailCache = {
  read(key: ThumbnailKey): Promise<Uint8Array | null>;
  write(key: ThumbnailKey, jpeg: Uint8Array): Promise<void>;
  /** Removes all of a photo's. */
  forget(photoIds: ReadonlySet<number>): Promise<void>;
};

/** Trimmed to this share of the limit, so that not every write trims. */
const TRIM_TO = 0.8;
const STATS_AT_ONCE = 16;

export function createThumbnailCache(folder: string, maxBytes: number): ThumbnailCache {
  /** Bytes written since the folder was last measured; the first write measures. */
  let unmeasured = Number.POSITIVE_INFINITY;
  let trimming: Promise<void> | null = null;

  async function trimWhenDue(written: number): Promise<void> {
    unmeasured += written;
    if (unmeasured < maxBytes * (1 - TRIM_TO)) return;
    trimming ??= trim(folder, maxBytes).finally(() => {
      trimming = null;
    });
    unmeasured = 0;
    await trimming;
  }
  return {
    async read(key) {
      try {
        const path = join(folder, toName(key));
        const bytes = await readFile(path);
        if (!isWholeJpeg(bytes)) return null;
        const now = new Date();
        // The time of last use, by which the cache forgets.
        await utimes(path, now, now).catch(() => {});
        return bytes;
      } catch {
        return null;
      }
    },
    async write(key, jpeg) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(folder, toName(key), jpeg);
        await trimWhenDue(jpeg.byteLength);
      } catch {
        // A full disk costs the cache, not the answer.
      }
    },
    async forget(photoIds) {
      const names = await readdir(folder).catch(() => []);
      const gone = names.filter((name) => photoIds.has(Number.parseInt(name, 10)));
      await pacedMap(gone, STATS_AT_ONCE, (name) => rm(join(folder, name), { force: true }));
    },
  };
}

function toName({ photoId, size, source }: ThumbnailKey): string {
  return `${photoId}-${size}-${Math.round(source.modified)}-${source.size}.jpg`;
}

/** No sync: a file torn by a power cut does not pass `isWholeJpeg`. */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temp = join(folder, `.pb-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temp, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(temp, join(folder, name));
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

/** Begins with SOI and ends with EOI. */
function isWholeJpeg(bytes: Uint8Array): boolean {
  const end = bytes.length;
  return (
    end > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9
  );
}

/** Removes the longest unused until the rest fits. */
async function trim(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder);
  const measured = await pacedMap(names, STATS_AT_ONCE, async (name) => {
    const stats = await stat(join(folder, name)).catch(() => null);
    return { name, bytes: stats?.size ?? 0, usedMs: stats?.mtimeMs ?? 0 };
  });
  let total = measured.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= maxBytes) return;
  for (const { name, bytes } of measured.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes * TRIM_TO) return;
    await rm(join(folder, name), { force: true });
    total -= bytes;
  }
}
