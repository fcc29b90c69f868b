/**
 * The cleanup that runs by itself once a day, when the settings name a time. A time that was missed (daemon off, machine
 * asleep) is made up for once, however many days it was. What is old enough, the engine decides, by the time that really passed.
 */
import type { Settings } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { nextDaily } from './daily-time.ts';

/** The wall clock may jump, and timers stand still while the machine sleeps. */
const LONGEST_MS = 60_000;
const SHORTEST_MS = 1000;

export type DailyCleanupParts = {
  /** Undefined: off. Asked each time. */
  setting: () => Settings['schedule']['cleanup'];
  /** Wall ms of when a cleanup last ran or was first waited for; null: never. Neither rejects. */
  mark: { load(): Promise<number | null>; save(wallMs: number): Promise<void> };
  /** Answers how many batches it forgot. */
  cleanup: (daysOld: number) => Promise<number>;
  wallMs: () => number;
  log: Log;
};

export class DailyCleanup {
  readonly #parts: DailyCleanupParts;
  /** Undefined: not loaded yet. */
  #last: number | null | undefined;
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = true;

  constructor(parts: DailyCleanupParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#closed = false;
    void this.review();
  }

  /** Resolves when nothing of it is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Runs it if its time has come, and waits for the next. Also to be called when the settings changed. Never rejects. */
  review(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((thrown: unknown) => {
        this.#parts.log.warn({ error: toError(thrown).message }, 'daily cleanup failed');
      })
      .finally(() => {
        this.#looking = null;
        this.#wait();
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { setting, mark, cleanup, wallMs, log } = this.#parts;
    const wanted = setting();
    if (wanted === undefined) return;
    this.#last ??= await mark.load();
    const now = wallMs();
    // Never before, or the clock was set back since: from now on.
    if (this.#last === null || this.#last > now) return this.#note(now);
    if (nextDaily(wanted, this.#last) > now) return;
    // Noted first: what makes a cleanup fail must not make it run every minute.
    await this.#note(now);
    const cleaned = await cleanup(wanted.days_old);
    log.info({ cleaned_count: cleaned, days_old: wanted.days_old }, 'daily cleanup done');
  }

  async #note(now: number): Promise<void> {
    this.#last = now;
    await this.#parts.mark.save(now);
  }

  #wait(): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.review(), this.#left());
    this.#timer.unref();
  }

  #left(): number {
    const wanted = this.#parts.setting();
    if (wanted === undefined || typeof this.#last !== 'number') return LONGEST_MS;
    const left = nextDaily(wanted, this.#last) - this.#parts.wallMs();
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, left));
  }
}
