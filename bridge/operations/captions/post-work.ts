/**
 * The posts of one batch: publishes one, looks at one whose attempt was cut off, puts such a one right. Two edits of one post
 * are never made at once, whatever batch they are of. Records nothing but notes.
 */
import type { BatchView } from '../../batch/ports.ts';
import type { Log } from '../../log.ts';
import type { KeyTurns } from '../key-turns.ts';
import type { PostGroup } from './caption.ts';
import type { CaptionsConfig } from './config.ts';
import type { Connection } from './connection.ts';
import { lookAtPost, putBackCaptions } from './leftovers.ts';
import { type PostOutcome, toCaptionError, toPostOutcome } from './outcome.ts';
import { publishPost } from './publish-post.ts';
import { type RequestGate, toGated } from './request-gate.ts';
import type { ServerLinks } from './server-links.ts';
import type { Look, UnitMemories, UnitMemory } from './unit-memory.ts';
import type { Target } from './write-captions.ts';

/** What lives longer than one call, for one batch. */
export type WorkState = {
  gate: RequestGate;
  units: UnitMemories;
  /** Looking at what the last run of the program left failed: nobody waits for that again and again. */
  isOutOfReach: boolean;
};

export type PostWorkParts = {
  batch: BatchView;
  config: CaptionsConfig;
  connect: () => Connection;
  links: ServerLinks;
  turns: KeyTurns;
  state: WorkState;
  log: Log;
};

/** The start of a daemon waits no longer than this for one answer, and only once. */
const LOOK_TIMEOUT_MS = 10_000;

export type Attempt = { memory: UnitMemory; items: readonly number[]; signal: AbortSignal };
/** `unsaved`: what the post was before could not be made durable, and nothing was written. */
export type AttemptEnd = { outcome: PostOutcome } | { unsaved: unknown };

export class PostWork {
  readonly #parts: PostWorkParts;

  constructor(parts: PostWorkParts) {
    this.#parts = parts;
  }

  /** Rejects only when no connection is set any more. */
  async publish(attempt: Attempt): Promise<AttemptEnd> {
    const { state, log, batch } = this.#parts;
    const { memory } = attempt;
    state.isOutOfReach = false;
    const group = toGroup(attempt);
    let unsaved: unknown = null;
    const save = async (original: Parameters<UnitMemories['save']>[1]): Promise<void> => {
      try {
        await state.units.save(memory, original);
      } catch (thrown) {
        unsaved = thrown;
        throw thrown;
      }
    };
    const outcome = await this.#inTurn(group.post_id, () => this.#publish(attempt, { group, save }));
    if (unsaved !== null) return { unsaved };
    const statuses = outcome.results.map(({ status }) => status);
    memory.isConcluded = !statuses.includes('stopped');
    memory.keepsNote = outcome.results.some(({ error }) => error?.code === 'not_restored');
    const { post_id, edits, rolled_back } = outcome;
    const reasons = [...new Set(outcome.results.flatMap(({ error }) => error?.code ?? []))];
    log.info({ batch_id: batch.id, post_id, edits, rolled_back, statuses, reasons }, 'post ended');
    return { outcome };
  }

  /** Says what a run would do, as `planned`. Never rejects. */
  async plan(group: PostGroup): Promise<PostOutcome> {
    try {
      const target = await this.#toTarget({ readOnly: true });
      return await publishPost(group, target, { verifyDelayMs: 0, rollback: false, dryRun: true });
    } catch (thrown) {
      return toFailed(group, thrown);
    }
  }

  /** Rejects when the server cannot be asked. The answer is the same for all items of the unit. */
  look(memory: UnitMemory): Promise<Look> {
    memory.look ??= this.#look(memory);
    return memory.look;
  }

  /**
   * Of an attempt that was cut off: what is neither as wanted nor as before is put back; what was concluded stays. Rejects
   * when that cannot be done, and the note then stays for the next attempt.
   */
  tidy(memory: UnitMemory): Promise<void> {
    memory.tidied ??= this.#tidy(memory);
    return memory.tidied;
  }

