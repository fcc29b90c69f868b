/** What the engine needs from the outside; adapters in other folders implement these. Types only. */
import type {
  DevelopOutcome,
  DevelopTask,
  EventDraft,
  Failure,
  Hold,
  JournalPayload,
  JournalRecord,
  NativePreset,
  OperationName,
  PlanItem,
  ProofOutcome,
  ProofTask,
  Recipe,
  Ref,
  StateFile,
  StoredResult,
} from '../contract/index.ts';
import type { FolderStage } from './output-ports.ts';

export interface Clock {
  /** Wall time, ISO-8601 UTC with `Z`. For people and files; never for order or deadlines. */
  iso(): string;
  wallMs(): number;
  /** Monotonic milliseconds. */
  monotonicMs(): number;
}

/** From `from` to `to` (wall ms) without that time having passed. */
export type ClockJump = { from: number; to: number };

/** What is known of the wall clock's past. Implemented by `store/`. */
export interface ClockHistory {
  /** Forward jumps of more than an hour, also those of earlier runs. Looks at the clock before it answers. */
  jumps(): readonly ClockJump[];
}

/** After repeated unclean ends: nothing renders by itself. Implemented by `resources/`. */
export interface SafeMode {
  /** Null when it is off. */
  readonly reason: string | null;
  end(): void;
}

/** A kept batch as found on disk at start. */
export type LoadedSnapshot = { file: StateFile; source: 'main' | 'bak' | 'journal'; bytes: number };
export type QuarantinedFile = { file: string; reason: string };

export type LoadedState = {
  /** One at a time, so that 10,000 kept batches are never all parsed in memory at once. */
  snapshots: Iterable<LoadedSnapshot>;
  /** Every valid journal record still kept, in order of `seq`. Snapshots may already contain some. */
  records: readonly JournalRecord[];
  quarantined: readonly QuarantinedFile[];
  /** Records may be missing from `records`. */
  journalDamaged?: boolean;
  /** Grows by at least one each start; the base of event numbers. */
  epoch: number;
};

/** Durable state. Implemented by `store/`; knows files and order of writes, no batch rules. */
export interface BatchStore {
  /**
   * Appends in call order and resolves, in that order, with the seq of the last of them once they are on disk
   * (group commit). Rejects with BridgeError `read_only` or `disk_full`; then none of them counts. `essential`: what has
   * already happened and must be recorded; it may use the room that is kept for a full disk.
   */
  append(payloads: readonly JournalPayload[], options?: { essential?: boolean }): Promise<number>;
  /**
   * Replaces the batch's state file atomically. `chunks` joined are its JSON text without the closing brace; they are
   * pulled one by one with the event loop free in between. `sync: false` skips the syncs (the journal has it all).
   * Calls for one batch must not overlap.
   */
  saveSnapshot(batchId: string, chunks: Iterable<string>, options: { sync: boolean }): Promise<void>;
  /** Appends to the batch's item log and syncs it. A later result of the same item replaces an earlier one. */
  appendResults(batchId: string, results: readonly StoredResult[]): Promise<void>;
  readResults(batchId: string, indices: readonly number[]): Promise<Map<number, StoredResult>>;
  /** Every record up to `coveredSeq` is in synced snapshots and item logs: older segments may go. */
  checkpoint(coveredSeq: number): Promise<void>;
  /** Deletes state file, backup, item log and inputs. */
  removeBatch(batchId: string): Promise<void>;
  /** Null when changes can be written; else why they cannot. It ends by itself when the disk works again. */
  readOnly(): ReadOnly | null;
  /** Told when that began or ended. Answers how to stop being told. */
  onReadOnlyChange(listener: () => void): () => void;
}
/** `since`: ISO UTC. */
export type ReadOnly = { code: 'read_only' | 'disk_full'; reason: string; since: string };

/** What an item of an operation is whose items are no photos. `n`: what its operation noted while it was under way. */
export type ItemInput = { i: number; v: unknown; n?: unknown };
/** Those of all batches. Implemented by `store/`. */
export interface ItemInputs {
  /** A later input of the same item replaces the earlier one. Durable when resolved. */
  save(batchId: string, inputs: readonly ItemInput[]): Promise<void>;
  /** Without those that are not there. */
  read(batchId: string, items: readonly number[]): Promise<Map<number, ItemInput>>;
}
/** The same with what only the engine may do. */
export interface AllInputs extends ItemInputs {
  /** Of a batch that never came to be. */
  remove(batchId: string): Promise<void>;
  /** Removes those of batches that are not known, unless another file is still about them (damaged, or of a newer version). */
  removeStrays(isKnown: (batchId: string) => boolean): Promise<void>;
}

/** What became of a task besides an outcome: its host died under it, or it was stopped on request. */
export type TaskEnd<O> = { kind: 'outcome'; outcome: O } | LostEnd | { kind: 'stopped' };

/**
 * What a host's death says of the photos in it. `crash` (absent means the same): native code gave up, which a photo can make it
 * do. `memory`: it took more than it may have. `kill`: somebody else ended it, which no photo can do.
 */
