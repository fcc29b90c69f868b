/** What batches can do besides developing photos: the operations whose work is with other servers and with records. */
import { join } from 'node:path';
import type { Operation, PathPolicy } from '../batch/ports.ts';
import type { OperationName } from '../contract/index.ts';
import { createCaptionsOperation } from '../operations/captions/operation.ts';
import { createHttpMirror } from '../operations/content/http-mirror.ts';
import { MirrorQueue } from '../operations/content/mirror-queue.ts';
import { createContentOperation } from '../operations/content/operation.ts';
import { openContentStore } from '../operations/content/store.ts';
import { createListingsOperation } from '../operations/listings/operation.ts';
import { toLocalDate } from '../operations/listings/post-row.ts';
import { systemClock } from '../resources/clock.ts';
import { createFixedLimiter } from '../resources/fixed-limiter.ts';
import { createGatedLimiter } from '../resources/gates.ts';
import { openAppendLog } from '../store/append-log.ts';
import { keepDamage } from '../store/batch-store.ts';
import type { Base } from './base.ts';
import type { Rendering } from './rendering.ts';
import type { Storage } from './storage.ts';

export type OperationParts = Base & {
  storage: Storage;
  rendering: Rendering;
  paths: PathPolicy;
  /** Batches of this operation that have not ended. Asked only once the engine is there. */
  unended: (operation: OperationName) => Iterable<{ id: string; total: number }>;
};
export type Operations = Awaited<ReturnType<typeof openOperations>>;

/** Changes of content records at a time: each waits for the disk, and perhaps for the mirror. */
const CONTENT_AT_ONCE = 8;
/** Rows, or posts with captions, in hand at a time over all batches of the kind; each batch says how many of its own. */
const POSTS_AT_ONCE = 64;

export async function openOperations(parts: OperationParts) {
  const { dataDir, log, stack, settings, storage, rendering, paths, unended } = parts;
  const { inputs, quarantine } = storage;
  const store = await openContentStore({
    openLog: (path, onRecord) => openAppendLog(path, onRecord, { onDamage: keepDamage(quarantine, log) }),
    path: join(dataDir, 'content.log'),
    now: systemClock.iso,
  });
  stack.push('content store', () => store.close());
  const { mirror_url, mirror_token } = settings().content;
  const headers = mirror_token === undefined ? {} : { authorization: `Bearer ${mirror_token}` };
  const mirror =
    mirror_url === undefined
      ? null
      : new MirrorQueue({
          store,
          mirror: createHttpMirror(mirror_url, { headers }),
          monotonicMs: systemClock.monotonicMs,
        });
  const content = createContentOperation({
    store,
    mirror,
    now: systemClock.iso,
    inputs,
    limiter: createGatedLimiter(createFixedLimiter(CONTENT_AT_ONCE), rendering.stops),
  });
  const listings = createListingsOperation({
    inputs,
    log,
    clock: systemClock,
    today: () => toLocalDate(new Date()),
    paths,
    unended: () => unended('listings'),
    limiter: createGatedLimiter(createFixedLimiter(POSTS_AT_ONCE), rendering.stops),
  });
  // After the engine: what its last rows became goes into their inventories.
  stack.push('inventories', async () => void (await listings.close()));
  const captions = createCaptionsOperation({
    connection: () => ({ server: settings().captions.server_url, token: settings().captions.token }),
    inputs,
    log,
    paths,
    limiter: createGatedLimiter(createFixedLimiter(POSTS_AT_ONCE), rendering.stops),
  });
  const all: Operation[] = [content, listings, captions];
  return { all, content: { store, mirror } };
}
