/**
 * Between a Batch and its state file (the seed's 15 keys, then ours). Chunks are made from a frozen copy, so that the
 * file is one consistent moment however long it takes to write. Touches no disk.
 */
import {
  type FailureCode,
  failureCodes,
  STATE_SCHEMA,
  type StateFile,
  stateFileSchema,
} from '../contract/index.ts';
import { type Batch, createBatch } from './batch.ts';
import { toIdList } from './distinct-ids.ts';
import { type FrozenItems, type ItemCounts, ItemTable, itemStateCode } from './item-table.ts';
import { isTerminal } from './machine.ts';

const IDS_A_CHUNK = 8192;

/** The batch's JSON text without the closing brace, in chunks. The copy is taken now, the text while it is pulled. */
export function toStateChunks(batch: Batch): Iterable<string> {
  const items = batch.items.freeze();
  const head = headOf(batch, batch.items.counts());
  return stateChunks(head, items);
}

function* stateChunks(head: ReturnType<typeof headOf>, items: FrozenItems): Generator<string> {
  yield `{\n  "batch_id": ${JSON.stringify(head.before.batch_id)},\n  "session_id": ${JSON.stringify(head.before.session_id)}`;
  yield* idList('photo_ids', items, () => true);
  const { processed, failed, skipped } = itemStateCode;
  yield* idList('processed_photo_ids', items, (state) => state === processed || state === skipped);
  yield* idList('failed_photo_ids', items, (state) => state === failed);
  for (const [key, value] of Object.entries({ ...head.after, ...sparseItems(items) })) {
    if (value !== undefined) yield* member(key, value);
  }
}

/** Long lists in pieces: the event loop is free between them. */
function* member(key: string, value: unknown): Generator<string> {
  yield `,\n  ${JSON.stringify(key)}: `;
  if (!Array.isArray(value) || value.length <= IDS_A_CHUNK) return yield JSON.stringify(value);
  for (let start = 0; start < value.length; start += IDS_A_CHUNK) {
    const piece = JSON.stringify(value.slice(start, start + IDS_A_CHUNK));
    yield `${start === 0 ? '[' : ','}${piece.slice(1, -1)}`;
  }
  yield ']';
}

function* idList(key: string, items: FrozenItems, wanted: (state: number) => boolean): Generator<string> {
  yield `,\n  "${key}": [`;
  let separator = '';
  for (let start = 0; start < items.ids.length; start += IDS_A_CHUNK) {
    const ids: number[] = [];
    for (let index = start; index < Math.min(start + IDS_A_CHUNK, items.ids.length); index += 1) {
      if (wanted(items.state[index] ?? 0)) ids.push(items.ids[index] ?? 0);
    }
    if (ids.length === 0) continue;
    yield separator + ids.join(', ');
    separator = ', ';
  }
  yield ']';
}

/** What the id lists cannot say, by item index; absent when there is nothing to say. */
function sparseItems(items: FrozenItems): Partial<StateFile> {
  const skipped: number[] = [];
  const attempts: [number, number][] = [];
  const failures: Partial<Record<FailureCode, number[]>> = {};
  for (let index = 0; index < items.ids.length; index += 1) {
    const state = items.state[index] ?? 0;
    const settled = state >= itemStateCode.processed;
    if (state === itemStateCode.skipped) skipped.push(index);
    if (state === itemStateCode.failed) {
      const code = failureCodes[(items.failure[index] ?? 0) - 1] ?? 'internal';
      const list = failures[code] ?? [];
      failures[code] = list;
      list.push(index);
    }
    if (items.attempts[index] !== (settled ? 1 : 0)) attempts.push([index, items.attempts[index] ?? 0]);
  }
  const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
  return {
    _skipped: some(skipped),
    _attempts: some(attempts),
    _crashes: some(items.crashes),
    _claims: some(
      items.claims.map(([index, claim]) => [index, claim.attempt, claim.name] as [number, number, string]),
    ),
    _failures: Object.keys(failures).length > 0 ? failures : undefined,
    _refs: items.refs?.some((ref) => ref !== null) ? [...items.refs] : undefined,
    _units: items.units === null ? undefined : [...items.units.sizes],
  };
}

function headOf(batch: Batch, counts: ItemCounts) {
  return {
    before: { batch_id: batch.id, session_id: batch.sessionId },
    after: {
      status: batch.status,
      created_at: batch.createdAt,
      started_at: batch.startedAt,
      paused_at: batch.pausedAt,
      completed_at: batch.completedAt,
      total_photos: batch.items.total,
      processed_count: counts.processed,
      failed_count: counts.failed,
      config: batch.config,
      task_ids: batch.taskIds,
      ...batch.extra,
      ...ownKeys(batch),
    },
  };
}

