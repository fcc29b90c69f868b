/**
 * What a daemon acknowledged of one batch, in answers and events, over many lives: which statuses, priorities and holds it
 * can have now, and every settled photo. Says what contradicts it. Never asks a daemon and looks at no disk.
 */
import type { BatchStatus, BatchStatusObject, EventType, ItemResult } from '../../../bridge/client/index.ts';
import type { Findings } from './findings.ts';

export type Change =
  | { kind: 'pause' | 'resume' | 'cancel' | 'retry' }
  | { kind: 'priority'; priority: number }
  | { kind: 'hold' | 'lift'; client: string };

/** What is known of a batch before it runs; a batch of which nothing is known can have any status. */
export type Expectation = {
  photos: number;
  priority: number;
  status: BatchStatus;
  /** Photos that must fail; all others must not. */
  bad: ReadonlySet<number>;
  maySkip: boolean;
};
type Settled = { status: ItemResult['status']; sha256: string | undefined; path: string | undefined };

const eventOf = {
  pause: 'batch_paused',
  resume: 'batch_resumed',
  retry: 'batch_resumed',
  cancel: 'batch_cancelled',
  hold: 'hold_placed',
  lift: 'hold_lifted',
} as const satisfies Partial<Record<Change['kind'], EventType>>;
const statusAfter = { pause: 'paused', resume: 'running', retry: 'running', cancel: 'cancelled' } as const;
/** Where a change can be made from. */
const statusesBefore: Record<keyof typeof statusAfter, readonly BatchStatus[]> = {
  pause: ['running'],
  resume: ['paused'],
  retry: ['completed', 'failed'],
  cancel: ['pending', 'running', 'paused'],
};

export class BatchLedger {
  readonly id: string;
  readonly expects: Expectation | null;
  /** Every photo that was acknowledged as settled. */
  readonly settled = new Map<number, Settled>();
  readonly #findings: Findings;
  readonly #told = new Set<number>();
  /** Null: nothing is known. */
  #statuses: Set<BatchStatus> | null;
  #priorities: Set<number> | null;
  readonly #holds = new Map<string, Set<boolean>>();
  /** The change under way; callers make one at a time. */
  #open: Change | null = null;
  #openTold = false;
  /** Of this life: changes answered, and events of changes heard, by event type. An event beyond the answers is of `#open`. */
  readonly #answered = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  #newest: { seq: number; processed: number } = { seq: -1, processed: 0 };
  #maxSeq = 0;
  #processed = 0;
  #retried = false;
  #retriedSeq = -1;

  constructor(id: string, findings: Findings, expects: Expectation | null = null) {
    this.id = id;
    this.expects = expects;
    this.#findings = findings;
    this.#statuses = expects === null ? null : new Set([expects.status]);
    this.#priorities = expects === null ? null : new Set([expects.priority]);
  }

  /** It can be in no other status any more. */
  get isCancelled(): boolean {
    return this.#statuses?.size === 1 && this.#statuses.has('cancelled');
  }

  /** As far as is known: never wrong for a batch that nobody else changes, unless it ended meanwhile. */
  may(status: BatchStatus): boolean {
    return this.#statuses === null || this.#reachable().has(status);
  }

  /** One that is still open got no answer. */
  begin(change: Change): void {
    this.unanswered();
    this.#open = change;
    this.#openTold = false;
  }

