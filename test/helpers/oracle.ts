/**
 * Remembers what a daemon acknowledged, in answers and events, and what its output folders showed, over many lives of the
 * daemon; says what a later life has forgotten, changed or done twice. It changes nothing itself.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  BatchStatus,
  BatchStatusObject,
  BridgeClient,
  ItemResult,
  LiveEvent,
} from '../../bridge/client/index.ts';
import { createConnection, type WebSocketConstructor } from '../../bridge/client/socket.ts';
import { BatchLedger, type Expectation, isSettled } from './oracle/batch-ledger.ts';
import { Findings } from './oracle/findings.ts';
import { type MergeIntent, MergeLedger } from './oracle/merge-ledger.ts';
import { OutputLedger } from './oracle/output-ledger.ts';
import { findStateTemps, findUnreadable } from './oracle/state-files.ts';

/** A start that is asked for and not answered. Its `session` is its alone. */
export type StartIntent = {
  session: number;
  expects: Expectation;
  /** Where the outputs go; `isNew`: no other batch writes there. */
  folderOf: (batchId: string) => { path: string; isNew: boolean; replaces: boolean };
};

export class Oracle {
  readonly findings = new Findings();
  readonly batches = new Map<string, BatchLedger>();
  readonly outputs: OutputLedger;
  readonly merges = new MergeLedger(this.findings);
  readonly #photos = new Map<number, string>();
  readonly #starts = new Map<number, StartIntent & { batchId: string | null }>();
  /** Item results of batches as last read, and the batches of which they can change no more. */
  readonly #results = new Map<string, Map<number, ItemResult>>();
  readonly #final = new Set<string>();
  readonly #folders = new Map<string, string>();
  #newestSeq = 0;
  #lifeBase = 0;
  #watching: NodeJS.Timeout | null = null;

  /** `folder`: where the outputs of one batch go that is never cancelled. Without it folders come with the starts. */
  constructor(folder?: string) {
    this.outputs = new OutputLedger(this.findings, { takesBack: folder === undefined });
    if (folder !== undefined) this.outputs.watch(folder, { replaces: false });
  }

  /** Everything that was wrong, as sentences. */
  get faults(): string[] {
    return this.findings.texts;
  }

  /** Photos acknowledged as settled. */
  get acknowledged(): number {
    return [...this.batches.values()].reduce((sum, { settled }) => sum + settled.size, 0);
  }

  sawStatus(status: BatchStatusObject): void {
    this.#ledger(status.batch_id).sawStatus(status);
  }

  // ---- what is asked for and answered -------------------------------------------------------------------------------

  startAsked(intent: StartIntent): void {
    this.#starts.set(intent.session, { ...intent, batchId: null });
  }

  /** Also in an event, or found after a restart. */
  started(session: number, batchId: string): BatchLedger | null {
    const start = this.#starts.get(session);
    if (start === undefined) return null;
    if (start.batchId !== null && start.batchId !== batchId)
      this.findings.add(
        'doubleWrites',
        `session ${session} was started as ${start.batchId} and as ${batchId}`,
      );
    start.batchId = batchId;
    const folder = start.folderOf(batchId);
    this.outputs.watch(folder.path, folder);
    this.#folders.set(batchId, folder.path);
    return this.#open(batchId, start.expects);
  }

  startRefused(session: number, why: string): void {
    this.#starts.delete(session);
    this.findings.add('other', `a start was refused: ${why}`);
  }

  /** Null while nobody knows whether it is there. */
  batchOf(session: number): string | null {
    return this.#starts.get(session)?.batchId ?? null;
  }

  merged(intent: MergeIntent, answer: { batch_id: string; photo_count: number }): BatchLedger {
    const into = this.#open(answer.batch_id, { ...intent.expects, photos: answer.photo_count });
    this.merges.done(intent, into);
    return into;
  }

  registered(photos: readonly { photo_id: number; path: string }[]): void {
    for (const { photo_id, path } of photos) {
      const before = this.#photos.get(photo_id);
      if (before !== undefined && before !== path)
        this.findings.add('lostChanges', `photo ${photo_id} was ${before} and is ${path}`);
      this.#photos.set(photo_id, path);
    }
  }

  // ---- events -------------------------------------------------------------------------------------------------------

