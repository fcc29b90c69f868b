/** Follows every batch that has not ended, and those that are started meanwhile, until none is left. Changes nothing. */
import { type BatchStatusObject, type BridgeClient, BridgeProblem, isFinished } from '../client/index.ts';
import { BatchesScreen } from './batches-screen.ts';
import type { Context } from './context.ts';
import { exitCodes, toBatchesExitCode } from './exit-codes.ts';

/** A daemon that is away is waited for as long as `watch BATCH` does. */
const PATIENCE_MS = 30_000;
/** Least time between two looks at the batches that have changed. */
const INTERVAL_MS = 100;

/** Answers the exit code, as of one batch of all their items. Ctrl-C ends the following only: the batches go on. */
export async function followAll(context: Context, client: BridgeClient): Promise<number> {
  const open = await listOpen(client);
  if (open.length === 0) {
    if (!context.json) context.terminal.line('No batch is waiting, running or paused.');
    return exitCodes.ok;
  }
  return await context.interruptible(async (signal) => {
    const screen = new BatchesScreen(context);
    try {
      const follower = new Follower(client, screen, signal);
      const batches = await follower.run(open);
      if (!signal.aborted) return toBatchesExitCode(batches);
    } finally {
      screen.close();
    }
    context.terminal.note('The batches go on without this window. Look again: photo-bridge watch');
    return exitCodes.interrupted;
  });
}

async function listOpen(client: BridgeClient): Promise<BatchStatusObject[]> {
  const pages = await Promise.all(
    (['running', 'paused', 'pending'] as const).map((status) => client.batches.list({ status, limit: 1000 })),
  );
  const open = pages.flatMap(({ batches }) => batches);
  return open.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/** Events only tell which batch to look at: of two statuses the newer can be told, of a status and an event not. */
class Follower {
  readonly #client: BridgeClient;
  readonly #screen: BatchesScreen;
  readonly #interrupt: AbortSignal;
  readonly #end = new AbortController();
  readonly #batches = new Map<string, BatchStatusObject>();
  readonly #changed = new Set<string>();
  /** While this looked on; one may have ended before its first status is here. */
  readonly #started = new Set<string>();
  #isLooking = false;
  #lookTimer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #failure: unknown = null;

  constructor(client: BridgeClient, screen: BatchesScreen, interrupt: AbortSignal) {
    this.#client = client;
    this.#screen = screen;
    this.#interrupt = interrupt;
  }

  /** The last status of each, when all have ended or Ctrl-C came. */
  async run(open: readonly BatchStatusObject[]): Promise<BatchStatusObject[]> {
    for (const batch of open) this.#take(batch);
    const signal = AbortSignal.any([this.#interrupt, this.#end.signal]);
    const onConnection = (isOpen: boolean) => this.#setConnected(isOpen);
    try {
      for await (const event of this.#client.events({ channels: ['batches'], signal, onConnection })) {
        if (event.type === 'batch_started') this.#started.add(event.batch_id);
        if ('batch_id' in event && event.batch_id !== undefined) this.#lookAt([event.batch_id]);
      }
    } finally {
      clearTimeout(this.#lookTimer);
      clearTimeout(this.#patience);
    }
    if (this.#failure !== null) throw this.#failure;
    return [...this.#batches.values()];
  }

  /** What changed while there was no connection no event tells. */
  #setConnected(isConnected: boolean): void {
    this.#screen.setAway(!isConnected && !this.#interrupt.aborted && !this.#end.signal.aborted);
    if (isConnected) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#lookAt(this.#batches.keys());
    } else this.#patience ??= setTimeout(() => void this.#giveUp(), PATIENCE_MS);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#end.abort();
  }

  /** It has been away for long; unless it is back this moment, that is the end. */
  async #giveUp(): Promise<void> {
    await this.#client.health().catch((error: unknown) => this.#fail(error));
  }

  #lookAt(ids: Iterable<string>): void {
    for (const id of ids) this.#changed.add(id);
    if (this.#lookTimer !== undefined || this.#isLooking || this.#end.signal.aborted) return;
    this.#lookTimer = setTimeout(() => {
      this.#lookTimer = undefined;
      void this.#look();
    }, INTERVAL_MS);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const ids = [...this.#changed];
    this.#changed.clear();
    for (const id of ids) await this.#lookAtOne(id);
    this.#isLooking = false;
    if ([...this.#batches.values()].every(isFinished)) this.#end.abort();
    else if (this.#changed.size > 0) this.#lookAt([]);
  }

  async #lookAtOne(id: string): Promise<void> {
    try {
      this.#take(await this.#client.batches.status(id));
    } catch (error) {
      if (!(error instanceof BridgeProblem)) return this.#fail(error);
      // Cleaned up, and there is nothing more to say of it. A daemon that is away will be asked again.
      if (error.status === 404) this.#batches.delete(id);
    }
  }

  #take(batch: BatchStatusObject): void {
    const known = this.#batches.get(batch.batch_id);
    const isOurs = known !== undefined || this.#started.has(batch.batch_id);
    // What becomes of one that ended before (that it is cleaned up, say) is not followed.
    if (!isOurs && isFinished(batch)) return;
    this.#batches.set(batch.batch_id, batch);
    this.#screen.show(batch);
  }
}
