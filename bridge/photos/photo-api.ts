/** Answers HTTP's questions on the catalog in wire form. */
import { stat } from 'node:fs/promises';
import type { Photo } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { PhotoApi } from './api.ts';
import type { Catalog } from './catalog.ts';
import { pacedMap } from './paced-map.ts';
import type { PhotoRecord } from './photo-record.ts';
import type { Proofs } from './proofs.ts';
import { type Registered, type Registration, toPathError } from './registration.ts';

export type PhotoApiParts = {
  catalog: Catalog;
  registration: Registration;
  proofs: Proofs;
  /** Told when photos were added. */
  onAdded: (count: number) => void;
};

const STATS_AT_ONCE = 32;

export function createPhotoApi({ catalog, registration, proofs, onAdded }: PhotoApiParts): PhotoApi {
  return {
    ...proofs,
    async add(body) {
      const { photos, refused } =
        'paths' in body
          ? await registration.addPaths(body.paths, body.skip_invalid ? 'good' : 'all')
          : await registration.addFolder(body);
      const [first] = refused;
      if (first !== undefined && 'paths' in body && !body.skip_invalid) {
        throw toPathError(first.path, first.reason);
      }
      const answer = toAnswer({ photos, refused });
      if (answer.added_count > 0) onAdded(answer.added_count);
      return answer;
    },
    async list({ limit, cursor }) {
      const ids = idsAfter(catalog, parseCursor(cursor), limit + 1);
      const page = ids.slice(0, limit);
      const photos = await pacedMap(page, STATS_AT_ONCE, async (id) => toPhoto(await catalog.record(id)));
      const last = page.at(-1);
      return {
        photos: photos.filter((photo) => photo !== null),
        count: catalog.count,
        next_cursor: ids.length > limit && last !== undefined ? String(last) : null,
      };
    },
    async get(photoId) {
      const photo = await toPhoto(await catalog.record(photoId));
      if (photo === null) throw new BridgeError('photo_not_found', `No photo has the id ${photoId}`);
      return photo;
    },
  };
}

/** A folder's files that turned out to be no photos are listed but never make the request fail. */
function toAnswer({ photos, refused }: Registered) {
  return {
    photos: photos.map(({ id, path }) => ({ photo_id: id, path })),
    added_count: photos.filter(({ isNew }) => isNew).length,
    ...(refused.length > 0 ? { rejected: refused } : {}),
  };
}

/** `missing` is not remembered but looked up: it is true of the moment of the answer. */
async function toPhoto(record: PhotoRecord | null): Promise<Photo | null> {
  if (record === null) return null;
  const { id, path, addedMs } = record;
  const added_at = new Date(addedMs).toISOString();
  return { photo_id: id, path, added_at, missing: !(await isFile(path)) };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const id = Number(cursor);
  if (!/^\d+$/.test(cursor) || !Number.isSafeInteger(id)) {
    throw new BridgeError('bad_request', 'cursor is not one this route has given out');
  }
  return id;
}

function idsAfter(catalog: Catalog, after: number, wanted: number): number[] {
  const ids: number[] = [];
  for (let id = after + 1; id <= catalog.highest && ids.length < wanted; id++) {
    if (catalog.has(id)) ids.push(id);
  }
  return ids;
}