export type DeathCause = 'crash' | 'memory' | 'kill';
export type LostEnd = {
  kind: 'lost';
  reason: string;
  cause?: DeathCause;
  /** To be called when what it means for the photo is on disk. */
  recorded?: () => void;
};
/** Host deaths of the last run of the daemon that nobody recorded. Implemented by `executor/`. */
export type UnseenDeaths = { readonly found: boolean; clear(): void };

/** Where tasks run. Implemented by `executor/` with the local render host; later by a distributed queue. */
export interface Executor {
  /** Tasks that can run at once. */
  readonly capacity: number;
  /** Never rejects. At most `capacity` at a time do useful work; aborting kills the task now (hard stop). */
  develop(task: DevelopTask, options: RunOptions): Promise<TaskEnd<DevelopOutcome>>;
  /** For a person who waits: not counted against `capacity`. */
  proof(task: ProofTask, options: RunOptions): Promise<TaskEnd<ProofOutcome>>;
}
/** `alone`: no other task, not even a proof, is in any host while this one runs. */
export type RunOptions = { signal?: AbortSignal; alone?: boolean };

/** Photo ids and the files behind them. Implemented by `photos/`. */
export interface PhotoSource {
  has(photoId: number): boolean;
  path(photoId: number): Promise<string | null>;
  /** `device`: where the file was when it was registered; null for one registered unchecked, which nobody has seen. */
  place(photoId: number): Promise<{ path: string; device: number | null } | null>;
  /**
   * Same file, same id. In order. A path that is no readable image file: `{failure}` in its place. Durable when resolved.
   * `unchecked`: any absolute path gets an id; what is wrong with it shows when its item runs.
   */
  register(
    paths: readonly string[],
    options?: { unchecked?: boolean },
  ): Promise<readonly (number | { path: string; reason: string })[]>;
  /** Registers all image files of a folder (recursive), in name order. */
  registerFolder(folder: string, glob?: string): Promise<readonly number[]>;
  /** What `register` would find, registering nothing. */
  find(paths: readonly string[]): Promise<readonly (FoundPhoto | { path: string; reason: string })[]>;
  findFolder(folder: string, glob?: string): Promise<readonly FoundPhoto[]>;
}
/** `photoId` is null for a file that has no id yet. */
export type FoundPhoto = { photoId: number | null; path: string };

/** Where photos may be read and outputs written (setting `security.paths`). Implemented by `photos/`. */
export interface PathPolicy {
  /** Null when this photo may be read; else why not. Relative paths never may. */
  source(path: string): Promise<string | null>;
  /** Null when outputs may go to this folder, which need not exist yet; else why not. */
  outputFolder(path: string): Promise<string | null>;
  /** Real paths of the only folders photos may be read from; undefined: anywhere. Who opens a photo holds it against them then. */
  sourceRoots?(): Promise<string[] | undefined>;
}

/** A preset as a batch freezes it. `hash`: hex over the content. */
export type ResolvedPreset = { recipe: Recipe; hash: string; notHonoured: readonly string[] };

/** Named recipes. Implemented by `presets/`. */
export interface PresetSource {
  /** Durable when resolved. Throws BridgeError `unknown_preset` (with the nearest names) or `preset_invalid`. */
  resolve(preset: string | NativePreset): Promise<ResolvedPreset>;
  /** The recipe as a task carries it: files by their absolute path. */
  toTask(recipe: Recipe): Recipe;
}

/** Files that recipes are made of, by the hash of their content in their name. Implemented by `store/`. */
export interface RecipeFiles {
  readonly folder: string;
  has(name: string): Promise<boolean>;
  /** Durable when resolved. */
  save(name: string, bytes: Uint8Array): Promise<void>;
}

/** Announces what is on disk. Implemented by `events/`. */
export interface EventSink {
  /** Numbers, stamps, keeps and publishes it. Answers its seq. */
  publish(draft: EventDraft): number;
  /** The seq of the newest event. */
  readonly seq: number;
}

/** How many tasks may run now. Implemented by `resources/`. */
export interface Limiter {
  readonly limit: number;
  readonly capacity: number;
  /** Why `limit` is below `capacity`; null when it is not. */
  readonly reason: string | null;
  /** A hold on all batches (limit 0), or null. */
  readonly hold: Hold | null;
  onChange(listener: () => void): () => void;
}

/** An item as an operation sees it. `attempt` counts from 1. `alone`: a suspect of a host's death; nothing may run beside it. */
export type ItemView = { index: number; photoId: number; ref: Ref | null; attempt: number; alone?: boolean };

/** A photo of a dry run: `path` null when nothing is known by that id, `reason` why its file cannot be taken. */
export type PlanTarget = {
  index: number;
  photoId: number | null;
  path: string | null;
  reason?: string;
  /** Of an operation whose items are no photos. */
  input?: unknown;
};

/** What an operation needs to know of a batch; frozen when the batch starts (or is retried with another config). */
export type BatchView = {
  id: string;
  createdAt: string;
  config: Record<string, unknown> | null;
  recipe: Recipe | undefined;
  recipeHash: string | undefined;
  /** Items of the batch. */
  total: number;
  /** The results there are, in order of their items. */
  results(): AsyncIterable<StoredResult>;
};