  tell(event: LiveEvent): void {
    if (event.type === 'resync') return;
    if (event.type !== 'batch_snapshot') this.#checkSeq(event.seq);
    if (event.type === 'photos_settled') {
      for (const photo of event.photos) this.#settled(event.batch_id, photo, { told: true });
    } else if ('total_photos' in event) {
      const ledger = this.#find(event);
      if (event.type !== 'batch_snapshot') ledger?.heard(event.type);
      ledger?.sawStatus(event);
    } else if ('batch_id' in event && event.batch_id !== undefined) {
      this.batches.get(event.batch_id)?.heard(event.type);
    }
  }

  /** Reads the events of one batch in one life of the daemon until `signal`; resolves once it listens. */
  async listen(client: BridgeClient, batchId: string, signal: AbortSignal): Promise<void> {
    this.#ledger(batchId);
    const events = client.events({ channels: [`batch:${batchId}`], signal });
    const first = await events.next();
    if (first.value) this.tell(first.value);
    void (async () => {
      for await (const event of events) this.tell(event);
    })();
  }

  /** Reads every event of one life from its begin. Resolves once it listens; `ended` when the life's last one is read. */
  async listenToAll(url: string): Promise<{ ended: Promise<void> }> {
    this.#lifeBase = this.#newestSeq;
    const Socket = globalThis.WebSocket as unknown as WebSocketConstructor;
    const connection = createConnection(`${url.replace(/^http/, 'ws')}/ws`, Socket);
    await connection.opened;
    connection.send({ type: 'subscribe', channels: ['batches', 'photos', 'queue'], since: 0 });
    const listening = Promise.withResolvers<void>();
    const ended = (async () => {
      for await (const frame of connection.frames()) {
        if (frame.type === 'subscription_confirmed') listening.resolve();
        else if (frame.seq !== undefined && frame.type !== 'connection_established')
          this.tell(frame as LiveEvent);
      }
      listening.resolve();
    })();
    await listening.promise;
    return { ended };
  }

  // ---- after a restart ----------------------------------------------------------------------------------------------

  /** The daemon is dead: what was asked for and not answered may be there or not. */
  died(dataDir: string): void {
    for (const ledger of this.batches.values()) ledger.newLife();
    findUnreadable(dataDir, this.findings);
    this.outputs.look();
  }

