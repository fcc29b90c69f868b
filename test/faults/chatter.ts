/**
 * A client that keeps changing things and remembers what was answered: after any crash every answered change must be there,
 * and one that was never answered may be or not. It judges only what it asked for itself.
 */
import type { BatchStatusObject, BridgeClient } from '../../bridge/client/index.ts';
import type { Random } from './random.ts';

/** Far enough that its batches never begin. */
const FUTURE = '2090-01-01T00:00:00Z';

export class Chatter {
  readonly #random: Random;
  /** Batches whose start was answered, by the status they must have. */
  readonly #batches = new Map<string, 'pending' | 'cancelled'>();
  /** Of the batches, those whose cancel was never answered. */
  readonly #doubtful = new Set<string>();
  readonly #priorities = new Map<string, { answered: number; asked: number }>();
  /** Changes that were answered so far. */
  answered = 0;
  /** Answered and not there in a later life, as sentences. */
  readonly lost: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Until a change fails or `signal`; changes the priority of `batchId` and starts and cancels batches of its own. */
  async talk(
    client: BridgeClient,
    { batchId, photoId, signal }: { batchId: string; photoId: number; signal: AbortSignal },
  ): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#change(client, { batchId, photoId, signal });
        this.answered += 1;
      }
    } catch {
      // The power went, or the batch has ended: what was asked last stays in doubt.
    }
  }

  async #change(
    client: BridgeClient,
    { batchId, photoId, signal }: { batchId: string; photoId: number; signal: AbortSignal },
  ): Promise<void> {
    const kind = this.#random.whole(0, 3);
    const open = [...this.#batches].find(([id, status]) => status === 'pending' && !this.#doubtful.has(id));
    if (kind === 0) {
      const asked = this.#random.whole(0, 10);
      const { answered } = this.#priorities.get(batchId) ?? { answered: 5 };
      this.#priorities.set(batchId, { answered, asked });
      await client.batches.setPriority(batchId, asked, { signal });
      this.#priorities.set(batchId, { answered: asked, asked });
    } else if (kind === 1 && open !== undefined) {
      this.#doubtful.add(open[0]);
      await client.batches.cancel(open[0], { signal });
      this.#batches.set(open[0], 'cancelled');
      this.#doubtful.delete(open[0]);
    } else {
      const { batch_id } = await client.batches.start({ photo_ids: [photoId], start_at: FUTURE }, { signal });
      this.#batches.set(batch_id, 'pending');
    }
  }

  /** Compares with a new life. What was in doubt is settled by what it says. */
  async check(client: BridgeClient): Promise<void> {
    for (const [id, wanted] of this.#batches) {
      const status = await statusOf(client, id);
      if (status?.status === 'cancelled' && this.#doubtful.has(id)) this.#batches.set(id, 'cancelled');
      else if (status?.status !== wanted) {
        this.lost.push(`batch ${id} was ${wanted} and is ${status?.status ?? 'unknown'}`);
        this.#batches.delete(id);
      }
    }
    this.#doubtful.clear();
    for (const [id, { answered, asked }] of this.#priorities) {
      const priority = (await statusOf(client, id))?.priority;
      if (priority !== answered && priority !== asked)
        this.lost.push(`the priority of ${id} was ${answered} and is ${priority ?? 'unknown'}`);
      this.#priorities.set(id, { answered: priority ?? answered, asked: priority ?? asked });
    }
  }
}

async function statusOf(client: BridgeClient, id: string): Promise<BatchStatusObject | null> {
  return client.batches.status(id).catch((thrown: unknown) => {
    if (thrown instanceof Error && 'status' in thrown && thrown.status === 404) return null;
    throw thrown;
  });
}