/** What `prepare` found out; goes into the batch's state file. `config` has its defaults filled in where that matters. */
export type Prepared = {
  config: Record<string, unknown> | null;
  recipe?: Recipe;
  recipeHash?: string;
  warnings: string[];
};

/** `path`: the source, for results; null when there is none. The name is what the claim record says will be written. */
export type ClaimEnd =
  | { ok: true; name: string; path: string | null }
  /** `storage`: a folder or drive is at fault, not the photo. */
  | { ok: false; failure: Failure; path: string | null; storage?: true };
export type UnitResult = Omit<StoredResult, 'i' | 'a'>;
export type UnitEnd =
  | { kind: 'settled'; result: UnitResult }
  /** A folder or drive is at fault, not the photo: nothing is spent. */
  | { kind: 'storage'; failure: Failure }
  | LostEnd
  | { kind: 'stopped' };

/** An item whose claim is durable, with what `claim` answered. */
export type ClaimedItem = { item: ItemView; name: string; path: string | null };

/** Where the items of a start come from, for operations whose items are no photos. */
export type ItemSource = { items: readonly unknown[] } | { file: string };
/** `ref`: the caller's own id of an item, given back in results. */
export type ItemSelection = {
  items: readonly { ref: Ref | null; input: unknown }[];
  /** Sizes of the units, in order; absent: each item is one. */
  units?: readonly number[];
  warnings?: readonly string[];
};

/** What a batch does to its items. One folder in `operations/` each; the engine knows only this. */
export interface Operation {
  readonly name: OperationName;
  /** How many units of this operation may run at once. */
  readonly limiter: Limiter;
  /** Attempts of an item by the engine; absent: as the setting says. One: the operation itself tries again. */
  readonly attempts?: number;
  /** A batch of it ends `completed` also when no item succeeded. */
  readonly isAlwaysCompleted?: boolean;
  /** Keys of the details of its results, as columns of an export; absent: they have none. */
  readonly detailKeys?: readonly string[];
  /** Of an operation whose items are no photos: reads and checks them. Throws BridgeError. Writes nothing. Absent: photos. */
  select?(source: ItemSource, config: Record<string, unknown> | null): Promise<ItemSelection>;
  /** Validates a config and resolves what it names. Throws BridgeError. Writes nothing. */
  prepare(batchId: string, config: Record<string, unknown> | null): Promise<Prepared>;
  /** For a batch whose config `prepare` accepted; a config that no longer parses is answered by `ready`. */
  open(batch: BatchView): OperationRun;
}

export interface OperationRun {
  /** Folder of the outputs, or null when the operation writes none. */
  readonly folder: string | null;
  /** Units of this batch that may be under way at once; absent: as many as the limiter lets. */
  readonly atOnce?: number;
  /**
   * Makes ready what all items need (the output folder) and looks whether `next`, the item that would run, can be reached.
   * A failure holds the batch (`storage`) or fails it.
   */
  ready(at: { next: ItemView | null; folder: FolderStage }): Promise<Failure | null>;
  /** Chooses and reserves the output name; the engine makes it durable before `run`. Writes nothing. */
  claim(item: ItemView): Promise<ClaimEnd>;
  /** All items of a unit that are to be done, in order; answers an end for each. Never rejects. */
  run(unit: readonly ClaimedItem[], signal: AbortSignal): Promise<readonly UnitEnd[]>;
  /** The result is durable: temp links and reservations may go. */
  settled(item: ItemView, name: string): Promise<void>;
  /** The claim was given back: nothing it wrote may stay. */
  discard(item: ItemView, name: string): Promise<void>;
  /** After a crash: the finished result of an open claim if its output is ours and complete, else null. */
  adopt(item: ItemView, name: string): Promise<UnitResult | null>;
  /** Removes left-overs of dead attempts of this batch. */
  sweep(): Promise<void>;
  /**
   * Nothing of the batch is under way: what the run kept in memory for it goes to where it belongs. `isOver`: all items are
   * settled, or the batch has ended. A failure holds a batch that would have ended (`storage`). Absent: nothing is kept.
   */
  rest?(at: { isOver: boolean }): Promise<Failure | null>;
  /** What a run would do with this photo. One run plans one batch: names it gave stay taken. Writes nothing. */
  plan(target: PlanTarget): Promise<PlanItem>;
}

/** A completion webhook. `id`: the same for every try. `event`, `timestamp`: what happened and when, ISO UTC. `body` is sent as JSON. */
export type WebhookDelivery = { url: string; id: string; event: string; timestamp: string; body: unknown };
/** `again`: not before `afterMs`, if given. `refused`: no try would end otherwise. Reasons are for people and hold no secret. */
export type WebhookEnd =
  | { kind: 'delivered'; status: number }
  | { kind: 'again'; reason: string; afterMs?: number }
  | { kind: 'refused'; reason: string };
/** Tells an address that a batch has ended; one call is one try. Implemented by `webhooks/`. */
export interface WebhookSender {
  /** Never rejects. */
  send(delivery: WebhookDelivery, signal: AbortSignal): Promise<WebhookEnd>;
}