  async #tidy(memory: UnitMemory): Promise<void> {
    const { config, state } = this.#parts;
    if (memory.note === null || memory.keepsNote) return;
    if (!memory.isConcluded && config.rollback) {
      await this.#inTurn(memory.post_id, async () => {
        const found = await this.look(memory);
        if (found.state === 'mixed') await this.#putBack(memory, found);
      });
    }
    await state.units.drop(memory);
  }

  async #publish(
    { memory, items, signal }: Attempt,
    { group, save }: { group: PostGroup; save: (note: Parameters<UnitMemories['save']>[1]) => Promise<void> },
  ): Promise<PostOutcome> {
    const { config } = this.#parts;
    try {
      const target = await this.#toTarget({ readOnly: config.dry_run, signal });
      const outcome = await publishPost(group, target, {
        verifyDelayMs: config.verify_delay_s * 1000,
        rollback: config.rollback,
        dryRun: config.dry_run,
        ...(memory.note !== null && { original: memory.note.original }),
        saveOriginal: (original, wanted) =>
          save({ items: [...items], original, wanted: Object.fromEntries(wanted) }),
      });
      this.#learn(target, outcome);
      return outcome;
    } catch (thrown) {
      if (signal.aborted) return toPostOutcome(group, () => ({ status: 'stopped' }));
      return toFailed(group, thrown);
    }
  }

  /** A server that was brought up to date may take what it refused. */
  #learn({ server }: Target, outcome: PostOutcome): void {
    const isRefused = outcome.results.some(
      ({ error }) => error?.code === 'unsupported_server' || error?.code === 'caption_too_long',
    );
    if (isRefused) this.#parts.links.forget(server.url);
  }

  async #look(memory: UnitMemory): Promise<Look> {
    const { state } = this.#parts;
    if (memory.isLive) return lookAtPost(await this.#toTarget({ readOnly: true }), memory);
    if (state.isOutOfReach) throw new Error('the server could not be asked a moment ago');
    try {
      return await lookAtPost(await this.#toTarget({ readOnly: true, isHasty: true }), memory);
    } catch (thrown) {
      state.isOutOfReach = true;
      throw thrown;
    }
  }

  async #putBack(memory: UnitMemory, { post }: Look): Promise<void> {
    const { config, log, batch } = this.#parts;
    if (memory.note === null) return;
    const { original, wanted } = memory.note;
    const published = await this.#findPublished(memory);
    const media = new Set(Object.keys(wanted).filter((id) => !published.has(id)));
    const target = await this.#toTarget({ readOnly: false, isHasty: !memory.isLive });
    const verifyDelayMs = config.verify_delay_s * 1000;
    await putBackCaptions(target, { post, original, media, verifyDelayMs });
    log.info({ batch_id: batch.id, post_id: post.id }, 'a post that was left half done was put back');
  }

  /** Media of items that are on record as published: a crash can have come between the records of a unit. */
  async #findPublished(memory: UnitMemory): Promise<Set<string>> {
    const items = new Set(memory.note?.items);
    const published = new Set<string>();
    for await (const { i, s, d } of this.#parts.batch.results()) {
      if (items.has(i) && s === 'processed' && typeof d?.media_id === 'string') published.add(d.media_id);
    }
    return published;
  }

  #inTurn<T>(postId: string, work: () => Promise<T>): Promise<T> {
    return this.#parts.turns.run([`${this.#parts.connect().server} ${postId}`], work);
  }

  /** `isHasty`: one attempt, and a short wait for its answer. Rejects as `connect` throws, or with ServerFault. */
  async #toTarget({
    readOnly,
    isHasty = false,
    signal,
  }: {
    readOnly: boolean;
    isHasty?: boolean;
    signal?: AbortSignal;
  }): Promise<Target> {
    const { links, state } = this.#parts;
    const policy = isHasty ? { ...links.policy, attempts: 1 } : links.policy;
    const timeout = isHasty ? { timeoutMs: LOOK_TIMEOUT_MS } : {};
    const plain = links.toServer(this.#parts.connect(), { readOnly, ...timeout });
    const server = toGated(plain, state.gate);
    const instance = await links.instance(server, { signal, policy });
    return { server, instance, pace: links.pace, policy, signal };
  }
}

function toGroup({ memory, items }: Attempt): PostGroup {
  return { post_id: memory.post_id, captions: items.flatMap((item) => memory.captions.get(item) ?? []) };
}

function toFailed(group: PostGroup, thrown: unknown): PostOutcome {
  const error = toCaptionError(thrown, group.post_id);
  return toPostOutcome(group, () => ({ status: 'failed', error }));
}
