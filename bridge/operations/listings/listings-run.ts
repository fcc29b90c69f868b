/**
 * What a listings batch does to its rows: hands each to the poster once, says what became of it, and has its status written.
 * That the poster was asked is on disk before it is: what was cut off there is never posted again by itself.
 */
import type {
  BatchView,
  ClaimEnd,
  ClaimedItem,
  Clock,
  ItemInputs,
  ItemView,
  OperationRun,
  PathPolicy,
  PlanTarget,
  UnitEnd,
  UnitResult,
} from '../../batch/ports.ts';
import type { Failure, PlanItem } from '../../contract/index.ts';
import type { Log } from '../../log.ts';
import type { InventoryRow } from './columns.ts';
import type { ListingsConfig } from './config.ts';
import type { Inventories, InventoryBatch } from './inventories.ts';
import { type KeptItem, type ListingItem, toKeptItem } from './listing-item.ts';
import { checkRow, postRow, type RowEnd, toFailure, toUnconfirmed } from './post-row.ts';
import type { Poster } from './poster.ts';
import { toLeftOut, toPostedBefore, toRowFailure, toUnitResult, toWouldBePosted } from './row-result.ts';
import { parseSaveEvery, toSaveInterval } from './save-interval.ts';
import { CUT_OFF, isPosted, isSelected, isUnconfirmed } from './status.ts';

export type ListingsRunParts = {
  inputs: ItemInputs;
  inventories: Inventories;
  clock: Clock;
  log: Log;
  /** `YYYY-MM-DD` as the user's calendar has it. */
  today: () => string;
  /** Absent: every path is allowed. */
  paths?: PathPolicy | undefined;
  /** Told when a row's result is durable; `status`: of its cell. */
  onSettled?: ((settled: { index: number; recordId: string; status: string }) => void) | undefined;
  /** Rows under way, by batch and item. */
  held: Map<string, HeldRow>;
};

/** `end`: its result, on its way to the disk. */
export type HeldRow = { kept: KeptItem; end?: UnitResult };

type Found = { kind: 'row'; row: InventoryRow } | { kind: 'end'; end: RowEnd | null };

/** In place of an attempt: at a try that has its result. */
const EARLIER = 0;

export class ListingsRun implements OperationRun {
  readonly folder = null;
  readonly atOnce: number;
  readonly #parts: ListingsRunParts;
  readonly #config: ListingsConfig;
  readonly #batch: InventoryBatch;
  readonly #toPoster: () => Poster;

  constructor(
    parts: ListingsRunParts,
    { batch, config, toPoster }: { batch: BatchView; config: ListingsConfig; toPoster: () => Poster },
  ) {
    this.#parts = parts;
    this.#config = config;
    const { id, total } = batch;
    this.#batch = { id, total, results: () => batch.results(), sheet: config.sheet };
    this.#toPoster = toPoster;
    this.atOnce = config.concurrent;
  }

