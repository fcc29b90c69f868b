/**
 * Cuts the power of the disks under a working daemon, again and again over the same disks, and compares each next life with
 * what was acknowledged before: changes, results, and every finished output byte for byte.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchStatusObject, BridgeClient, ItemResult } from '../../bridge/client/index.ts';
import { Oracle } from '../helpers/oracle.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { Chatter } from './chatter.ts';
import { missingLoopDisk } from './loop-disk.ts';
import { type Lie, PowerRig } from './power-rig.ts';
import { createRandom, type Random } from './random.ts';
import { makeSmallPhotos } from './small-photos.ts';

/** Milliseconds of life, after the compare, until the power goes. */
const LIFE_MS = { least: 20, most: 900 };
const CHECK_EACH = 5;
const PATIENCE_MS = 60_000;

export const powerCuts: Campaign = {
  name: 'power-cuts',
  what: 'the power of state disk and output disk cut (ext4 shut down, then mounted again) at random moments',
  unit: 'cuts',
  longCount: 60,
  missing: missingLoopDisk,
  run: ({ seed, count }) => withRun(seed, (run) => run.live(count)),
};

/** Everything about one run over one pair of disks. Removed when it throws as well. */
export async function withRun<T>(seed: number, step: (run: PowerRun) => Promise<T>): Promise<T> {
  const rig = await PowerRig.create();
  try {
    return await step(new PowerRun(rig, createRandom(seed)));
  } finally {
    await rig.remove();
  }
}

type Batch = {
  id: string;
  folder: string;
  oracle: Oracle;
  size: number;
  /** Photos that were through when the last life compared. */
  through: number;
};

export class PowerRun {
  readonly rig: PowerRig;
  readonly figures: Figures = noFigures();
  readonly chatter: Chatter;
  readonly #random: Random;
  readonly #batches: Batch[] = [];
  #paths: string[] = [];
  #photoIds: number[] = [];

  constructor(rig: PowerRig, random: Random) {
    this.rig = rig;
    this.#random = random;
    this.chatter = new Chatter(random);
  }

