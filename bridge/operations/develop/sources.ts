/** The photos of a develop batch: where each is, whether it may be read, and whose fault it is when it cannot be. Reads no photo. */
import { dirname } from 'node:path';
import type { SourceFolders } from '../../batch/output-ports.ts';
import type { PathPolicy, PhotoSource } from '../../batch/ports.ts';
import type { Failure, FailureCode } from '../../contract/index.ts';

export type FoundSource =
  | { ok: true; path: string }
  | { ok: false; path: string | null; failure: Failure; storage?: true };

/** What a photo looks like to a render thread when its folder or drive is gone, or goes while it is read. */
const doubtful: ReadonlySet<FailureCode> = new Set([
  'source_missing',
  'source_unreadable',
  'source_changed',
  'timeout',
]);

export class Sources {
  readonly #photos: PhotoSource;
  readonly #paths: PathPolicy;
  readonly #folders: SourceFolders;

  constructor(parts: { photos: PhotoSource; paths: PathPolicy; sources: SourceFolders }) {
    this.#photos = parts.photos;
    this.#paths = parts.paths;
    this.#folders = parts.sources;
  }

  async find(photoId: number): Promise<FoundSource> {
    const found = await this.check(photoId, await this.#photos.path(photoId));
    if (found.ok || found.path === null) return found;
    // What lies on a drive that is gone can look forbidden.
    const away = await this.away(photoId);
    return away === null ? found : { ok: false, path: found.path, failure: away, storage: true };
  }

  /** Whether it may be read; looks at no folder. */
  async check(photoId: number | null, path: string | null): Promise<FoundSource> {
    if (path === null) {
      const message = `photo ${photoId} is not registered; register its file with POST /photos`;
      return { ok: false, path, failure: toFailure('source_missing', message) };
    }
    const refusal = await this.#paths.source(path);
    if (refusal !== null) return { ok: false, path, failure: toFailure('source_unreadable', refusal) };
    return { ok: true, path };
  }

  /** Null when its folder and drive are there, also for a photo that nobody has ever seen. */
  async away(photoId: number): Promise<Failure | null> {
    const place = await this.#photos.place(photoId);
    if (place === null || place.device === null) return null;
    const reason = await this.#folders.away(place.path, place.device);
    if (reason === null) return null;
    const message = `Photos in ${dirname(place.path)} cannot be reached: ${reason}. Connect the drive or put the folder back; the batch then goes on by itself (cancel it to give it up).`;
    return { code: 'source_missing', message, stage: 'read', retryable: true };
  }

  /** The failure of the storage behind a failure of this photo, if there is one. */
  async blame(photoId: number, failure: Failure): Promise<Failure | null> {
    return doubtful.has(failure.code) ? this.away(photoId) : null;
  }

  seen(path: string): void {
    this.#folders.seen(path);
  }
}

export function toFailure(code: FailureCode, message: string): Failure {
  return { code, message, stage: 'claim', retryable: false };
}
