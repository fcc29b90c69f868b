/** Brings files into the catalog: checks each, gives ids in order. Knows no wire form. */
import { normalize } from 'node:path';
import type { PhotoSource } from '../batch/ports.ts';
import { BridgeError } from '../errors.ts';
import type { AddedPhoto, Catalog } from './catalog.ts';
import { createFileChecker, type FileCheck, toFormReason, toSystemReason } from './check-file.ts';
import { createPacer, pacedMap } from './paced-map.ts';
import type { FilePathPolicy } from './path-policy.ts';
import type { PhotoFile, PhotoRecord } from './photo-record.ts';
import { walkFolder } from './walk-folder.ts';

export type Refused = { path: string; reason: string };
/** `photos` in order of the accepted ones; `refused` likewise. */
export type Registered = { photos: AddedPhoto[]; refused: Refused[] };
export type FolderRequest = { folder: string; glob?: string | undefined; recursive: boolean };
export type Registration = {
  check(paths: readonly string[]): Promise<FileCheck[]>;
  /** With `all`, a single refused path means that nothing is added. */
  addPaths(paths: readonly string[], mode: 'all' | 'good'): Promise<Registered>;
  /** Throws BridgeError `invalid_path` when the folder cannot be read or is not allowed. */
  findFolder(request: FolderRequest): Promise<string[]>;
  /** Likewise. */
  addFolder(request: FolderRequest): Promise<Registered>;
};

/** Files looked at at once: enough to hide a disk's latency, few enough for the thread pool of file calls. */
const CHECKS_AT_ONCE = 32;

export function createRegistration(catalog: Catalog, policy: FilePathPolicy): Registration {
  async function check(paths: readonly string[]): Promise<FileCheck[]> {
    const checkFile = createFileChecker(await policy.sourceTest());
    return pacedMap(paths, CHECKS_AT_ONCE, checkFile);
  }
  async function addPaths(paths: readonly string[], mode: 'all' | 'good'): Promise<Registered> {
    const files: PhotoFile[] = [];
    const refused: Refused[] = [];
    const pace = createPacer();
    for (const result of await check(paths)) {
      if (result.ok) files.push(result.file);
      else refused.push({ path: result.path, reason: result.reason });
      await pace();
    }
    if (mode === 'all' && refused.length > 0) return { photos: [], refused };
    return { photos: await catalog.add(files), refused };
  }
  async function findFolder(request: FolderRequest): Promise<string[]> {
    const { folder } = request;
    const reason = toFormReason(folder) ?? (await policy.source(folder));
    if (reason !== null) throw toPathError(folder, reason);
    return walkFolder(request).catch((error: unknown) => {
      // The glob is wrong, not the folder.
      if (error instanceof BridgeError) throw error;
      throw toPathError(folder, toFolderReason(error));
    });
  }
  return {
    check,
    addPaths,
    findFolder,
    addFolder: async (request) => addPaths(await findFolder(request), 'good'),
  };
}

/** Names the path and the reason, in the sentence and as extensions. */
export function toPathError(path: string, reason: string): BridgeError {
  return new BridgeError('invalid_path', `${path}: ${reason}`, { path, reason });
}

export function createPhotoSource(catalog: Catalog, registration: Registration): PhotoSource {
  const find: PhotoSource['find'] = async (paths) => {
    const checks = await registration.check(paths);
    return pacedMap(checks, CHECKS_AT_ONCE, async (result) =>
      result.ok
        ? { photoId: await catalog.find(result.file.path), path: result.file.path }
        : { path: result.path, reason: result.reason },
    );
  };
  return {
    find,
    async findFolder(folder, glob) {
      const found = await find(await registration.findFolder({ folder, glob, recursive: true }));
      return found.flatMap((photo) => ('photoId' in photo ? [photo] : []));
    },
    has: (photoId) => catalog.has(photoId),
    path: async (photoId) => (await catalog.record(photoId))?.path ?? null,
    place: async (photoId) => toPlace(await catalog.record(photoId)),
    async register(paths, { unchecked = false } = {}) {
      const checks = await registration.check(paths);
      const files = checks.map((result) => (result.ok || !unchecked ? result : toUnchecked(result)));
      const added = (await catalog.add(files.flatMap((file) => (file.ok ? [file.file] : [])))).values();
      return files.map((result) => {
        if (!result.ok) return { path: result.path, reason: result.reason };
        const next = added.next();
        return next.done ? { path: result.file.path, reason: 'it was not registered' } : next.value.id;
      });
    },
    async registerFolder(folder, glob) {
      const { photos } = await registration.addFolder({ folder, glob, recursive: true });
      return photos.map(({ id }) => id);
    },
  };
}

/** A file that could not be checked gets an id all the same, with no identity to know it by; a path of bad form does not. */
function toUnchecked(refused: FileCheck & { ok: false }): FileCheck {
  if (toFormReason(refused.path) !== null) return refused;
  const identity = { dev: 0, ino: 0, born: 0, size: 0, modified: 0 };
  return { ok: true, file: { path: normalize(refused.path), identity } };
}

/** A file that was checked is never empty. */
function toPlace(record: PhotoRecord | null): { path: string; device: number | null } | null {
  if (record === null) return null;
  const { path, identity } = record;
  return { path, device: identity.size === 0 ? null : identity.dev };
}

function toFolderReason(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOTDIR'
    ? 'it is no folder'
    : toSystemReason(error).replace('the file', 'the folder');
}
