/** Dry run: what a start with this body would do, photo by photo. Writes nothing, registers nothing. */
import type { PlanItem, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { BatchApi } from './api.ts';
import { type Core, laneOf, openRun } from './core.ts';
import type { PlanTarget, Prepared } from './ports.ts';
import { selectItems } from './select-items.ts';
import { badPath, emptyFolder, selectIds } from './select-photos.ts';
import { checkCount } from './selection.ts';
import { draftOver } from './start.ts';

type Target = Omit<PlanTarget, 'index'>;

export async function planBatch(core: Core, body: StartBody): Promise<Awaited<ReturnType<BatchApi['plan']>>> {
  const targets: Target[] = [];
  const { batch } = await draftOver(core, body, async (prepared) => {
    targets.push(...(await findTargets(core, body, prepared)));
    checkCount(core, targets.length);
    return { ids: new Float64Array(targets.length), refs: null };
  });
  const run = openRun(core, batch);
  const counts: Record<PlanItem['action'], number> = { write: 0, overwrite: 0, skip: 0, fail: 0, compare: 0 };
  const items: PlanItem[] = [];
  for (const [index, target] of targets.entries()) {
    const item = await run.plan({ index, ...target });
    counts[item.action] += 1;
    items.push(item);
  }
  return { items, counts, warnings: batch.warnings };
}

async function findTargets(core: Core, body: StartBody, prepared: Prepared): Promise<Target[]> {
  const { photos } = core;
  const { operation } = laneOf(core, body.operation);
  if (operation.select !== undefined) {
    const { ids, inputs = [] } = await selectItems(core, { body, operation, prepared });
    return inputs.map((input, index) => ({ photoId: ids[index] ?? null, path: null, input }));
  }
  if (body.photo_ids !== undefined) {
    const { ids } = selectIds(core, body.photo_ids, body.on_unknown);
    return Promise.all(Array.from(ids, async (photoId) => ({ photoId, path: await photos.path(photoId) })));
  }
  if (body.photos !== undefined) return findFiles(core, body.photos, body.on_unknown);
  if (body.select === undefined) throw new BridgeError('bad_request', 'photo_ids is required');
  const found = await photos.findFolder(body.select.folder, body.select.glob);
  if (found.length === 0) throw emptyFolder(body.select.folder);
  return [...found];
}

async function findFiles(
  core: Core,
  files: NonNullable<StartBody['photos']>,
  onUnknown: StartBody['on_unknown'],
): Promise<Target[]> {
  const found = await core.photos.find(files.map(({ path }) => path));
  const targets = new Map<string, Target>();
  for (const [place, photo] of found.entries()) {
    if ('reason' in photo && onUnknown === 'fail') throw badPath(place, photo);
    // The same file twice counts once.
    if (!targets.has(photo.path))
      targets.set(photo.path, 'reason' in photo ? { photoId: null, ...photo } : photo);
  }
  return [...targets.values()];
}