  /**
   * Before anything is asked of a new life: everything acknowledged is there, every file is somebody's and whole, nothing is
   * left over. `startedAt`: wall clock before its spawn. `everything`: also what was found right before.
   */
  async checkLife(
    client: BridgeClient,
    options: { dataDir: string; startedAt: number; everything: boolean },
  ): Promise<BatchStatusObject[]> {
    const { batches } = await client.batches.list({ limit: 1000 });
    for (const status of batches) this.#find(status)?.recovered(status);
    const present = new Set(batches.map(({ batch_id }) => batch_id));
    for (const id of this.batches.keys()) {
      if (present.has(id)) continue;
      this.findings.add('lostChanges', `${id} is gone`);
    }
    await Promise.all(batches.map((status) => this.#readResults(client, status, options.everything)));
    this.merges.check(this.#results, this.#final);
    await this.#checkPhotos(client);
    this.outputs.settle({ everything: options.everything, abandoned: this.#abandoned() });
    this.outputs.findTemps(options.startedAt);
    findStateTemps(options.dataDir, options.startedAt, this.findings);
    findUnreadable(options.dataDir, this.findings);
    return batches;
  }

  /** When everything has run to its end: every photo of every batch that was not cancelled is done, once. */
  async checkEnd(client: BridgeClient): Promise<void> {
    const { batches } = await client.batches.list({ limit: 1000 });
    for (const status of batches) {
      const { batch_id, processed_count, total_photos } = status;
      const ledger = this.#find(status);
      ledger?.sawStatus(status);
      if (status.status === 'cancelled') continue;
      if (status.status !== 'completed')
        this.findings.add('lostPhotos', `${batch_id} ended ${status.status}: ${status.error}`);
      const results = await this.#readResults(client, status, true);
      const bad = [...results.keys()].filter((id) => ledger?.expects?.bad.has(id)).length;
      if (processed_count !== total_photos - bad)
        this.findings.add('lostPhotos', `${batch_id} ended with ${processed_count} of ${total_photos - bad}`);
    }
    this.merges.check(this.#results, this.#final);
    this.outputs.settle({ everything: true, abandoned: this.#abandoned() });
    this.outputs.findTemps(Date.now());
  }

  /** What a new life of the daemon says of one batch must hold everything acknowledged before. */
  async check(client: BridgeClient, batchId: string): Promise<void> {
    const ledger = this.#ledger(batchId);
    ledger.newLife();
    ledger.recovered(await client.batches.status(batchId));
    const results = new Map<number, ItemResult>();
    for await (const photo of client.batches.eachPhoto(batchId)) results.set(photo.photo_id, photo);
    ledger.recoveredPhotos(results);
    this.outputs.look();
  }

  look(): void {
    this.outputs.look();
  }

  watchFolder(): void {
    this.#watching = setInterval(() => this.look(), 20);
  }

  stopWatching(): void {
    if (this.#watching !== null) clearInterval(this.#watching);
  }

  // ---- inside -------------------------------------------------------------------------------------------------------

  /** The ledger of a status: known, or of a start or merge whose answer did not come. */
  #find(status: { batch_id: string; session_id: number | null; status: BatchStatus; total_photos: number }) {
    const known = this.batches.get(status.batch_id);
    if (known !== undefined) return known;
    if (status.session_id !== null) {
      const started = this.started(status.session_id, status.batch_id);
      if (started !== null) return started;
    }
    const merge = this.merges.expected(status.status);
    if (status.session_id === null && merge !== undefined)
      return this.merged(merge, { batch_id: status.batch_id, photo_count: status.total_photos });
    this.findings.add('other', `nobody asked for ${status.batch_id}`);
    return null;
  }

  /** Folders of cancelled batches. */
  #abandoned(): Set<string> {
    const cancelled = [...this.#folders].filter(([id]) => this.batches.get(id)?.may('cancelled'));
    return new Set(cancelled.map(([, folder]) => folder));
  }

  #ledger(batchId: string): BatchLedger {
    return this.batches.get(batchId) ?? this.#open(batchId, null);
  }

  #open(batchId: string, expects: Expectation | null): BatchLedger {
    const ledger = this.batches.get(batchId) ?? new BatchLedger(batchId, this.findings, expects);
    this.batches.set(batchId, ledger);
    return ledger;
  }

  #settled(batchId: string, photo: ItemResult, { told }: { told: boolean }): void {
    const ledger = this.batches.get(batchId);
    if (told) ledger?.toldSettled(photo);
    const { output } = photo;
    if (output !== undefined) this.outputs.own(output.path, `${batchId}:${photo.photo_id}`, output.sha256);
  }

  #checkSeq(seq: number): void {
    if (seq <= this.#lifeBase)
      this.findings.add('other', `an event has number ${seq}, not above ${this.#lifeBase}`);
    this.#newestSeq = Math.max(this.#newestSeq, seq);
  }

  /** Of a batch that has ended the results are read once, unless everything is asked for. */
  async #readResults(
    client: BridgeClient,
    { batch_id, status }: BatchStatusObject,
    everything: boolean,
  ): Promise<Map<number, ItemResult>> {
    const known = this.#results.get(batch_id);
    if (known !== undefined && !everything && this.#final.has(batch_id)) return known;
    const results = new Map<number, ItemResult>();
    for await (const photo of client.batches.eachPhoto(batch_id)) results.set(photo.photo_id, photo);
    const ledger = this.batches.get(batch_id);
    ledger?.recoveredPhotos(results);
    for (const photo of results.values())
      if (isSettled(photo)) this.#settled(batch_id, photo, { told: false });
    this.#results.set(batch_id, results);
    const isOver = status === 'completed' && ledger?.expects?.bad.size === 0;
    if (isOver || status === 'cancelled') this.#final.add(batch_id);
    return results;
  }

  async #checkPhotos(client: BridgeClient): Promise<void> {
    const { photos } = await client.photos.list({ limit: 1000 });
    const now = new Map(photos.map(({ photo_id, path }) => [photo_id, path]));
    for (const [id, path] of this.#photos) {
      if (now.get(id) !== path)
        this.findings.add('lostChanges', `photo ${id} was ${path} and is ${now.get(id) ?? 'unknown'}`);
    }
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
