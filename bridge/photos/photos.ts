/** Puts the parts of the photo catalog together; the one file the composition root needs of this folder. */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { EventSink, Executor, PathPolicy, PhotoSource, PresetSource } from '../batch/ports.ts';
import type { ProofTask } from '../contract/index.ts';
import type { Log } from '../log.ts';
import type { PhotoApi } from './api.ts';
import { type OpenCatalogLog, openCatalog } from './catalog.ts';
import { type Library, openLibrary } from './library.ts';
import { createPathPolicy, type PathRules } from './path-policy.ts';
import { createPhotoApi } from './photo-api.ts';
import { createProofs } from './proofs.ts';
import { createPhotoSource, createRegistration } from './registration.ts';
import { createThumbnailCache } from './thumbnail-cache.ts';

export type PhotosParts = {
  /** Absolute; holds `catalog.log`, `thumbnails/` and the default library `photos/`. */
  dataDir: string;
  /** `library.folders`; absent: `dataDir/photos`. Taken at the start; the rules are asked every time. */
  libraryFolders: readonly string[] | undefined;
  pathRules: () => PathRules;
  proofLimits: () => ProofTask['limits'];
  openLog: OpenCatalogLog;
  executor: Pick<Executor, 'proof'>;
  presets: PresetSource;
  events: Pick<EventSink, 'publish'>;
  log: Log;
  wallMs: () => number;
  settleMs?: number;
};
export type Photos = {
  source: PhotoSource;
  api: PhotoApi;
  policy: PathPolicy;
  /** Begins to watch the library, in the background. */
  startLibrary(): Library;
  /** For cleanup: removes the thumbnails of these photos. */
  forgetThumbnails(photoIds: ReadonlySet<number>): Promise<void>;
  close(): Promise<void>;
};

const THUMBNAILS_MAX_BYTES = 512 * 1024 * 1024;

/** Resolves when the catalog is read. Rejects when its log cannot be opened. */
export async function openPhotos(parts: PhotosParts): Promise<Photos> {
  const { dataDir, openLog, wallMs, libraryFolders } = parts;
  const own = join(dataDir, 'photos');
  const folders = libraryFolders?.map((path) => ({ path, own: path === own })) ?? [{ path: own, own: true }];
  const roots = await Promise.all(folders.map(({ path }) => realpath(path).catch(() => path)));
  const catalog = await openCatalog({
    openLog,
    path: join(dataDir, 'catalog.log'),
    wallMs,
    isMarked: (path) => roots.some((root) => path.startsWith(root + sep)),
  });
  const policy = createPathPolicy(parts.pathRules);
  const registration = createRegistration(catalog, policy);
  const cache = createThumbnailCache(join(dataDir, 'thumbnails'), THUMBNAILS_MAX_BYTES);
  const proofs = createProofs({ ...parts, catalog, policy, cache, limits: parts.proofLimits });
  const onAdded = (added: number) => parts.events.publish({ type: 'photos_changed', added, missing: 0 });
  let library: Library | null = null;

  return {
    source: createPhotoSource(catalog, registration),
    api: createPhotoApi({ catalog, registration, proofs, onAdded }),
    policy,
    startLibrary() {
      library ??= openLibrary({ ...parts, catalog, registration, folders });
      return library;
    },
    forgetThumbnails: (photoIds) => cache.forget(photoIds),
    async close() {
      await library?.close();
      await catalog.close();
    },
  };
}
