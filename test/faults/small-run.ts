/**
 * One small whole run as a client sees it: register three photos, start, pause, resume, see the end, clean up. Goes on where
 * the last life of the daemon left it, keeps what was acknowledged, and says what a later life has lost of it.
 */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchStatusObject, type BridgeClient, BridgeProblem } from '../../bridge/client/index.ts';
import { makeImage } from '../helpers/images.ts';
import { hashFolder, SmallOracle } from './small-oracle.ts';

export const PHOTOS = 3;

/** In this order. A step is `asked` before its request and `acknowledged` after its answer. */
const steps = ['nothing', 'registered', 'started', 'paused', 'resumed', 'ended', 'cleaned'] as const;
export type StepName = (typeof steps)[number];

const afterSteps: Record<StepName, readonly string[]> = {
  nothing: [],
  registered: [],
  started: ['paused', 'completed'],
  paused: ['paused'],
  resumed: ['paused', 'completed'],
  ended: ['completed'],
  cleaned: [],
};

const PATIENCE_MS = 60_000;
/** What a client has to expect when the disk refuses; it asks again. */
const refusals: ReadonlySet<string> = new Set(['read_only', 'disk_full', 'output_not_writable']);

export class SmallRun {
  readonly folder: string;
  readonly outputs: string;
  readonly dataDir: string;
  readonly oracle: SmallOracle;
  #photos: readonly string[] = [];
  #photoIds: readonly number[] | null = null;
  #batchId: string | null = null;
  #asked: StepName = 'nothing';
  #acknowledged: StepName = 'nothing';
  /** Refused requests, by code. */
  readonly refused: string[] = [];
  readonly lost: string[] = [];
  readonly problems: string[] = [];

  /** Made in an empty folder. */
  constructor(folder: string) {
    this.folder = folder;
    this.outputs = join(folder, 'out');
    this.dataDir = join(folder, 'data');
    this.oracle = new SmallOracle(this.outputs);
  }

  get acknowledged(): StepName {
    return this.#acknowledged;
  }

