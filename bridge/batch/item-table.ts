/**
 * The items of one batch in typed arrays: 11 bytes each, so that a million fit in a few megabytes. Counts are kept as
 * items change; handing out the next one costs O(1) amortised. Knows no files, no time and no other batch.
 */
import { type FailureCode, failureCodes, type ItemStatus, type Ref } from '../contract/index.ts';
import { Units } from './units.ts';

/** `claimed`: taken, its claim durable or on its way, but not yet handed to a thread; on the wire still `pending`. */
const states = ['pending', 'claimed', 'in_flight', 'processed', 'failed', 'skipped'] as const;
export type ItemState = (typeof states)[number];
const code = { pending: 0, claimed: 1, in_flight: 2, processed: 3, failed: 4, skipped: 5 } as const;

/** Host crashes a photo may ever cost: one among others that makes it a suspect, one alone that proves it. */
const MAX_CRASHES = 2;

export type Claim = { attempt: number; name: string };
export type SettledState = 'processed' | 'failed' | 'skipped';
export type ItemCounts = Record<ItemStatus, number>;

export class ItemTable {
  readonly ids: Float64Array;
  readonly refs: readonly (Ref | null)[] | null;
  /** Which items go together; null: each goes alone. */
  readonly units: Units | null;
  readonly claims = new Map<number, Claim>();
  /** Of the suspects, by item: none (its host was ended by somebody else), one (beside others), two (guilty). */
  readonly crashes = new Map<number, number>();
  /** Times the host was ended by somebody else while the item ran alone; of this life of the daemon only. */
  readonly kills = new Map<number, number>();
  #state: Uint8Array;
  #attempts: Uint8Array;
  #failure: Uint8Array;
  #counts = [0, 0, 0, 0, 0, 0];
  #failures = new Int32Array(failureCodes.length + 1);
  /** Everything below it was handed out once; what came back since is in `#returned`. */
  #cursor = 0;
  #returned: number[] = [];
  #head = 0;
  #suspects: number[] = [];
  /** Handed out and not offered since: nobody else gets them, whatever their state. */
  readonly #taken = new Set<number>();

  constructor(
    ids: Float64Array,
    refs: readonly (Ref | null)[] | null = null,
    units: readonly number[] | null = null,
  ) {
    this.ids = ids;
    this.refs = refs;
    this.units = units === null ? null : new Units(units, ids.length);
    this.#state = new Uint8Array(ids.length);
    this.#attempts = new Uint8Array(ids.length);
    this.#failure = new Uint8Array(ids.length);
    this.#counts[code.pending] = ids.length;
  }

  get total(): number {
    return this.ids.length;
  }

