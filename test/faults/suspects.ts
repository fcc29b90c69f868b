/**
 * Photos that may have been in a render host when it was killed under a living daemon. A second such death is guilt by the
 * rules, so the host may be killed again only when all of them are through.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ItemResult } from '../../bridge/client/index.ts';
import { isSettled } from '../helpers/oracle/batch-ledger.ts';
import type { Oracle } from '../helpers/oracle.ts';
import type { Life } from './life.ts';

export class Suspects {
  readonly #oracle: Oracle;
  readonly #photos = new Map<string, Set<number>>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  /** After a death of the host, and after a restart: a lost attempt stays counted, one that was given back does not. */
  async note({ client }: Life): Promise<void> {
    const open = [...this.#oracle.batches.values()].filter(
      (batch) => batch.may('running') || batch.may('paused'),
    );
    const pages = await Promise.all(
      open.map(async ({ id }) => ({ id, photos: (await client.batches.photos(id, { limit: 1000 })).photos })),
    );
    for (const { id, photos } of pages)
      for (const photo of photos.filter(isUnderWay)) this.#of(id).add(photo.photo_id);
  }

  /** True once the last of them is through. */
  async through(patienceMs: number): Promise<boolean> {
    const until = performance.now() + patienceMs;
    while (!this.#areThrough()) {
      if (performance.now() > until) return false;
      await delay(10);
    }
    return true;
  }

  #areThrough(): boolean {
    for (const [id, photos] of [...this.#photos]) {
      const heir = this.#oracle.merges.heirOf(id);
      const ledger = this.#oracle.batches.get(heir);
      for (const photo of photos) {
        if (ledger === undefined || ledger.isCancelled || ledger.settled.has(photo)) photos.delete(photo);
        else if (heir !== id) this.#of(heir).add(photo);
      }
      if (photos.size === 0 || heir !== id) this.#photos.delete(id);
    }
    return this.#photos.size === 0;
  }

  #of(batchId: string): Set<number> {
    const photos = this.#photos.get(batchId) ?? new Set<number>();
    this.#photos.set(batchId, photos);
    return photos;
  }
}

function isUnderWay(photo: ItemResult): boolean {
  return !isSettled(photo) && (photo.status === 'in_flight' || photo.attempts > 0);
}
