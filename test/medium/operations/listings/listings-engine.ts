/** The real engine over inventories, without a daemon, and what a crash of it would leave. */
import { copyFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import type { BatchStatusObject, ItemResult, StartBody } from '../../../../bridge/contract/index.ts';
import { unendedBatches } from '../../../../bridge/daemon/unended.ts';
import { type EmbeddedEngine, openEmbeddedEngine } from '../../../../bridge/embedded/engine.ts';
import { createLog } from '../../../../bridge/log.ts';
import {
  createListingsOperation,
  type ListingsOperation,
  type ListingsParts,
} from '../../../../bridge/operations/listings/operation.ts';
import type { Poster } from '../../../../bridge/operations/listings/poster.ts';
import { systemClock } from '../../../../bridge/resources/clock.ts';
import { createFixedLimiter } from '../../../../bridge/resources/fixed-limiter.ts';

export const TODAY = '2026-11-22';
export const POSTED = `Posted ${TODAY}`;
export const UNCONFIRMED = 'Unconfirmed: cut off while posting; clear this cell if the ad is not there';

export type ListingsEngine = EmbeddedEngine & {
  dataDir: string;
  operation: ListingsOperation;
  start(file: string, config?: Record<string, unknown>, more?: Partial<StartBody>): Promise<string>;
  /** Resolves when this is true of the batch. */
  until(id: string, wanted: (status: BatchStatusObject) => boolean): Promise<BatchStatusObject>;
  ended(id: string): Promise<BatchStatusObject>;
  items(id: string): Promise<ItemResult[]>;
  end(): Promise<void>;
};

/** To be called once at the top of a test file: answers how to open one. */
export function useListings() {
  const open: ListingsEngine[] = [];
  afterEach(async () => {
    for (const engine of open.splice(0)) await engine.end();
  });
  return async (
    postAd: Poster['postAd'],
    options: { dataDir?: string } & Partial<ListingsParts> = {},
  ): Promise<ListingsEngine> => {
    const engine = await openListings(postAd, options);
    open.push(engine);
    return engine;
  };
}

async function openListings(
  postAd: Poster['postAd'],
  {
    dataDir = mkdtempSync(join(tmpdir(), 'listings-data-')),
    ...parts
  }: { dataDir?: string } & Partial<ListingsParts>,
): Promise<ListingsEngine> {
  const log = createLog('silent');
  const made: ListingsOperation[] = [];
  const engine: EmbeddedEngine = await openEmbeddedEngine({
    dataDir,
    log,
    operation({ inputs }) {
      const operation = createListingsOperation({
        inputs,
        log,
        clock: systemClock,
        today: () => TODAY,
        limiter: createFixedLimiter(4),
        poster: { postAd },
        unended: () => unendedBatches(engine.api, 'listings'),
        ...parts,
      });
      made.push(operation);
      return operation;
    },
  });
  const operation = made[0]!;
  const until: ListingsEngine['until'] = async (id, wanted) => {
    for (let status = engine.api.status(id); ; status = await engine.api.waitForChange(id, status.seq, 1000))
      if (wanted(status)) return status;
  };
  return {
    ...engine,
    dataDir,
    operation,
    until,
    async start(file, config = {}, more = {}) {
      const images_dir = join(dirname(file), 'images');
      const body = {
        file,
        config: { poster: 'test', images_dir, ...config },
        operation: 'listings',
      } as const;
      const start = { priority: 5, on_unknown: 'fail', ...body, ...more } as StartBody;
      return (await engine.api.start(start, {})).batch_id;
    },
    ended: (id) => until(id, ({ completed_at }) => completed_at !== null),
    async items(id) {
      const items: ItemResult[] = [];
      for await (const item of engine.api.results(id)) items.push(item);
      return items;
    },
    async end() {
      await engine.close(0);
      await operation.close();
    },
  };
}

/** What a crash at this very moment would leave: copies of the data folder and of the inventory. */
export function crashCopy({ dataDir }: { dataDir: string }, file: string) {
  const copy = mkdtempSync(join(tmpdir(), 'listings-crash-'));
  cpSync(dataDir, join(copy, 'data'), {
    recursive: true,
    filter: (path) => basename(path) !== 'daemon.lock',
  });
  copyFileSync(file, join(copy, 'inventory'));
  return {
    dataDir: join(copy, 'data'),
    /** The user's file as it was then. */
    putBack: () => copyFileSync(join(copy, 'inventory'), file),
  };
}
