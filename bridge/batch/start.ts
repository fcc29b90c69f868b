/**
 * New batches: from a start body, from a merge. Resolves photos and config first, so that a refusal leaves nothing
 * behind; then one journal write makes the batch and its start durable.
 */
import { randomBytes } from 'node:crypto';
import type { JournalPayload, Ref, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { type Batch, createBatch } from './batch.ts';
import type { BatchChange } from './committer.ts';
import { type Core, checkWritable, laneOf, note, openRun } from './core.ts';
import { distinctIds } from './distinct-ids.ts';
import { ItemTable } from './item-table.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Prepared } from './ports.ts';
import { applyPayload } from './reduce.ts';
import { toStateFile } from './state-file.ts';
import { waitingHolds } from './waiting.ts';

export type Selection = { ids: Float64Array; refs: (Ref | null)[] | null };
export type Started = { batch_id: string; photo_count: number; warnings: string[] };

export function createBatchId(): string {
  return `batch_${randomBytes(6).toString('hex')}`;
}

/** The batch a body asks for, checked as far as can be without writing anything but photo registrations. */
export async function draftBatch(core: Core, body: StartBody): Promise<Batch> {
  checkWritable(core);
  return draftOver(core, body, () => selectPhotos(core, body));
}

/** As `draftBatch`, over photos selected in another way. */
export async function draftOver(
  core: Core,
  body: StartBody,
  select: () => Promise<Selection>,
): Promise<Batch> {
  const unknown = body.depends_on?.find((other) => core.registry.find(other) === undefined);
  if (unknown !== undefined)
    throw new BridgeError('unprocessable', `depends_on: there is no batch ${unknown}`, { batch_id: unknown });
  const id = createBatchId();
  const { operation } = laneOf(core, body.operation);
  const prepared = await operation.prepare(id, body.config ?? null);
  const selection = await select();
  return newBatch(core, { id, selection, prepared, body });
}

/** Makes a draft durable and, unless it waits for something, starts it. */
export async function launch(
  core: Core,
  lifecycle: Lifecycle,
  batch: Batch,
  also: readonly { batch: Batch; change: BatchChange }[] = [],
): Promise<void> {
  if (batch.status === 'pending') {
    const failure = await openRun(core, batch).ready({ next: null, folder: 'new' });
    if (failure !== null) {
      const code = failure.code === 'output_full' ? 'disk_full' : 'output_not_writable';
      throw new BridgeError(code, failure.message, { failure });
    }
  }
  const startsNow = batch.status === 'pending' && batch.holds.length === 0;
  const start = { k: 'action', b: batch.id, action: 'start', at: core.clock.iso() } as const;
  const created = { k: 'created', b: batch.id, file: toStateFile(batch) } as const;
  const records: JournalPayload[] = [created, ...(startsNow ? [start] : [])];
  batch.seq = await core.committer.append([...records, ...also.map(({ change }) => change)]);
  batch.createdSeq = batch.seq - records.length - also.length + 1;
  if (startsNow) applyPayload(batch, start);
  for (const { batch: other, change } of also) core.committer.apply(other, change, batch.seq);
  core.registry.add(batch);
  core.keeper.touch(batch, batch.createdSeq);
  await core.keeper.save(batch, { sync: false }).catch(() => undefined);
  note(core, batch, `created with ${batch.items.total} photos`);
  if (startsNow) core.announcer.lifecycle('batch_started', batch);
  else core.announcer.progress(batch);
  if (startsNow) await lifecycle.serve(batch);
}

type Draft = { id: string; selection: Selection; prepared: Prepared; body: StartBody };

export function newBatch(core: Core, { id, selection, prepared, body }: Draft): Batch {
  const now = core.clock.iso();
  const wish = { startAt: body.start_at, dependsOn: body.depends_on ?? [], runWindow: body.run_window };
  return createBatch({
    id,
    items: new ItemTable(selection.ids, selection.refs),
    sessionId: body.session_id ?? null,
    operation: body.operation,
    createdAt: now,
    status: 'pending',
    startedAt: null,
    pausedAt: null,
    completedAt: null,
    config: prepared.config,
    priority: body.priority,
    error: undefined,
    holds: waitingHolds(core.registry, wish, { now: core.clock.wallMs(), since: now }),
    warnings: prepared.warnings,
    warningsCount: 0,
    recipe: prepared.recipe,
    recipeHash: prepared.recipeHash,
    resultsFolder: undefined,
    mergedFrom: [],
    ...wish,
    onUnknown: body.on_unknown,
    idempotency: undefined,
    interrupted: undefined,
    taskIds: [],
    extra: {},
    seq: 0,
    createdSeq: 0,
  });
}

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

export function checkCount(core: Core, count: number): void {
  if (count <= core.maxPhotos) return;
  const text = `${count} photos are more than one batch may have: ${core.maxPhotos} (setting limits.photos_per_batch)`;
  throw new BridgeError('unprocessable', text);
}
