/**
 * New batches: from a start body, from a merge. Resolves photos and config first, so that a refusal leaves nothing
 * behind; then one journal write makes the batch and its start durable.
 */
import { randomBytes } from 'node:crypto';
import type { JournalPayload, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { type Batch, createBatch } from './batch.ts';
import type { BatchChange } from './committer.ts';
import { type Core, checkWritable, laneOf, note, openRun } from './core.ts';
import { ItemTable } from './item-table.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Prepared } from './ports.ts';
import { applyPayload } from './reduce.ts';
import { nounOf } from './rest.ts';
import { selectItems } from './select-items.ts';
import { selectPhotos } from './select-photos.ts';
import type { Selection } from './selection.ts';
import { toStateFile } from './state-file.ts';
import { waitingHolds } from './waiting.ts';

/** A batch that is not on disk yet, with what its items are when they are no photos. */
export type DraftBatch = { batch: Batch; inputs: readonly unknown[] };
const INPUTS_A_WRITE = 10_000;

export type Started = { batch_id: string; photo_count: number; warnings: string[] };

export function createBatchId(): string {
  return `batch_${randomBytes(6).toString('hex')}`;
}

/** The batch a body asks for, checked as far as can be without writing anything but photo registrations. */
export async function draftBatch(core: Core, body: StartBody): Promise<DraftBatch> {
  checkWritable(core);
  return draftOver(core, body, (prepared) => {
    const { operation } = laneOf(core, body.operation);
    return operation.select === undefined
      ? selectPhotos(core, body)
      : selectItems(core, { body, operation, prepared });
  });
}

/** As `draftBatch`, over photos selected in another way. */
export async function draftOver(
  core: Core,
  body: StartBody,
  select: (prepared: Prepared) => Promise<Selection>,
): Promise<DraftBatch> {
  const unknown = body.depends_on?.find((other) => core.registry.find(other) === undefined);
  if (unknown !== undefined)
    throw new BridgeError('unprocessable', `depends_on: there is no batch ${unknown}`, { batch_id: unknown });
  const id = createBatchId();
  const { operation } = laneOf(core, body.operation);
  const prepared = await operation.prepare(id, body.config ?? null);
  const selection = await select(prepared);
  const batch = newBatch(core, { id, selection, prepared, body });
  return { batch, inputs: selection.inputs ?? [] };
}

/** Makes a draft durable and, unless it waits for something, starts it. */
export async function launch(
  core: Core,
  lifecycle: Lifecycle,
  { batch, inputs }: DraftBatch,
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
  // Before the batch is: what a crash in between leaves goes at the next start.
  try {
    await saveInputs(core, batch.id, inputs);
    batch.seq = await core.committer.append([...records, ...also.map(({ change }) => change)]);
  } catch (thrown) {
    if (inputs.length > 0) await core.inputs.remove(batch.id).catch(() => undefined);
    throw thrown;
  }
  batch.createdSeq = batch.seq - records.length - also.length + 1;
  if (startsNow) applyPayload(batch, start);
  for (const { batch: other, change } of also) core.committer.apply(other, change, batch.seq);
  core.registry.add(batch);
  core.keeper.touch(batch, batch.createdSeq);
  await core.keeper.save(batch, { sync: false }).catch(() => undefined);
  note(core, batch, `created with ${batch.items.total} ${nounOf(core, batch)}`);
  if (startsNow) core.announcer.lifecycle('batch_started', batch);
  else core.announcer.progress(batch);
  if (startsNow) await lifecycle.serve(batch);
}

/** In pieces: the event loop is free between them. */
async function saveInputs(core: Core, batchId: string, inputs: readonly unknown[]): Promise<void> {
  for (let start = 0; start < inputs.length; start += INPUTS_A_WRITE) {
    const piece = inputs.slice(start, start + INPUTS_A_WRITE);
    await core.inputs.save(
      batchId,
      piece.map((v, offset) => ({ i: start + offset, v })),
    );
  }
}

type Draft = { id: string; selection: Selection; prepared: Prepared; body: StartBody };

export function newBatch(core: Core, { id, selection, prepared, body }: Draft): Batch {
  const now = core.clock.iso();
  const wish = { startAt: body.start_at, dependsOn: body.depends_on ?? [], runWindow: body.run_window };
  return createBatch({
    id,
    items: new ItemTable(selection.ids, selection.refs, selection.units),
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
    warnings: [...prepared.warnings, ...(selection.warnings ?? [])],
    warningsCount: 0,
    recipe: prepared.recipe,
    recipeHash: prepared.recipeHash,
    resultsFolder: undefined,
    mergedFrom: [],
    ...wish,
    onUnknown: body.on_unknown,
    idempotency: undefined,
    interrupted: undefined,
    webhook: body.webhook,
    taskIds: [],
    extra: {},
    seq: 0,
    createdSeq: 0,
  });
}
