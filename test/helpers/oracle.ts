/**
 * Remembers what a daemon acknowledged of one batch, in answers and events, and what its output folder showed, over many
 * lives of the daemon; says what a later life has forgotten, changed or done twice. It never talks to a batch itself.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchStatusObject, BridgeClient, ItemResult } from '../../bridge/client/index.ts';

type Settled = Pick<ItemResult, 'status'> & { sha256: string | undefined; path: string | undefined };
type Seen = { ino: number; mtimeMs: number; size: number };

export class Oracle {
  readonly #folder: string;
  readonly #settled = new Map<number, Settled>();
  readonly #files = new Map<string, Seen>();
  /** Everything that was wrong, as sentences. */
  readonly faults: string[] = [];
  #settledCount = 0;
  #watching: NodeJS.Timeout | null = null;

  /** `folder`: where the batch's outputs go. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get acknowledged(): number {
    return this.#settled.size;
  }

  /** A status object, from an answer or an event. */
  sawStatus({ processed_count, failed_count, in_flight_count, ...rest }: BatchStatusObject): void {
    const settled = processed_count + failed_count;
    if (settled < this.#settledCount)
      this.faults.push(`settled fell from ${this.#settledCount} to ${settled}`);
    if (settled + in_flight_count + rest.pending_count !== rest.total_photos) {
      this.faults.push(`${settled} + ${in_flight_count} + ${rest.pending_count} is not ${rest.total_photos}`);
    }
    this.#settledCount = Math.max(this.#settledCount, settled);
  }

  sawSettled(photo: ItemResult): void {
    const now = { status: photo.status, sha256: photo.output?.sha256, path: photo.output?.path };
    const before = this.#settled.get(photo.photo_id);
    if (before !== undefined) {
      const change = `${JSON.stringify(before)} became ${JSON.stringify(now)}`;
      if (JSON.stringify(before) !== JSON.stringify(now))
        this.faults.push(`photo ${photo.photo_id}: ${change}`);
    }
    this.#settled.set(photo.photo_id, now);
  }

  /** Reads events of one life of the daemon until `signal`; resolves once it listens. */
  async listen(client: BridgeClient, batchId: string, signal: AbortSignal): Promise<void> {
    const events = client.events({ channels: [`batch:${batchId}`], signal });
    const first = await events.next();
    const take = (event: typeof first.value) => {
      if (!event) return;
      if (event.type === 'photos_settled') event.photos.forEach((photo) => void this.sawSettled(photo));
      else if ('status' in event && 'total_photos' in event) this.sawStatus(event);
    };
    take(first.value);
    void (async () => {
      for await (const event of events) take(event);
    })();
  }

  /** What a new life of the daemon says of the batch must hold everything acknowledged before. */
  async check(client: BridgeClient, batchId: string): Promise<void> {
    this.sawStatus(await client.batches.status(batchId));
    const results = new Map<number, ItemResult>();
    for await (const photo of client.batches.eachPhoto(batchId)) results.set(photo.photo_id, photo);
    for (const [id, { status }] of this.#settled) {
      const now = results.get(id);
      if (now === undefined) this.faults.push(`photo ${id} is no longer in the batch`);
      else if (now.status !== status) this.faults.push(`photo ${id} was ${status} and is ${now.status}`);
    }
    for (const photo of results.values()) {
      if (photo.status !== 'pending' && photo.status !== 'in_flight') this.sawSettled(photo);
    }
    await this.look();
  }

  /** Every file at a final name, once seen, stays the very same file. */
  async look(): Promise<void> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    for (const name of names.filter((file) => !file.startsWith('.pb-'))) {
      const { ino, mtimeMs, size } = await stat(join(this.#folder, name)).catch(() => ({
        ino: 0,
        mtimeMs: 0,
        size: 0,
      }));
      const before = this.#files.get(name);
      if (
        before !== undefined &&
        (before.ino !== ino || before.mtimeMs !== mtimeMs || before.size !== size)
      ) {
        this.faults.push(`${name} was written a second time`);
      }
      this.#files.set(name, { ino, mtimeMs, size });
    }
    for (const name of this.#files.keys()) if (!names.includes(name)) this.faults.push(`${name} is gone`);
  }

  watchFolder(): void {
    let looking = false;
    this.#watching = setInterval(() => {
      if (looking) return;
      looking = true;
      void this.look().finally(() => {
        looking = false;
      });
    }, 20);
  }

  stopWatching(): void {
    if (this.#watching !== null) clearInterval(this.#watching);
  }
}

/** SHA-256 of each file of a folder, by name; temp files and all. */
export async function hashFiles(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const hashes: Record<string, string> = {};
  for (const name of names) {
    hashes[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  }
  return hashes;
}
