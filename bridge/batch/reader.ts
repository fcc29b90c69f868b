/** Reading: status, lists, item results. Never changes anything. */
import type {
  BatchDetail,
  BatchStatus,
  BatchStatusObject,
  ItemResult,
  ItemStatus,
  OperationName,
} from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { BatchSummary, Page } from './api.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun, statusContext, takesPhotos } from './core.ts';
import { parseCursor } from './registry.ts';
import { toItemResult, toStatus } from './status.ts';

const ROWS_A_READ = 500;
/** Items looked at before the event loop gets its turn, when a filter matches few. */
const SCAN_STEP = 50_000;

export class Reader {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  status(batch: Batch): BatchStatusObject {
    return toStatus(batch, statusContext(this.#core, batch));
  }

  detail(batch: Batch): BatchDetail {
    return { ...this.status(batch), config: batch.config };
  }

  *ofOperation(operation: OperationName): Generator<BatchSummary> {
    for (const batch of this.#core.registry.all()) {
      if (batch.operation !== operation) continue;
      const { id, createdAt, config, items } = batch;
      const refs = items.refs ?? Array.from(items.ids, () => null);
      yield { batch_id: id, created_at: createdAt, config, refs };
    }
  }

  async waitForChange(
    batch: Batch,
    since: number,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<BatchStatusObject> {
    const timeout = AbortSignal.timeout(Math.ceil(waitMs));
    const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    while (batch.eventSeq <= since && !ended.aborted) await this.#core.announcer.nextChange(batch, ended);
    return this.status(batch);
  }

  list(query: Page & { status?: BatchStatus | undefined }): {
    batches: BatchStatusObject[];
    count: number;
    next_cursor?: string;
  } {
    const page = this.#core.registry.page({ status: query.status, limit: query.limit, cursor: query.cursor });
    return {
      batches: page.batches.map((batch) => this.status(batch)),
      count: page.count,
      ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
    };
  }

  async photos(
    batch: Batch,
    query: Page & { status?: ItemStatus | undefined },
  ): Promise<{ photos: ItemResult[]; next_cursor: string | null }> {
    const indices: number[] = [];
    let index = query.cursor === undefined ? 0 : parseCursor(query.cursor, batch.items.total);
    for (; index < batch.items.total && indices.length < query.limit; index += 1) {
      if (index % SCAN_STEP === SCAN_STEP - 1) await nextTurn();
      if (query.status === undefined || batch.items.status(index) === query.status) indices.push(index);
    }
    const photos = await this.#toResults(batch, indices);
    return { photos, next_cursor: index < batch.items.total ? String(index) : null };
  }

  async *results(batch: Batch): AsyncGenerator<ItemResult> {
    for (let start = 0; start < batch.items.total; start += ROWS_A_READ) {
      const count = Math.min(ROWS_A_READ, batch.items.total - start);
      yield* await this.#toResults(
        batch,
        Array.from({ length: count }, (_, offset) => start + offset),
      );
    }
  }

  async #toResults(batch: Batch, indices: readonly number[]): Promise<ItemResult[]> {
    const stored = await this.#core.keeper.results(
      batch,
      indices.filter((index) => batch.items.isSettled(index)),
    );
    const folder = this.#folderOf(batch);
    const isOfPhotos = takesPhotos(this.#core, batch);
    const paths = await Promise.all(
      indices.map((index) => (isOfPhotos ? this.#core.photos.path(batch.items.ids[index] ?? 0) : null)),
    );
    return indices.map((index, place) =>
      toItemResult({ batch, index, path: paths[place] ?? null, stored: stored.get(index), folder }),
    );
  }

  #folderOf(batch: Batch): string | null {
    try {
      return batch.resultsFolder ?? openRun(this.#core, batch).folder;
    } catch (thrown) {
      // A foreign state file may hold a config this version cannot parse; its results can still be read.
      if (thrown instanceof BridgeError) return null;
      throw thrown;
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
