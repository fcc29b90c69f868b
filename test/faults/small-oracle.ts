/**
 * What the client of one small run was told of its batch's photos, and which outputs it saw; says what later lives of the
 * daemon changed of it or did twice.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchStatusObject, BridgeClient, ItemResult } from '../../bridge/client/index.ts';

export class SmallOracle {
  readonly #outputs: string;
  readonly #settled = new Map<number, string>();
  readonly #files = new Map<string, string>();
  #settledCount = 0;
  /** Acknowledged and not true any more, as sentences. */
  readonly lost: string[] = [];
  /** Written or counted a second time. */
  readonly twice: string[] = [];

  constructor(outputs: string) {
    this.#outputs = outputs;
  }

  /** Events of one life of the daemon, until `signal`. */
  async listen(client: BridgeClient, batchId: string, signal: AbortSignal): Promise<void> {
    const events = client.events({ channels: [`batch:${batchId}`], signal });
    const first = await events.next();
    const take = (event: typeof first.value) => {
      if (!event) return;
      if (event.type === 'photos_settled') event.photos.forEach((photo) => void this.#saw(photo));
      else if ('status' in event && 'total_photos' in event) this.#sawCounts(event);
    };
    take(first.value);
    void (async () => {
      for await (const event of events) take(event);
    })().catch(() => undefined);
  }

  /** What this life of the daemon says of the batch, against all that was told before. */
  async check(client: BridgeClient, batchId: string): Promise<void> {
    this.#sawCounts(await client.batches.status(batchId));
    const now = new Map<number, ItemResult>();
    for await (const photo of client.batches.eachPhoto(batchId)) {
      if (now.has(photo.photo_id)) this.twice.push(`photo ${photo.photo_id} is listed twice`);
      now.set(photo.photo_id, photo);
    }
    for (const [id, told] of this.#settled) {
      const photo = now.get(id);
      const known = photo === undefined ? 'gone' : toWords(photo);
      if (known !== told) this.lost.push(`photo ${id} was ${told} and is ${known}`);
    }
    for (const photo of now.values()) {
      if (photo.status !== 'pending' && photo.status !== 'in_flight')
        this.#settled.set(photo.photo_id, toWords(photo));
    }
  }

  /** A file at a final name, once seen, stays the very same file. */
  async look(): Promise<void> {
    const names = (await readdir(this.#outputs).catch(() => [])).filter((name) => !name.startsWith('.pb-'));
    for (const name of names) {
      const { ino, size, mtimeMs } = await stat(join(this.#outputs, name));
      const identity = `${ino} ${size} ${mtimeMs}`;
      if ((this.#files.get(name) ?? identity) !== identity)
        this.twice.push(`${name} was written a second time`);
      this.#files.set(name, identity);
    }
    for (const name of this.#files.keys()) if (!names.includes(name)) this.lost.push(`${name} is gone`);
  }

  #saw(photo: ItemResult): void {
    const told = toWords(photo);
    const before = this.#settled.get(photo.photo_id);
    if (before !== undefined && before !== told)
      this.lost.push(`photo ${photo.photo_id} was ${before}, told as ${told}`);
    this.#settled.set(photo.photo_id, told);
  }

  #sawCounts({ processed_count, failed_count, in_flight_count, ...rest }: BatchStatusObject): void {
    const settled = processed_count + failed_count;
    if (settled < this.#settledCount) this.lost.push(`settled fell from ${this.#settledCount} to ${settled}`);
    if (settled + in_flight_count + rest.pending_count !== rest.total_photos)
      this.twice.push(`${settled} + ${in_flight_count} + ${rest.pending_count} is not ${rest.total_photos}`);
    this.#settledCount = Math.max(this.#settledCount, settled);
  }
}

function toWords({ status, output, failure }: ItemResult): string {
  return `${status} ${output?.path ?? ''} ${output?.sha256 ?? ''} ${failure?.code ?? ''}`;
}

/** SHA-256 of each file of a folder, by name. */
export async function hashFolder(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const bytes = await readFile(join(folder, name));
    hashes[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return hashes;
}