  state(index: number): ItemState {
    return states[this.#state[index] ?? 0] ?? 'pending';
  }

  status(index: number): ItemStatus {
    const state = this.state(index);
    return state === 'claimed' ? 'pending' : state;
  }

  attempts(index: number): number {
    return this.#attempts[index] ?? 0;
  }

  failureCode(index: number): FailureCode {
    return failureCodes[(this.#failure[index] ?? 0) - 1] ?? 'internal';
  }

  /** `processed` includes the skipped ones; `skipped` is their number again. The first four sum up to the total. */
  counts(): ItemCounts {
    const [pending = 0, claimed = 0, inFlight = 0, processed = 0, failed = 0, skipped = 0] = this.#counts;
    return {
      pending: pending + claimed,
      in_flight: inFlight,
      processed: processed + skipped,
      failed,
      skipped,
    };
  }

  /** Failed items by code. Kept as they change: a status must not walk a million items. */
  failureCounts(): Record<string, number> {
    return Object.fromEntries(
      failureCodes
        .map((name, place) => [name, this.#failures[place + 1] ?? 0] as const)
        .filter(([, n]) => n > 0),
    );
  }

  get settledCount(): number {
    const counts = this.counts();
    return counts.processed + counts.failed;
  }

  /** The next item nobody works on, without taking it; null when there is none. Suspects are never among them. */
  peek(): number | null {
    for (let index = this.#returned[this.#head]; index !== undefined; index = this.#returned[this.#head]) {
      if (this.#isFree(index)) return index;
      this.#dropHead();
    }
    while (this.#cursor < this.total) {
      if (this.#isFree(this.#cursor)) return this.#cursor;
      this.#noteSuspect(this.#cursor);
      this.#cursor += 1;
    }
    return null;
  }

  /** Takes what `peek` shows; nobody else gets it until it is offered again, not even once it is pending again. */
  take(): number | null {
    const index = this.peek();
    if (index === null) return null;
    if (this.#returned[this.#head] === index) this.#dropHead();
    else this.#cursor += 1;
    this.#hand(index);
    return index;
  }

  /** Takes what `peek` shows with all of its unit that nobody works on, in order; empty when there is none. */
  takeUnit(): number[] {
    const index = this.take();
    if (index === null) return [];
    const members = this.units?.membersOf(index).filter((member) => this.#isFree(member)) ?? [];
    for (const member of members) this.#hand(member);
    return [index, ...members].sort((a, b) => a - b);
  }

  /** The next pending item that was in a host when it died: to be run alone. */
  peekSuspect(): number | null {
    this.peek();
    for (let index = this.#suspects[0]; index !== undefined; index = this.#suspects[0]) {
      if (this.#state[index] === code.pending) return index;
      this.#suspects.shift();
    }
    return null;
  }

  takeSuspect(): number | null {
    const index = this.peekSuspect();
    if (index === null) return null;
    this.#suspects.shift();
    this.#hand(index);
    return index;
  }

  /** Makes an item that was taken and given back available again. Settled and running ones are left alone. */
  offer(index: number): void {
    this.#taken.delete(index);
    if (this.#state[index] === code.claimed && !this.claims.has(index)) this.#move(index, 'pending');
    if (this.#state[index] !== code.pending) return;
    if (this.crashes.has(index)) this.#noteSuspect(index);
    else if (index < this.#cursor) this.#returned.push(index);
  }

  claim(index: number, claim: Claim): void {
    this.#move(index, 'claimed');
    this.#attempts[index] = Math.min(claim.attempt, 255);
    this.claims.set(index, claim);
  }

  start(index: number): void {
    if (this.#state[index] === code.claimed) this.#move(index, 'in_flight');
  }

  /** Pending again without a spent attempt, but the claim stays open: what it wrote is still to be taken back. */
  withdraw(index: number): void {
    if (this.#state[index] === code.pending) return;
    this.#move(index, 'pending');
    this.#attempts[index] = Math.max(0, this.attempts(index) - 1);
  }

  /** Back to pending. `spent: false` takes the attempt back as well. Does not `offer` it. */
  release(index: number, options: { spent: boolean; crashed?: boolean }): void {
    if (options.spent && this.#state[index] !== code.pending) this.#move(index, 'pending');
    else this.withdraw(index);
    this.claims.delete(index);
    // A suspect runs alone: what crashes then is that item, whatever made it a suspect.
    if (options.crashed) this.crashes.set(index, this.crashes.has(index) ? MAX_CRASHES : 1);
  }

  /** From now on it runs alone. */
  suspect(index: number): void {
    if (!this.crashes.has(index)) this.crashes.set(index, 0);
  }

  /** It has crashed as many hosts as it may: it is never run again. */
  isGuilty(index: number): boolean {
    return (this.crashes.get(index) ?? 0) >= MAX_CRASHES;
  }

  settle(index: number, state: SettledState, attempts: number, failure?: FailureCode): void {
    this.claims.delete(index);
    this.kills.delete(index);
    this.#taken.delete(index);
    this.#move(index, state);
    this.#attempts[index] = Math.min(attempts, 255);
    this.#setFailure(index, failure === undefined ? 0 : failureCodes.indexOf(failure) + 1);
  }

  /** A failed item pending again, with a fresh count of attempts (crashes are never forgotten). */
  reopen(index: number): void {
    this.#move(index, 'pending');
    this.#attempts[index] = 0;
    this.#setFailure(index, 0);
    this.#cursor = Math.min(this.#cursor, index);
  }

  setAttempts(index: number, attempts: number): void {
    this.#attempts[index] = Math.min(attempts, 255);
  }

  isSettled(index: number): boolean {
    return (this.#state[index] ?? 0) >= code.processed;
  }

  /** Per-item state bytes and attempts as of now, for a snapshot that is written while items go on changing. */
  freeze(): FrozenItems {
    return {
      ids: this.ids,
      refs: this.refs,
      units: this.units,
      state: this.#state.slice(),
      attempts: this.#attempts.slice(),
      failure: this.#failure.slice(),
      claims: [...this.claims],
      crashes: [...this.crashes],
    };
  }

  #setFailure(index: number, place: number): void {
    const before = this.#failure[index] ?? 0;
    this.#failures[before] = (this.#failures[before] ?? 0) - 1;
    this.#failures[place] = (this.#failures[place] ?? 0) + 1;
    this.#failure[index] = place;
  }

  #dropHead(): void {
    this.#head += 1;
    if (this.#head < this.#returned.length) return;
    this.#returned = [];
    this.#head = 0;
  }

  #hand(index: number): void {
    this.#taken.add(index);
    this.#move(index, 'claimed');
  }

  #isFree(index: number): boolean {
    return this.#state[index] === code.pending && !this.crashes.has(index) && !this.#taken.has(index);
  }

  #noteSuspect(index: number): void {
    if (this.crashes.has(index) && this.#state[index] === code.pending && !this.#suspects.includes(index)) {
      this.#suspects.push(index);
    }
  }

  #move(index: number, state: ItemState): void {
    const before = this.#state[index];
    if (before === undefined) throw new RangeError(`no item ${index} in a batch of ${this.total}`);
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#state[index] = code[state];
    this.#counts[code[state]] = (this.#counts[code[state]] ?? 0) + 1;
  }
}

export type FrozenItems = {
  ids: Float64Array;
  refs: readonly (Ref | null)[] | null;
  units: Units | null;
  state: Uint8Array;
  attempts: Uint8Array;
  failure: Uint8Array;
  claims: [number, Claim][];
  crashes: [number, number][];
};
export const itemStateCode = code;
