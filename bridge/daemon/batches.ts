/** What batches are about: presets, photos, operations, and the engine that runs them. */
import { join } from 'node:path';
import { createEngine } from '../batch/engine.ts';
import { createContentService } from '../operations/content/service.ts';
import { createDevelopOperation } from '../operations/develop/operation.ts';
import { toPathRules } from '../photos/path-rules.ts';
import { openPhotos } from '../photos/photos.ts';
import { createPresetCatalog } from '../presets/catalog.ts';
import { systemClock } from '../resources/clock.ts';
import { openAppendLog } from '../store/append-log.ts';
import { keepDamage } from '../store/batch-store.ts';
import { createRecipeFiles } from '../store/recipe-files.ts';
import { programVersion } from '../version.ts';
import { loadWebhookSecret } from '../webhooks/secret.ts';
import { createWebhookSender } from '../webhooks/sender.ts';
import { type Base, toSourceLimits } from './base.ts';
import { openOperations } from './operations.ts';
import type { Rendering } from './rendering.ts';
import type { Storage } from './storage.ts';
import { unendedBatches } from './unended.ts';

export type BatchesParts = Base & { storage: Storage; rendering: Rendering };
export type Batches = Awaited<ReturnType<typeof openBatches>>;

export async function openBatches(parts: BatchesParts) {
  const { dataDir, log, stack, settings, storage, rendering } = parts;
  const { events, outputs } = storage;
  const presets = await createPresetCatalog({
    folder: join(dataDir, 'presets'),
    recipes: createRecipeFiles(join(dataDir, 'recipes')),
    log,
    onChange: (change) => events.publish({ type: 'preset_changed', ...change }),
  });
  stack.push('presets', () => presets.close());
  const photos = await openPhotos({
    dataDir,
    libraryFolders: settings().library.folders,
    pathRules: () => toPathRules(settings(), dataDir),
    proofLimits: () => toSourceLimits(settings()),
    openLog: (path, onRecord) =>
      openAppendLog(path, onRecord, { onDamage: keepDamage(storage.quarantine, log) }),
    executor: rendering.executor,
    presets,
    events,
    log,
    wallMs: systemClock.wallMs,
  });
  stack.push('photos', () => photos.close());
  const develop = createDevelopOperation({
    executor: rendering.executor,
    photos: photos.source,
    presets,
    files: outputs.files,
    sources: outputs.sources,
    paths: photos.policy,
    clock: systemClock,
    limits: toSourceLimits(settings()),
    rawEngine: () => settings().raw.engine,
    limiter: rendering.limiter,
    outputsDir: join(dataDir, 'outputs'),
  });
  // So that receivers can be given it before the first webhook. Without it a webhook waits, no more.
  await loadWebhookSecret(settings().webhooks.secret, dataDir).catch((thrown: unknown) =>
    log.error({ err: thrown }, 'webhooks cannot be signed'),
  );
  const operations = await openOperations({
    ...parts,
    paths: photos.policy,
    unended: (operation) => unendedBatches(engine.api, operation),
  });
  const engine = createEngine({
    store: storage.store,
    inputs: storage.inputs,
    loaded: storage.loaded,
    photos: photos.source,
    operations: [develop, ...operations.all],
    events,
    clock: systemClock,
    log,
    settings: settings(),
    webhookSender: createWebhookSender({
      dataDir,
      secret: () => settings().webhooks.secret,
      version: programVersion,
      wallMs: systemClock.wallMs,
      log,
    }),
    clockHistory: storage.history,
    safeMode: rendering.safeMode,
    unseenDeaths: rendering.unseenDeaths,
    onPhotosForgotten: (photoIds) => photos.forgetThumbnails(photoIds),
  });
  const content = createContentService({ batches: engine.api, ...operations.content });
  return { presets, photos, engine, content };
}