  /** So many lives that end by a cut, and one in which everything comes to its end. */
  async live(cuts: number): Promise<Figures> {
    await this.prepare(200);
    for (let round = 1; round <= cuts; round += 1) {
      await this.lifeUntilCut({ check: round % CHECK_EACH === 0, untilSettled: this.#random.next() < 0.3 });
    }
    return this.finish();
  }

  /** Source photos, away from the disks. */
  async prepare(photos: number): Promise<void> {
    this.#paths = (await makeSmallPhotos(this.rig.folder)).good.slice(0, photos);
  }

  /** `lie`: what the disk says of syncs in this life. `untilSettled`: the cut comes right after an output was told. */
  async lifeUntilCut(
    options: { check?: boolean; lie?: Lie; untilSettled?: boolean } = {},
  ): Promise<string[]> {
    const life = await this.rig.start(options.lie);
    if (options.lie === undefined) this.figures.readyMs.push(life.readyMs);
    const batch = await this.#nextBatch(life.client);
    const ear = new AbortController();
    await batch.oracle.listen(life.client, batch.id, ear.signal);
    const talk = this.chatter.talk(life.client, {
      batchId: batch.id,
      photoId: this.#photoIds[0] ?? 1,
      signal: ear.signal,
    });
    if (options.untilSettled === true) await settled(life.client, batch);
    else await delay(this.#random.whole(LIFE_MS.least, LIFE_MS.most));
    await this.rig.cut({ check: options.check ?? false });
    ear.abort();
    await talk;
    this.figures.faults += 1;
    return this.rig.liedAbout(life);
  }

  /** A life that only looks. */
  async look(): Promise<Figures> {
    const { client, daemon } = await this.rig.start();
    await this.#compare(client);
    await daemon.kill('SIGTERM');
    return this.figures;
  }

  /** Everything to its end, in a life without a cut. */
  async finish(): Promise<Figures> {
    const { client, daemon } = await this.rig.start();
    await this.#compare(client);
    for (const batch of this.#batches) {
      const status = await this.#resume(client, batch);
      if (status.status !== 'completed') await untilEnd(client, batch.id);
      await this.#compareBatch(client, batch);
      const end = await client.batches.status(batch.id);
      if (end.status !== 'completed' || end.processed_count !== batch.size)
        this.figures.problems.push(`${batch.id} did not end well: ${JSON.stringify(end)}`);
      this.#lookForExtras(batch);
    }
    await daemon.kill('SIGTERM');
    return this.figures;
  }

  /** What a new life knows, held against all lives before. */
  async #compare(client: BridgeClient): Promise<void> {
    await this.chatter.check(client);
    this.#say('lostChanges', this.chatter.lost.splice(0));
    for (const batch of this.#batches) await this.#compareBatch(client, batch);
    const { quarantined } = await client.batches.recover();
    this.#say(
      'unreadableStates',
      quarantined.map(({ file, reason }) => `${file}: ${reason}`),
    );
  }

  async #compareBatch(client: BridgeClient, batch: Batch): Promise<void> {
    try {
      await batch.oracle.check(client, batch.id);
    } catch (thrown) {
      this.#say('lostChanges', [`${batch.id}: ${thrown instanceof Error ? thrown.message : thrown}`]);
      return;
    }
    const faults = batch.oracle.faults.splice(0);
    this.#say(
      'doubleWrites',
      faults.filter((text) => text.includes('second time')),
    );
    this.#say(
      'lostPhotos',
      faults.filter((text) => text.includes('is gone')),
    );
    this.#say(
      'lostChanges',
      faults.filter((text) => !/second time|is gone/.test(text)),
    );
    for await (const photo of client.batches.eachPhoto(batch.id)) this.#compareOutput(photo);
    const temps = namesIn(batch.folder).filter((name) => name.startsWith('.pb-'));
    const { status, processed_count, failed_count } = await client.batches.status(batch.id);
    batch.through = processed_count + failed_count;
    if (status !== 'running') this.#say('orphanTemps', temps);
  }

  #compareOutput({ photo_id, status, output }: ItemResult): void {
    if (status !== 'processed' || output === undefined || output === null) return;
    let bytes: Buffer;
    try {
      bytes = readFileSync(output.path);
    } catch {
      this.#say('lostPhotos', [`photo ${photo_id} is processed and ${output.path} is not there`]);
      return;
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== output.sha256 || bytes.length !== output.bytes)
      this.#say('partialFiles', [
        `${output.path} has ${bytes.length} bytes of ${output.bytes}, or other ones`,
      ]);
  }

  #lookForExtras({ folder, size }: Batch): void {
    const names = namesIn(folder);
    const temps = names.filter((name) => name.startsWith('.pb-'));
    this.#say('orphanTemps', temps);
    const extra = names.length - temps.length - size;
    if (extra > 0) this.#say('doubleWrites', [`${basename(folder)} holds ${extra} outputs more than photos`]);
  }

  #say(kind: Exclude<keyof Figures, 'readyMs' | 'problems'>, problems: readonly string[]): void {
    this.figures[kind] += problems.length;
    this.figures.problems.push(
      ...problems.map((problem) => `${kind} after cut ${this.figures.faults}: ${problem}`),
    );
  }

  /** The batch of the last life where there is something left of it, else a new one over all photos. */
  async #nextBatch(client: BridgeClient): Promise<Batch> {
    await this.#compare(client);
    const last = this.#batches.at(-1);
    if (last !== undefined) {
      const status = await this.#resume(client, last).catch(() => null);
      if (status?.status === 'running') return last;
    }
    const { photos } = await client.photos.add({ paths: this.#paths });
    this.#photoIds = photos.map(({ photo_id }) => photo_id);
    const folder = this.rig.outputFolder(`out-${this.#batches.length + 1}`);
    const { batch_id } = await client.batches.start({
      photo_ids: this.#photoIds,
      config: { output: { folder } },
    });
    const batch = {
      id: batch_id,
      folder,
      oracle: new Oracle(folder),
      size: this.#photoIds.length,
      through: 0,
    };
    this.#batches.push(batch);
    return batch;
  }

  async #resume(client: BridgeClient, { id }: Batch): Promise<BatchStatusObject> {
    const status = await client.batches.status(id);
    return status.status === 'paused'
      ? await client.batches.resume(id).then(() => client.batches.status(id))
      : status;
  }
}

/** Until one more output is told of, or there is none to come. */
async function settled(client: BridgeClient, { id, oracle, through }: Batch): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let status = await client.batches.status(id);
  while (isOn(status) && status.processed_count + status.failed_count <= through && performance.now() < until)
    status = await client.batches.status(id, { wait_s: 10, since: status.seq });
  oracle.sawStatus(status);
}

function isOn(status: BatchStatusObject): boolean {
  return status.status === 'running' && status.holds.length === 0;
}

async function untilEnd(client: BridgeClient, id: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let status = await client.batches.status(id);
  while (status.status === 'running' && performance.now() < until)
    status = await client.batches.status(id, { wait_s: 10, since: status.seq });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