  answered(status?: BatchStatusObject): void {
    const change = this.#open;
    if (change === null) return;
    this.#open = null;
    this.#make(change);
    if (change.kind === 'retry') this.#noteRetry(status?.seq ?? 0);
    if (change.kind !== 'priority') add(this.#answered, eventOf[change.kind]);
    if (status !== undefined) this.sawStatus(status);
  }

  /** `status`: the one the refusal names, if it does. */
  refused(status?: BatchStatus): void {
    this.#open = null;
    if (status === undefined) return;
    if (!this.may(status)) this.#contradiction('is, as a refusal says,', status);
    this.#statuses = new Set([status]);
  }

  /** The daemon died before it answered: the change is made or not, unless an event told. */
  unanswered(): void {
    const change = this.#open;
    if (change === null) return;
    this.#open = null;
    if (change.kind === 'retry') this.#noteRetry(0);
    if (this.#openTold) this.#make(change);
    else this.#perhaps(change);
  }

  heard(type: EventType): void {
    add(this.#heard, type);
    const change = this.#open;
    if (change === null || change.kind === 'priority' || eventOf[change.kind] !== type) return;
    if ((this.#heard.get(type) ?? 0) > (this.#answered.get(type) ?? 0)) this.#openTold = true;
  }

  /** A status object, from an answer or an event; they may come in another order than they were made in. */
  sawStatus(status: BatchStatusObject): void {
    const { processed_count, failed_count, in_flight_count, pending_count, total_photos, seq } = status;
    const sum = processed_count + failed_count + in_flight_count + pending_count;
    if (sum !== total_photos) this.#find('lostPhotos', `its counts sum up to ${sum} of ${total_photos}`);
    if (this.expects !== null && total_photos !== this.expects.photos)
      this.#find('lostPhotos', `has ${total_photos} photos instead of ${this.expects.photos}`);
    if (seq > this.#newest.seq) {
      if (processed_count < this.#newest.processed)
        this.#find('lostPhotos', `processed fell from ${this.#newest.processed} to ${processed_count}`);
      this.#newest = { seq, processed: processed_count };
    }
    this.#maxSeq = Math.max(this.#maxSeq, seq);
    this.#processed = Math.max(this.#processed, processed_count);
    if (this.#open?.kind === 'priority' && this.#open.priority === status.priority)
      this.#openTold ||= this.#priorities?.has(status.priority) === false;
    const isEnd = status.status === 'completed' || status.status === 'cancelled';
    if (isEnd && seq > this.#retriedSeq && this.#open?.kind !== 'retry')
      this.#statuses = new Set([status.status]);
  }

  /** Told in an event: a photo is settled once, in all lives together. */
  toldSettled(photo: ItemResult): void {
    if (this.#told.has(photo.photo_id) && !this.#retried)
      this.#find('doubleWrites', `photo ${photo.photo_id} was told as settled twice`);
    this.#told.add(photo.photo_id);
    this.sawSettled(photo);
  }

  sawSettled(photo: ItemResult): void {
    const now = { status: photo.status, sha256: photo.output?.sha256, path: photo.output?.path };
    const before = this.settled.get(photo.photo_id);
    const text = JSON.stringify(now);
    if (before !== undefined && !this.#isReopened(before) && JSON.stringify(before) !== text) {
      const loss = before.status === now.status ? 'lostChanges' : 'lostPhotos';
      this.#find(loss, `photo ${photo.photo_id}: ${JSON.stringify(before)} became ${text}`);
    }
    this.settled.set(photo.photo_id, now);
    this.#judge(photo);
  }

  /** At the begin of a life, of what it has recovered. */
  newLife(): void {
    this.unanswered();
    this.#answered.clear();
    this.#heard.clear();
    this.#newest = { seq: -1, processed: this.#processed };
  }

  /** What a life says after its start; whatever ran before was brought to `paused`. */
  recovered(status: BatchStatusObject): void {
    if (status.seq < this.#maxSeq)
      this.#find('other', `its number fell from ${this.#maxSeq} to ${status.seq}`);
    const reachable = this.#statuses === null ? null : this.#reachable();
    if (reachable?.delete('running')) reachable.add('paused');
    if (reachable !== null && !reachable.has(status.status))
      this.#contradiction('is', status.status, reachable);
    if (status.processed_count < this.#processed)
      this.#find('lostPhotos', `processed fell from ${this.#processed} to ${status.processed_count}`);
    if (this.#statuses !== null) this.#statuses = new Set([status.status]);
    if (this.#priorities !== null) {
      if (!this.#priorities.has(status.priority))
        this.#find(
          'lostChanges',
          `has priority ${status.priority}, not ${[...this.#priorities].join(' or ')}`,
        );
      this.#priorities = new Set([status.priority]);
    }
    this.#checkHolds(status);
    this.sawStatus(status);
  }

  /** Every item result, of a life in which nothing of the batch runs yet. */
  recoveredPhotos(results: ReadonlyMap<number, ItemResult>): void {
    for (const [id, before] of this.settled) {
      const now = results.get(id);
      if (now === undefined) this.#find('lostPhotos', `photo ${id} is no longer in the batch`);
      else if (now.status !== before.status && !this.#isReopened(before))
        this.#find('lostPhotos', `photo ${id} was ${before.status} and is ${now.status}`);
    }
    for (const photo of results.values()) if (isSettled(photo)) this.sawSettled(photo);
  }

  #make(change: Change): void {
    if (change.kind === 'priority') this.#priorities = new Set([change.priority]);
    else if (change.kind === 'hold' || change.kind === 'lift')
      this.#holds.set(change.client, new Set([change.kind === 'hold']));
    else this.#statuses = new Set([statusAfter[change.kind]]);
  }

  #perhaps(change: Change): void {
    if (change.kind === 'priority') this.#priorities?.add(change.priority);
    else if (change.kind === 'hold' || change.kind === 'lift') {
      const before = this.#holds.get(change.client) ?? new Set([false]);
      this.#holds.set(change.client, before.add(change.kind === 'hold'));
    } else {
      const can = statusesBefore[change.kind].some((status) => this.may(status));
      if (can) this.#statuses?.add(statusAfter[change.kind]);
    }
  }

  /** What becomes of it by itself: a running batch completes. */
  #reachable(): Set<BatchStatus> {
    const reachable = new Set(this.#statuses);
    if (reachable.has('running')) reachable.add('completed');
    return reachable;
  }

  #checkHolds({ status, holds }: BatchStatusObject): void {
    const isOver = status === 'completed' || status === 'cancelled' || status === 'failed';
    for (const [client, possible] of this.#holds) {
      const isHeld = holds.some(({ owner }) => owner === `client:${client}`);
      if (!possible.has(isHeld) && !isOver)
        this.#find(
          'lostChanges',
          `hold of ${client}: ${isHeld ? 'there' : 'not there'}, against what was answered`,
        );
      this.#holds.set(client, new Set([isHeld]));
    }
  }

  #judge({ photo_id, status, failure }: ItemResult): void {
    if (this.expects === null) return;
    const mustFail = this.expects.bad.has(photo_id);
    if (mustFail !== (status === 'failed'))
      this.#find('lostPhotos', `photo ${photo_id} is ${status} (${failure?.code}: ${failure?.message})`);
    if (status === 'skipped' && !this.expects.maySkip)
      this.#find('lostPhotos', `photo ${photo_id} was skipped`);
  }

  #isReopened(before: Settled): boolean {
    return this.#retried && before.status === 'failed';
  }

  #noteRetry(seq: number): void {
    this.#retried = true;
    this.#retriedSeq = Math.max(this.#retriedSeq, seq);
  }

  #contradiction(
    verb: string,
    status: BatchStatus,
    possible: ReadonlySet<BatchStatus> = this.#reachable(),
  ): void {
    this.#find('lostChanges', `${verb} ${status}; acknowledged was ${[...possible].join(' or ')}`);
  }

  #find(loss: Parameters<Findings['add']>[0], text: string): void {
    this.#findings.add(loss, `${this.id}: ${text}`);
  }
}

export function isSettled({ status }: Pick<ItemResult, 'status'>): boolean {
  return status !== 'pending' && status !== 'in_flight';
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