function ownKeys(batch: Batch): Partial<StateFile> {
  return {
    _schema: STATE_SCHEMA,
    _seq: batch.seq,
    _created_seq: batch.createdSeq > 0 ? batch.createdSeq : undefined,
    _operation: batch.operation,
    _priority: batch.priority,
    _holds: batch.holds.length > 0 ? batch.holds : undefined,
    _warnings: batch.warnings.length > 0 ? batch.warnings : undefined,
    _warnings_count: batch.warningsCount > 0 ? batch.warningsCount : undefined,
    _error: batch.error,
    _start_at: batch.startAt,
    _depends_on: batch.dependsOn.length > 0 ? batch.dependsOn : undefined,
    _run_window: batch.runWindow,
    _on_unknown: batch.onUnknown === 'fail' ? undefined : batch.onUnknown,
    _recipe: batch.recipe,
    _recipe_hash: batch.recipeHash,
    _results_folder: batch.resultsFolder,
    _merged_from: batch.mergedFrom.length > 0 ? batch.mergedFrom : undefined,
    _idempotency: batch.idempotency,
    _interrupted: batch.interrupted,
    _webhook: batch.webhook,
  };
}

/** The whole state file of a batch that has not begun, as one value for its `created` record. */
export function toStateFile(batch: Batch): StateFile {
  const head = headOf(batch, batch.items.counts());
  return {
    ...head.before,
    photo_ids: toIdList(batch.items.ids),
    processed_photo_ids: [],
    failed_photo_ids: [],
    ...head.after,
    ...sparseItems(batch.items.freeze()),
  };
}

/** A batch from its state file: ours, or the seed's form (no `_schema`). Items in flight come back as open claims. */
export function fromStateFile(file: StateFile): Batch {
  const items = new ItemTable(
    Float64Array.from(file._schema === undefined ? unique(file.photo_ids) : file.photo_ids),
    file._refs ?? null,
    file._units ?? null,
  );
  settleListed(items, file);
  for (const [index, attempts] of file._attempts ?? []) items.setAttempts(index, attempts);
  for (const [index, crashes] of file._crashes ?? []) items.crashes.set(index, crashes);
  for (const [index, attempt, name] of file._claims ?? []) {
    if (index < 0 || index >= items.total || items.isSettled(index)) continue;
    items.claim(index, { attempt, name });
    if (isTerminal(file.status)) items.withdraw(index);
  }
  return createBatch({
    id: file.batch_id,
    items,
    sessionId: file.session_id,
    operation: file._operation ?? 'develop',
    createdAt: toUtc(file.created_at),
    status: file.status,
    startedAt: file.started_at === null ? null : toUtc(file.started_at),
    pausedAt: file.paused_at === null ? null : toUtc(file.paused_at),
    completedAt: file.completed_at === null ? null : toUtc(file.completed_at),
    config: file.config,
    priority: file._priority ?? 5,
    error: file._error,
    holds: file._holds ?? [],
    warnings: file._warnings ?? [],
    warningsCount: file._warnings_count ?? 0,
    recipe: file._recipe,
    recipeHash: file._recipe_hash,
    resultsFolder: file._results_folder,
    mergedFrom: file._merged_from ?? [],
    startAt: file._start_at,
    dependsOn: file._depends_on ?? [],
    runWindow: file._run_window,
    onUnknown: file._on_unknown ?? 'fail',
    idempotency: file._idempotency,
    interrupted: file._interrupted,
    webhook: file._webhook,
    taskIds: file.task_ids,
    extra: extraKeys(file),
    seq: file._seq ?? 0,
    createdSeq: file._created_seq ?? 0,
  });
}

/** Times on the wire are UTC with `Z`; the original wrote the same without it. Text that is no time stays as it is. */
function toUtc(time: string): string {
  if (time.endsWith('Z')) return time;
  const date = new Date(/[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`);
  return Number.isNaN(date.getTime()) ? time : date.toISOString();
}

const knownKeys = new Set([...Object.keys(stateFileSchema.shape), '_sum']);

function extraKeys(file: StateFile): Record<string, unknown> {
  return Object.fromEntries(Object.entries(file).filter(([key]) => !knownKeys.has(key)));
}

/** The lists name ids; ours name them in item order, so walking beats a map. Foreign files may be in any order. */
function settleListed(items: ItemTable, file: StateFile): void {
  const skipped = new Set(file._skipped);
  const codes = new Map<number, FailureCode>();
  for (const [code, indices] of Object.entries(file._failures ?? {}) as [FailureCode, number[]][]) {
    for (const index of indices) codes.set(index, code);
  }
  const find = indexFinder(items.ids);
  for (const id of file.processed_photo_ids) {
    const index = find(id);
    if (index !== undefined) items.settle(index, skipped.has(index) ? 'skipped' : 'processed', 1);
  }
  const findFailed = indexFinder(items.ids);
  for (const id of file.failed_photo_ids) {
    const index = findFailed(id);
    if (index !== undefined && !items.isSettled(index)) {
      items.settle(index, 'failed', 1, codes.get(index) ?? 'internal');
    }
  }
}

/** Index of an id: the next match in order when there is one, else by a map built once. */
function indexFinder(ids: Float64Array): (id: number) => number | undefined {
  let cursor = 0;
  let map: Map<number, number> | null = null;
  return (id) => {
    if (map === null) {
      const found = ids.indexOf(id, cursor);
      if (found >= 0) {
        cursor = found + 1;
        return found;
      }
      map = new Map(Array.from(ids, (value, index) => [value, index]));
    }
    return map.get(id);
  };
}

/** Each id once, first place kept. */
export function unique(ids: readonly number[]): number[] {
  return [...new Set(ids)];
}
