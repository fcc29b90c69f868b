/** The photos a start body names: by id, by path, or all of a folder. Those that are new to the catalog are registered. */
import type { Ref, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Core } from './core.ts';
import { distinctIds } from './distinct-ids.ts';
import { checkCount, type Selection } from './selection.ts';

export async function selectPhotos(core: Core, body: StartBody): Promise<Selection> {
  if (body.photo_ids !== undefined) return selectIds(core, body.photo_ids, body.on_unknown);
  if (body.photos !== undefined) return selectFiles(core, body.photos, body.on_unknown);
  if (body.select !== undefined) {
    const found = await core.photos.registerFolder(body.select.folder, body.select.glob);
    if (found.length === 0) throw emptyFolder(body.select.folder);
    checkCount(core, found.length);
    return { ids: Float64Array.from(found), refs: null };
  }
  throw new BridgeError('bad_request', 'photo_ids is required');
}

export function selectIds(
  core: Core,
  photoIds: readonly number[],
  onUnknown: StartBody['on_unknown'],
): Selection {
  const ids = distinctIds(photoIds);
  checkCount(core, ids.length);
  if (onUnknown === 'fail') {
    const unknown = Array.from(ids.filter((id) => !core.photos.has(id)));
    if (unknown.length > 0) {
      const shown = unknown.slice(0, 10).join(', ') + (unknown.length > 10 ? ', …' : '');
      throw new BridgeError(
        'unknown_photo_ids',
        `photo_ids: unknown photo ids ${shown}; register them with POST /photos, or set on_unknown to "fail_item"`,
        { unknown_photo_ids: unknown.slice(0, 1000), unknown_count: unknown.length },
      );
    }
  }
  return { ids, refs: null };
}

async function selectFiles(
  core: Core,
  files: NonNullable<StartBody['photos']>,
  onUnknown: StartBody['on_unknown'],
): Promise<Selection> {
  checkCount(core, files.length);
  // `fail_item`: a bad path gets an id as well, and its item fails with the right code.
  const unchecked = onUnknown === 'fail_item';
  const registered = await core.photos.register(
    files.map((file) => file.path),
    { unchecked },
  );
  const refs = new Map<number, Ref | null>();
  for (const [place, answer] of registered.entries()) {
    if (typeof answer !== 'number') throw badPath(place, answer);
    if (!refs.has(answer)) refs.set(answer, files[place]?.ref ?? null);
  }
  const hasRefs = [...refs.values()].some((ref) => ref !== null);
  return { ids: Float64Array.from(refs.keys()), refs: hasRefs ? [...refs.values()] : null };
}

export function emptyFolder(folder: string): BridgeError {
  return new BridgeError('unprocessable', `select.folder: no photo found in "${folder}"`);
}

export function badPath(place: number, { path, reason }: { path: string; reason: string }): BridgeError {
  return new BridgeError('invalid_path', `photos[${place}].path: "${path}" ${reason}`, { path, reason });
}