  async ready({ folder }: Parameters<OperationRun['ready']>[0]): Promise<Failure | null> {
    // Of a new batch the selection has just looked at the file.
    if (folder === 'new' || this.#config.dry_run) return null;
    return toStorageFailure(await this.#parts.inventories.ready(this.#batch));
  }

  async claim(item: ItemView): Promise<ClaimEnd> {
    const kept = await this.#read(item);
    const file = kept?.item.file;
    if (file !== undefined && !this.#config.dry_run) {
      const failure = toStorageFailure(await this.#parts.inventories.check(this.#batch, file));
      if (failure !== null) return { ok: false, failure, path: null, storage: true };
    }
    if (kept !== null) this.#parts.held.set(this.#key(item), { kept: await this.#renew(item, kept) });
    return { ok: true, name: '', path: null };
  }

  /** What is noted of an earlier try must not be taken for this one's. */
  async #renew({ index }: ItemView, kept: KeptItem): Promise<KeptItem> {
    if (kept.posting === null || kept.posting === EARLIER) return kept;
    const renewed = { item: kept.item, posting: EARLIER };
    await this.#save(index, renewed);
    return renewed;
  }

  #save(index: number, { item, posting }: KeptItem): Promise<void> {
    const note = posting === null ? {} : { n: { posting } };
    return this.#parts.inputs.save(this.#batch.id, [{ i: index, v: item, ...note }]);
  }

  run(unit: readonly ClaimedItem[], signal: AbortSignal): Promise<UnitEnd[]> {
    return Promise.all(unit.map(({ item }) => this.#run(item, signal)));
  }

  async settled(item: ItemView): Promise<void> {
    await this.#recorded(item);
  }

  /** An ad that was posted is there, also when its batch was cancelled meanwhile. */
  async discard(item: ItemView): Promise<void> {
    if (await this.#recorded(item)) return;
    const kept = await this.#read(item);
    if (kept === null || kept.posting !== item.attempt) return;
    const { status_update } = toUnconfirmed(kept.item, CUT_OFF).result;
    await this.#parts.inventories.put(this.#batch, kept.item, status_update);
  }

  async adopt(item: ItemView): Promise<UnitResult | null> {
    const kept = await this.#read(item);
    if (kept === null || kept.posting !== item.attempt) return null;
    const { inventories, clock } = this.#parts;
    await inventories.ready(this.#batch);
    const now = inventories.find(this.#batch, kept.item)?.record.posting_status ?? '';
    // Its status may have been saved together with another row's.
    const isKnown = isPosted(now) && now !== kept.item.record.posting_status;
    const end = isKnown ? toPostedBefore(kept.item, now) : toUnconfirmed(kept.item, CUT_OFF);
    return this.#end(item, kept.item, toUnitResult(end, { t: clock.iso(), ms: 0 }));
  }

  async sweep(): Promise<void> {}

  async rest(at: { isOver: boolean }): Promise<Failure | null> {
    if (this.#config.dry_run) return null;
    return toStorageFailure(await this.#parts.inventories.rest(this.#batch, at));
  }

  async plan({ index, photoId, input }: PlanTarget): Promise<PlanItem> {
    const item = toKeptItem({ i: index, v: input })?.item;
    const shown = { photo_id: photoId, path: null, output_path: null };
    if (item === undefined) return { ...shown, action: 'fail', failure: gone };
    const checked = await this.#check(item);
    if (checked.ok) return { ...shown, action: 'write' };
    return { ...shown, action: 'fail', failure: toRowFailure(checked.code, checked.reason) };
  }

  async #run(view: ItemView, signal: AbortSignal): Promise<UnitEnd> {
    const { clock } = this.#parts;
    const [t, began] = [clock.iso(), clock.monotonicMs()];
    const kept = await this.#read(view);
    if (kept === null) return { kind: 'settled', result: { s: 'failed', t, ms: 0, f: gone } };
    const end = await this.#post(view, kept, signal);
    if (end === null) return { kind: 'stopped' };
    if (end.error !== undefined)
      this.#parts.log.warn({ batch_id: this.#batch.id, item: view.index, err: end.error }, 'a poster threw');
    const ms = Math.round(clock.monotonicMs() - began);
    return { kind: 'settled', result: await this.#end(view, kept.item, toUnitResult(end, { t, ms })) };
  }

  /** Null: stopped before the poster was asked. */
  async #post(view: ItemView, kept: KeptItem, signal: AbortSignal): Promise<RowEnd | null> {
    const { item } = kept;
    const found = this.#find(kept);
    if (found.kind === 'end') return found.end;
    const { row } = found;
    const checked = await this.#check(row);
    if (!checked.ok) return toFailure(row, checked.code, checked.reason);
    if (this.#config.dry_run) return toWouldBePosted(row);
    if (signal.aborted) return null;
    await this.#save(view.index, { item, posting: view.attempt });
    const end = await postRow({
      poster: this.#toPoster(),
      row,
      images: checked.images,
      context: { signal, idempotencyKey: this.#idempotencyKey(view, item) },
      today: this.#parts.today(),
    });
    if (end === null) await this.#save(view.index, kept);
    return end;
  }

  /** The row as it stands in the file: the user, or another run, may have changed it since the batch began. */
  #find({ item, posting }: KeptItem): Found {
    if (item.file === undefined || this.#config.dry_run) return { kind: 'row', row: item };
    const row = this.#parts.inventories.find(this.#batch, item);
    // Not open: it is when the row is claimed again.
    if (row === undefined) return { kind: 'end', end: null };
    if (row === null) {
      return { kind: 'end', end: toFailure(item, 'not_found', 'The row is not in the inventory any more') };
    }
    const now = row.record.posting_status;
    const isAsBefore = now === item.record.posting_status || isSelected(now, 'new');
    // That one was ours, and somebody asked for another try.
    if (isAsBefore || (isUnconfirmed(now) && posting === EARLIER)) return { kind: 'row', row };
    return { kind: 'end', end: toLeftOut(item, now) };
  }

  /** The same for every try at a row by one batch, so that a service can tell a repetition. */
  #idempotencyKey(view: ItemView, { record }: ListingItem): string {
    return `${this.#batch.id}-${view.index + 1}-${record.bucket_truck_id}`;
  }

  #check(row: InventoryRow) {
    const { paths } = this.#parts;
    return checkRow(row, this.#config.images_dir, (path) => paths?.source(path) ?? Promise.resolve(null));
  }

  /** The status is in memory before the result is recorded: it comes with the next save, whatever becomes of the record. */
  async #end(view: ItemView, item: ListingItem, result: UnitResult): Promise<UnitResult> {
    this.#parts.held.set(this.#key(view), { kept: { item, posting: null }, end: result });
    const status = result.d?.status_update;
    const isOurs = result.s !== 'skipped' && !this.#config.dry_run;
    if (typeof status === 'string' && isOurs) await this.#parts.inventories.set(this.#batch, item, status);
    return result;
  }

  /** False when the row had not ended. */
  async #recorded(view: ItemView): Promise<boolean> {
    const { held, inventories, onSettled } = this.#parts;
    const { kept, end } = held.get(this.#key(view)) ?? {};
    held.delete(this.#key(view));
    if (kept === undefined || end === undefined) return false;
    if (kept.item.file !== undefined && !this.#config.dry_run) {
      const interval = toSaveInterval(this.#batch.total, parseSaveEvery(String(this.#config.save_every)));
      await inventories.settled(this.#batch, kept.item.file, interval);
    }
    const { record_id, status_update } = end.d ?? {};
    onSettled?.({ index: view.index, recordId: `${record_id ?? ''}`, status: `${status_update ?? ''}` });
    return true;
  }

  async #read(view: ItemView): Promise<KeptItem | null> {
    const { index } = view;
    const held = this.#parts.held.get(this.#key(view));
    if (held !== undefined) return held.kept;
    return toKeptItem((await this.#parts.inputs.read(this.#batch.id, [index])).get(index));
  }

  #key({ index }: ItemView): string {
    return `${this.#batch.id}:${index}`;
  }
}

const gone: Failure = toRowFailure('invalid_item', 'the record of this item is not on disk any more');

function toStorageFailure(reason: string | null): Failure | null {
  if (reason === null) return null;
  return { code: 'output_not_writable', message: reason, stage: 'write', retryable: true };
}