  async prepare(): Promise<void> {
    const sources = join(this.folder, 'photos');
    await mkdir(sources, { recursive: true });
    const settings = { executor: { threads: 1 }, library: { folders: [] } };
    await writeFile(join(this.folder, 'bridge.config.json'), JSON.stringify(settings));
    this.#photos = await Promise.all(
      Array.from({ length: PHOTOS }, async (_, index) => {
        const path = join(sources, `p${index + 1}.jpg`);
        await writeFile(path, await makeImage({ width: 48, height: 32, seed: index + 1 }));
        return path;
      }),
    );
  }

  /** Flags of `serve`. */
  get args(): string[] {
    const config = join(this.folder, 'bridge.config.json');
    return ['--port', '0', '--data-dir', this.dataDir, '--config', config];
  }

  /** To the end, or until `signal`, or until the daemon answers no more (then it rejects). */
  async goOn(client: BridgeClient, signal: AbortSignal): Promise<void> {
    this.#photoIds ??= await this.#step('registered', async () => {
      const { photos } = await client.photos.add({ paths: [...this.#photos] }, { signal });
      return photos.map(({ photo_id }) => photo_id);
    });
    const photo_ids = [...this.#photoIds];
    this.#batchId ??= await this.#step('started', async () => {
      const config = { output: { folder: this.outputs } };
      const options = { idempotencyKey: 'small-run', signal };
      return (await client.batches.start({ photo_ids, config }, options)).batch_id;
    });
    const id = this.#batchId;
    const { count } = await client.batches.list({}, { signal });
    if (count > 1) this.problems.push(`one start made ${count} batches`);
    if (this.#isBefore('ended')) await this.oracle.listen(client, id, signal);
    if (this.#asked === 'started') await this.#pause(client, id, signal);
    if (this.#isBefore('ended')) await this.#toTheEnd(client, id, signal);
    if (this.#isBefore('cleaned')) {
      await this.oracle.look();
      // The state file of the end itself can still be on its way, the synced one comes behind the item log.
      await this.#until(
        signal,
        async () => (await sizeOf(join(this.dataDir, 'batch_items', `${id}.log`))) > 0,
      );
      await this.#nextSnapshot(id, signal);
      await this.#step('cleaned', () => client.batches.cleanup({ days_old: 0 }, { signal }));
    }
  }

  async #pause(client: BridgeClient, id: string, signal: AbortSignal): Promise<void> {
    const { status } = await client.batches.status(id, {}, { signal });
    if (status !== 'running') return;
    await this.#step('paused', () => client.batches.pause(id, {}, { signal }));
    await this.#nextSnapshot(id, signal);
  }

  async #toTheEnd(client: BridgeClient, id: string, signal: AbortSignal): Promise<void> {
    const now = await client.batches.status(id, {}, { signal });
    if (now.status === 'paused') await this.#step('resumed', () => client.batches.resume(id, { signal }));
    const until = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    await this.#step('ended', async () => {
      let last: BatchStatusObject | null = null;
      for await (const status of client.watchBatch(id, { signal: until, patienceMs: 0 })) last = status;
      if (signal.aborted) throw new Error('the daemon is gone');
      if (last?.status !== 'completed' || last.processed_count !== PHOTOS) {
        const { status, processed_count, failed_count, holds } = last ?? {};
        throw new Error(
          `the batch does not complete: ${JSON.stringify({ status, processed_count, failed_count, holds })}`,
        );
      }
    });
  }

  /** Asked again while the disk refuses: a refusal must be a problem with a code that says so, and must pass. */
  async #step<T>(name: StepName, request: () => Promise<T>): Promise<T> {
    this.#asked = name;
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const answer = await request();
        this.#acknowledged = name;
        return answer;
      } catch (thrown) {
        if (!(thrown instanceof BridgeProblem) || !refusals.has(thrown.code)) throw thrown;
        this.refused.push(thrown.code);
        if (Date.now() > until) throw thrown;
        await delay(200);
      }
    }
  }

  #isBefore(name: StepName): boolean {
    return steps.indexOf(this.#acknowledged) < steps.indexOf(name);
  }

  /** So that its calls do not mix with others, and every run makes the same calls. Never when there is none to come. */
  async #nextSnapshot(id: string, signal: AbortSignal): Promise<void> {
    const file = join(this.dataDir, 'batch_states', `${id}.json`);
    const inode = async () => (await stat(file).catch(() => null))?.ino;
    const before = await inode();
    await this.#until(signal, async () => (await inode()) !== before);
  }

  async #until(signal: AbortSignal, isTrue: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 100 && !signal.aborted; round += 1) {
      if (await isTrue()) return;
      await delay(20);
    }
  }

  /** What this life of the daemon, before it is asked for anything new, must still know. */
  async compare(client: BridgeClient): Promise<void> {
    for (const [index, id] of (this.#photoIds ?? []).entries()) {
      const photo = await client.photos.get(id).catch(() => null);
      if (photo?.path !== this.#photos[index])
        this.lost.push(`photo ${id} is not ${this.#photos[index]} any more`);
    }
    const { batches } = await client.batches.list();
    const { quarantined } = await client.batches.recover();
    if (quarantined.length > 0) this.problems.push(`set aside: ${JSON.stringify(quarantined)}`);
    if (!this.#possibleCounts().includes(batches.length))
      this.lost.push(`${batches.length} batches after "${this.#said()}"`);
    if (this.#batchId === null || batches.length === 0) return;
    if (batches[0]?.batch_id !== this.#batchId) this.lost.push(`batch ${this.#batchId} is gone`);
    else await this.#compareBatch(client, batches[0]);
  }

  async #compareBatch(client: BridgeClient, batch: BatchStatusObject): Promise<void> {
    const { status, total_photos } = batch;
    const possible = [...afterSteps[this.#acknowledged], ...afterSteps[this.#asked]];
    if (!possible.includes(status)) this.lost.push(`it is ${status} after "${this.#said()}"`);
    if (total_photos !== PHOTOS) this.lost.push(`the batch has ${total_photos} photos`);
    await this.oracle.check(client, batch.batch_id);
  }

  /** Of batches. */
  #possibleCounts(): readonly number[] {
    const isAnswered = this.#asked === this.#acknowledged;
    if (this.#asked === 'nothing' || this.#asked === 'registered') return [0];
    if (this.#asked === 'cleaned') return isAnswered ? [0] : [0, 1];
    return this.#asked === 'started' && !isAnswered ? [0, 1] : [1];
  }

  #said(): string {
    return this.#asked === this.#acknowledged
      ? this.#asked
      : `${this.#acknowledged}, asked for ${this.#asked}`;
  }

  /** What no crash may leave, with the daemon stopped. `given`: hashes of an undisturbed run; null: not compared. */
  async leftOvers(given: Record<string, string> | null): Promise<LeftOvers> {
    const found = await hashFolder(this.outputs);
    const names = await readdir(this.dataDir, { recursive: true });
    const isTemp = (name: string) => /\.tmp\d?$/.test(name);
    const wanted = given ?? found;
    const finals = Object.keys(found).filter((name) => !isTemp(name));
    const unreadable: string[] = [];
    for (const name of names.filter((file) => /^batch_states\/.*\.json(\.bak)?$/.test(file))) {
      if (!(await isJson(join(this.dataDir, name)))) unreadable.push(name);
    }
    return {
      missing: Object.keys(wanted).filter((name) => found[name] === undefined),
      partial: finals.filter((name) => wanted[name] !== undefined && wanted[name] !== found[name]),
      second: finals.filter((name) => wanted[name] === undefined),
      temps: [...Object.keys(found), ...names].filter(isTemp),
      unreadable: [...unreadable, ...names.filter((name) => name.startsWith('quarantine/'))],
    };
  }
}

export type LeftOvers = Record<'missing' | 'partial' | 'second' | 'temps' | 'unreadable', string[]>;

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

async function isJson(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
