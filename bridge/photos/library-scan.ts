/** Brings a scan of the library folders into the catalog: new files get ids, renamed ones keep theirs, vanished ones are known as missing. */
import { lstat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Catalog } from './catalog.ts';
import { compareNames, sortPaced } from './name-order.ts';
import { createPacer } from './paced-map.ts';
import type { PhotoFile } from './photo-record.ts';
import type { Registration } from './registration.ts';
import { matchRenames, type Vanished } from './rename-match.ts';
import type { Scan } from './scan-gatherer.ts';

export type ScanResult = { added: number; moved: number; missing: number };

/**
 * Library photos known to be gone, by id. Rebuilt at each start from what is on the disk, so it is not stored; a photo in
 * it gets its place back when its file appears again, under whatever name.
 */
export type MissingPhotos = Map<number, Vanished>;

/** Calls must not overlap: a file may be in one scan gone, in the next one new. */
export async function applyScan(
  scan: Scan,
  parts: { catalog: Catalog; registration: Registration; missing: MissingPhotos },
): Promise<ScanResult> {
  const { catalog, registration, missing } = parts;
  const fresh = await freshFiles(scan, parts);
  const gone = [...(await findAll(scan.removed, catalog)), ...(await unseenPhotos(scan, catalog))];
  let newlyMissing = 0;
  for (const photo of gone) {
    if (missing.has(photo.id) || (await isThere(photo.path))) continue;
    missing.set(photo.id, photo);
    newlyMissing += 1;
  }
  const renames = matchRenames([...missing.values()], fresh);
  let moved = 0;
  for (const file of fresh) {
    const id = renames.get(file.path);
    const old = id === undefined ? undefined : missing.get(id);
    if (id === undefined || old === undefined || (await isThere(old.path))) continue;
    if (!(await catalog.move(id, file))) continue;
    missing.delete(id);
    moved += 1;
    if (gone.some((photo) => photo.id === id)) newlyMissing -= 1;
  }
  // What was moved is known by now and keeps its id.
  const paths = await sortPaced(
    fresh.map(({ path }) => path),
    compareNames,
  );
  const { photos } = await registration.addPaths(paths, 'good');
  return { added: photos.filter(({ isNew }) => isNew).length, moved, missing: Math.max(0, newlyMissing) };
}

/** Checked files the catalog does not know. Known ones that were missing are so no longer. */
async function freshFiles(
  scan: Scan,
  {
    catalog,
    registration,
    missing,
  }: { catalog: Catalog; registration: Registration; missing: MissingPhotos },
): Promise<PhotoFile[]> {
  const unknown: string[] = [];
  const pace = createPacer();
  for (const path of scan.added) {
    const id = await catalog.find(path);
    if (id === null) unknown.push(path);
    else missing.delete(id);
    await pace();
  }
  const fresh: PhotoFile[] = [];
  for (const result of await registration.check(unknown)) {
    // A link in the library may lead to a photo that is known by its own path.
    if (result.ok && (await catalog.find(result.file.path)) === null) fresh.push(result.file);
  }
  return fresh;
}

/** Marked photos under the scan's whole roots that it has not met. */
async function unseenPhotos(scan: Scan, catalog: Catalog): Promise<Vanished[]> {
  if (scan.whole.length === 0) return [];
  const seen = new Set<number>();
  for (const path of scan.added) {
    const id = await catalog.find(path);
    if (id !== null) seen.add(id);
  }
  const unseen: Vanished[] = [];
  const pace = createPacer();
  for (const id of catalog.markedIds()) {
    await pace();
    if (seen.has(id)) continue;
    const record = await catalog.record(id);
    if (record !== null && scan.whole.some((root) => record.path.startsWith(root + sep))) unseen.push(record);
  }
  return unseen;
}

async function findAll(paths: readonly string[], catalog: Catalog): Promise<Vanished[]> {
  const found: Vanished[] = [];
  for (const path of paths) {
    const id = await catalog.find(path);
    const record = id === null ? null : await catalog.record(id);
    if (record !== null) found.push(record);
  }
  return found;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // A disk that does not answer is no sign that the photo is gone.
    const code = (error as NodeJS.ErrnoException).code;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
