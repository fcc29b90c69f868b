/** One batch of a storage scene on a daemon it may share with others, and what is asked of it. It breaks nothing itself. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchStatusObject, BridgeClient, ItemResult, StartRequest } from '../../bridge/client/index.ts';
import { makePhotos } from '../e2e/support.ts';
import type { Figures } from './campaign.ts';

const PATIENCE_MS = 60_000;
/** A hold lifts by itself this long after its cause has gone. */
const LIFT_MS = 10_000;
export const PHOTOS = 24;

export type StageParts = {
  name: string;
  /** Of this scene alone. */
  root: string;
  figures: Figures;
  /** Of the daemon as it lives now. */
  client: () => BridgeClient;
};

export class Stage {
  readonly root: string;
  readonly client: () => BridgeClient;
  readonly #name: string;
  readonly #figures: Figures;
  #out = '';
  batchId = '';

  constructor({ name, root, figures, client }: StageParts) {
    this.#name = name;
    this.root = root;
    this.#figures = figures;
    this.client = client;
  }

  check(isTrue: boolean, sentence: string): void {
    if (!isTrue) this.#figures.problems.push(`${this.#name}: ${sentence}`);
  }

  /** Photos in a folder of their own; answers their paths. */
  async photos(folder = join(this.root, 'photos'), count = PHOTOS): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    return makePhotos(folder, count, { width: 1000, height: 700 });
  }

  /** Starts the batch and waits until a few of its photos are done. */
  async begin(out: string, photos: readonly string[], more: Partial<StartRequest> = {}): Promise<void> {
    this.#out = out;
    const { config, ...rest } = more;
    const { batch_id } = await this.client().batches.start({
      photos: photos.map((path) => ({ path })),
      config: { ...config, output: { folder: out, ...(config?.output as object) } },
      ...rest,
    });
    this.batchId = batch_id;
    await this.until((status) => status.processed_count >= 3);
  }

  status(): Promise<BatchStatusObject> {
    return this.client().batches.status(this.batchId);
  }

  async until(
    isReached: (status: BatchStatusObject) => boolean,
    ms = PATIENCE_MS,
  ): Promise<BatchStatusObject> {
    const end = performance.now() + ms;
    for (;;) {
      const status = await this.status();
      if (isReached(status)) return status;
      if (performance.now() > end)
        throw new Error(`${this.#name}: waited in vain: ${JSON.stringify(status)}`);
      await delay(25);
    }
  }

  /** The trouble shows as a hold that says what to do, and as nothing else. */
  async held(says: RegExp): Promise<void> {
    const status = await this.until(
      ({ holds, in_flight_count, status: now }) =>
        (isHeld(holds) && in_flight_count === 0) || now !== 'running',
    );
    const reason = await this.#reasonThat(says, status);
    this.check(status.status === 'running', `the batch is ${status.status}, not running`);
    this.check(says.test(reason), `the hold says "${reason}"`);
    this.check(status.failed_count === 0, `${status.failed_count} photos failed`);
    this.check(status.pending_count > 0, 'the trouble came when nothing was left to do');
    this.#figures.faults += 1;
  }

  /** The first look may fall into the moment between two causes: the next one must name the one that stays. */
  async #reasonThat(says: RegExp, first: BatchStatusObject): Promise<string> {
    const end = performance.now() + LIFT_MS;
    for (let status = first; ; status = await this.status()) {
      const reason = status.holds.find(({ owner }) => owner === 'storage')?.reason ?? '';
      if (says.test(reason) || performance.now() > end) return reason;
      await delay(25);
    }
  }

  /** After its cause has gone. */
  async lifted(): Promise<void> {
    await this.until(({ holds }) => !isHeld(holds), LIFT_MS + 2000);
  }

  async completed(failed = 0): Promise<Map<string, ItemResult>> {
    const end = await this.until(({ status }) => !['running', 'pending'].includes(status));
    this.check(end.status === 'completed', `it ended ${end.status}`);
    this.check(end.failed_count === failed, `${end.failed_count} photos failed, not ${failed}`);
    const results = new Map<string, ItemResult>();
    for await (const photo of this.client().batches.eachPhoto(this.batchId)) {
      if (photo.output !== undefined && photo.output !== null) results.set(photo.output.path, photo);
    }
    return results;
  }

  /** Every photo has one whole file, and there is nothing else. `lost`: how many went with a folder that was removed. */
  async exactlyOnce({ lost = 0, failed = 0 } = {}): Promise<void> {
    const results = await this.completed(failed);
    const names = await readdir(this.#out);
    const [temps, files] = [names.filter(isTemp), names.filter((name) => !isTemp(name))];
    this.#figures.orphanTemps += temps.length;
    const missing = [...results.keys()].filter(
      (path) => !files.some((name) => join(this.#out, name) === path),
    );
    this.check(missing.length === lost, `${missing.length} outputs are missing, not ${lost}`);
    this.#figures.lostPhotos += Math.max(0, missing.length - lost);
    for (const name of files) await this.#compare(name, results.get(join(this.#out, name)));
  }

  async #compare(name: string, result: ItemResult | undefined): Promise<void> {
    if (result === undefined) {
      this.#figures.doubleWrites += 1;
      this.check(false, `${name} is nobody's`);
      return;
    }
    const bytes = await readFile(join(this.#out, name));
    if (createHash('sha256').update(bytes).digest('hex') === result.output?.sha256) return;
    this.#figures.partialFiles += 1;
    this.check(false, `${name} is not what its result says`);
  }

  /** Nothing is written in a wrong place. */
  async empty(folder: string): Promise<void> {
    const names = await readdir(folder);
    this.check(names.length === 0, `${folder} holds ${names.join(', ')}`);
  }

  /** How often it was held so far. */
  async holdCount(): Promise<number> {
    const { lines } = await this.client().batches.log(this.batchId);
    return lines.filter(({ message }) => message.startsWith('held by storage')).length;
  }
}

function isHeld(holds: BatchStatusObject['holds']): boolean {
  return holds.some(({ owner }) => owner === 'storage');
}

function isTemp(name: string): boolean {
  return name.startsWith('.pb-');
}
