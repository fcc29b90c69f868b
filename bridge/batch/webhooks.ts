/**
 * Tells the address a batch was started with that it has ended: at least once for each end it stays in, also over a restart.
 * That it was told, or given up, is part of the batch. A batch that is retried meanwhile is told of at its next end.
 */
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, note, statusContext } from './core.ts';
import { isTerminal } from './machine.ts';
import type { WebhookEnd, WebhookSender } from './ports.ts';
import { Slots } from './slots.ts';
import { toStatus } from './status.ts';
import { retryDelayMs } from './webhook-delay.ts';
import { toDelivery } from './webhook-delivery.ts';

/** Requests to one server at a time, so that one that is dead keeps no other from being told. */
const AT_ONCE = 4;

/** One end of a batch: `at` names it. */
type End = { batch: Batch; at: string };

export class Webhooks {
  readonly #core: Core;
  readonly #sender: WebhookSender;
  readonly #slots = new Map<string, Slots>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #closing = new AbortController();
  #isOpen = false;

  constructor(core: Core, sender: WebhookSender) {
    this.#core = core;
    this.#sender = sender;
  }

  /** What the last run did not get told, and what has ended since this one began. */
  open(): void {
    this.#isOpen = true;
    for (const batch of this.#core.registry.all()) this.ended(batch);
  }

  /** To be called when a batch has ended and that is on disk. Does nothing when its end is told already. */
  ended(batch: Batch): void {
    if (!this.#isOpen) return;
    const { webhook, completedAt: at } = batch;
    if (webhook === undefined || at === null || !isTerminal(batch.status)) return;
    if (webhook.told?.end !== at) void this.#tell({ batch, at }, 1);
  }

  close(): void {
    this.#closing.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const slots of this.#slots.values()) slots.review();
  }

  /** `attempt`: from 1; of this run of the daemon. */
  async #tell(end: End, attempt: number): Promise<void> {
    try {
      const answer = await this.#send(end);
      if (answer !== null) await this.#conclude(end, attempt, answer);
    } catch (thrown) {
      // The record of it could not be written: after a restart it is told again.
      this.#core.log.warn({ err: toError(thrown), batch_id: end.batch.id }, 'webhook not recorded');
    }
  }

  async #send(end: End): Promise<WebhookEnd | null> {
    const isWanted = () => !this.#closing.signal.aborted && this.#isCurrent(end);
    const slots = this.#slotsOf(end.batch);
    if (!(await slots.acquire(isWanted))) return null;
    try {
      const { batch } = end;
      const delivery = toDelivery(toStatus(batch, statusContext(this.#core, batch)), Date.parse(end.at));
      if (delivery === null || batch.webhook === undefined) return null;
      return await this.#sender.send({ url: batch.webhook.url, ...delivery }, this.#closing.signal);
    } finally {
      slots.release();
    }
  }

  #slotsOf({ webhook }: Batch): Slots {
    const server = URL.parse(webhook?.url ?? '')?.host ?? '';
    const slots = this.#slots.get(server) ?? new Slots(() => AT_ONCE);
    this.#slots.set(server, slots);
    return slots;
  }

  async #conclude(end: End, attempt: number, answer: WebhookEnd): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (answer.kind === 'delivered') return this.#record(end, { delivered: true });
    const { reason } = answer;
    const waitMs = answer.kind === 'again' ? retryDelayMs(attempt, { afterMs: answer.afterMs }) : null;
    if (waitMs === null) return this.#record(end, { delivered: false, reason });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#tell(end, attempt + 1);
    }, waitMs).unref();
    this.#timers.add(timer);
  }

  #record(end: End, what: { delivered: boolean; reason?: string }): Promise<void> {
    const { committer, clock } = this.#core;
    const { batch, at } = end;
    return committer.exclusive(batch.id, async () => {
      if (!this.#isCurrent(end) || batch.webhook === undefined) return;
      const set = { _webhook: { url: batch.webhook.url, told: { end: at, ...what } } };
      await committer.commit(batch, { k: 'patch', b: batch.id, at: clock.iso(), set });
      const text = what.delivered ? 'webhook delivered' : `webhook given up: ${what.reason}`;
      note(this.#core, batch, text, what.delivered ? 'info' : 'warn');
    });
  }

  #isCurrent({ batch, at }: End): boolean {
    return this.#core.registry.find(batch.id) === batch && batch.completedAt === at;
  }
}
