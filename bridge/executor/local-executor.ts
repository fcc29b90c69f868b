/**
 * Runs tasks in a local render host: starts one on demand, feeds it, replaces it when it is worn out, and lets it go when
 * idle. Knows nothing of batches; every task ends exactly once.
 */
import { availableParallelism } from 'node:os';
import type { Executor, RunOptions, TaskEnd } from '../batch/ports.ts';
import type { DevelopOutcome, ProofOutcome, Task } from '../contract/host-messages.ts';
import type { Hold } from '../contract/index.ts';
import type { Settings } from '../contract/settings.ts';
import type { Log } from '../log.ts';
import { placeMark } from './host-marks.ts';
import { memoryBudgetBytes, memoryLimitBytes } from './memory-limit.ts';
import { type HostEnd, type HostTaskEnd, type HostVersions, RenderHost } from './render-host.ts';
import { StartTrouble } from './start-trouble.ts';

/** Proofs in the host at a time, beside the batch's tasks; the host keeps one thread for them. */
const PROOFS_AT_ONCE = 1;
/** Times a proof may see its host killed by somebody else before who asked for it is told. */
const PROOF_TRIES = 3;

export interface LocalExecutor extends Executor {
  readonly threads: number;
  /** Hosts that were started. */
  readonly starts: number;
  /** Hosts that died, or were killed for a deadline. */
  readonly restarts: number;
  /** A hold on all work while hosts do not even start; it lifts by itself. */
  readonly trouble: { readonly hold: Hold | null; onChange(listener: () => void): () => void };
  /** Resident bytes of all hosts as last told; null when none runs. */
  hostRssBytes(): number | null;
  /** Of the newest host that was ready; null before. */
  versions(): HostVersions | null;
  pid(): number | null;
  /** CPU milliseconds of all hosts there ever were, as they told. */
  hostsCpuMs(): number;
  /** Photos of a batch are in a host. */
  readonly isActive: boolean;
  /** Niceness of this and of later hosts. A lower one comes with the next host where the system lets no process go back up. */
  setNice(level: number): void;
  /** How much of a moment counts against a deadline from now on, 0..1. */
  setPace(pace: number): void;
  /** The host goes as soon as nothing runs in it, its memory with it. */
  letGo(): void;
  /** Kills the hosts at once; tasks in them end `stopped`. Later tasks end `stopped`, too. */
  close(): Promise<void>;
}

export type LocalExecutorOptions = {
  settings: Settings['executor'];
  log: Log;
  lockFd?: number;
  /** Another program in place of the render host. */
  hostEntry?: string | undefined;
  /** Folder of the marks of living hosts (`host-marks.ts`); absent: none are made. */
  marksFolder?: string;
  /** Memory that is free now; absent: as this process finds it. */
  freeBytes?: () => number;
  /** Told when the first photo of a batch goes to a host, and when the last one is done. Proofs do not count. */
  onActivity?: (isActive: boolean) => void;
};

type Waiting = {
  task: Task;
  options: RunOptions;
  /** Nothing else may be in a host while it runs. */
  alone: boolean;
  tries: number;
  resolve: (end: HostEnd) => void;
  /** Listens to the signal while the task waits. */
  onAbort: () => void;
};

export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  return new HostExecutor(options);
}

class HostExecutor implements LocalExecutor {
  readonly threads: number;
  readonly #options: LocalExecutorOptions;
  readonly #waiting = { develop: [] as Waiting[], proof: [] as Waiting[] };
  readonly #inHost = { develop: 0, proof: 0 };
  readonly #hosts = new Set<RenderHost>();
  #current: RenderHost | null = null;
  #versions: HostVersions | null = null;
  #nice: number;
  #spawned = 0;
  /** A task runs that must be alone. */
  #isExclusive = false;
  readonly trouble: StartTrouble;
  #idle: NodeJS.Timeout | null = null;
  #pace = 1;
  #endedCpuMs = 0;
  #closed = false;
  restarts = 0;

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
    this.threads = options.settings.threads ?? availableParallelism();
    this.#nice = options.settings.nice;
    this.trouble = new StartTrouble(options.log, () => {
      if (this.#isAnyWaiting()) this.#pump();
      else this.trouble.over();
    });
  }

  get starts(): number {
    return this.#spawned;
  }

  get capacity(): number {
    return this.threads;
  }

  develop(task: Task & { kind: 'develop' }, options: RunOptions): Promise<TaskEnd<DevelopOutcome>> {
    return this.#enqueue(task, options) as Promise<TaskEnd<DevelopOutcome>>;
  }

  proof(task: Task & { kind: 'proof' }, options: RunOptions): Promise<TaskEnd<ProofOutcome>> {
    return this.#enqueue(task, options) as Promise<TaskEnd<ProofOutcome>>;
  }

  hostRssBytes(): number | null {
    const sizes = [...this.#hosts].flatMap((host) => host.rssBytes ?? []);
    return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
  }

  versions(): HostVersions | null {
    return this.#current?.versions ?? this.#versions;
  }

  pid(): number | null {
    return this.#current?.pid ?? null;
  }

  hostsCpuMs(): number {
    return [...this.#hosts].reduce((sum, host) => sum + host.cpuMs, this.#endedCpuMs);
  }

  get isActive(): boolean {
    return this.#inHost.develop > 0;
  }

  setNice(level: number): void {
    if (level === this.#nice) return;
    this.#nice = level;
    for (const host of this.#hosts) host.setNice(level);
  }

  setPace(pace: number): void {
    this.#pace = pace;
  }

  letGo(): void {
    this.#retire(this.#current);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.trouble.close();
    if (this.#idle !== null) clearTimeout(this.#idle);
    for (const waiting of this.#takeWaiting()) this.#giveBack(waiting);
    const hosts = [...this.#hosts];
    for (const host of hosts) host.kill();
    await Promise.all(hosts.map((host) => host.ended));
  }

  #enqueue(task: Task, options: RunOptions): Promise<HostEnd> {
    if (this.#closed || options.signal?.aborted) return Promise.resolve({ kind: 'stopped' });
    return new Promise((resolve) => {
      const alone = options.alone ?? false;
      const onAbort = () => this.#giveBack(waiting);
      const waiting: Waiting = { task, options, alone, tries: 0, resolve, onAbort };
      this.#waiting[task.kind].push(waiting);
      options.signal?.addEventListener('abort', waiting.onAbort);
      this.#pump();
    });
  }

  #giveBack(waiting: Waiting): void {
    const queue = this.#waiting[waiting.task.kind];
    const index = queue.indexOf(waiting);
    if (index !== -1) queue.splice(index, 1);
    waiting.options.signal?.removeEventListener('abort', waiting.onAbort);
    waiting.resolve({ kind: 'stopped' });
  }

  #pump(): void {
    if (this.#closed || this.trouble.isWaiting || this.#isExclusive) return;
    if (!this.#feedAlone()) {
      this.#feed('proof', PROOFS_AT_ONCE);
      this.#feed('develop', this.threads);
    }
    this.#watchIdle();
  }

  /** True when a task waits that must be alone: nothing else begins until it has run. */
  #feedAlone(): boolean {
    const queues = [this.#waiting.proof, this.#waiting.develop];
    const queue = queues.find((waiting) => waiting.some(({ alone }) => alone));
    if (queue === undefined) return false;
    if (this.#inHost.develop + this.#inHost.proof > 0) return true;
    const index = queue.findIndex(({ alone }) => alone);
    for (const waiting of queue.splice(index, 1)) {
      this.#isExclusive = true;
      this.#begin(waiting);
    }
    return true;
  }

  #feed(kind: Task['kind'], limit: number): void {
    while (this.#inHost[kind] < limit) {
      const waiting = this.#waiting[kind].shift();
      if (waiting === undefined) return;
      this.#begin(waiting);
    }
  }

  #begin(waiting: Waiting): void {
    this.#count(waiting.task.kind, 1);
    void this.#runIn(this.#ensureHost(), waiting);
  }

  #count(kind: Task['kind'], change: 1 | -1): void {
    const before = this.#inHost.develop;
    this.#inHost[kind] += change;
    const now = this.#inHost.develop;
    if (before > 0 !== now > 0) this.#options.onActivity?.(now > 0);
  }

  async #runIn(host: RenderHost, waiting: Waiting): Promise<void> {
    const { task, options, resolve, onAbort } = waiting;
    const { id, end } = host.run(task);
    const stop = () => host.stop(id);
    // A signal may serve a whole batch: no listener may outlive its task.
    options.signal?.removeEventListener('abort', onAbort);
    options.signal?.addEventListener('abort', stop);
    const result = await end;
    options.signal?.removeEventListener('abort', stop);
    this.#count(task.kind, -1);
    if (waiting.alone) this.#isExclusive = false;
    if (result.kind !== 'unsent' && !isToRepeat(waiting, result)) resolve(result);
    else if (options.signal?.aborted || this.#closed) resolve({ kind: 'stopped' });
    else {
      if (result.kind !== 'unsent') Object.assign(waiting, { alone: true, tries: waiting.tries + 1 });
      this.#waiting[task.kind].unshift(waiting);
      options.signal?.addEventListener('abort', onAbort);
    }
    this.#wear(host);
    this.#pump();
  }

  #ensureHost(): RenderHost {
    if (this.#current?.usable) return this.#current;
    const { settings, log, lockFd, hostEntry, marksFolder, freeBytes } = this.#options;
    const name = `${process.pid}-${++this.#spawned}`;
    const host = new RenderHost({
      threads: this.threads,
      // At the lowest priority a start takes a minute on a busy machine, and costs others a second all the same.
      nice: Math.min(this.#nice, settings.nice),
      lockFd,
      entry: hostEntry,
      mark: marksFolder === undefined ? '' : placeMark(marksFolder, name),
      deadlines: settings,
      pace: () => this.#pace,
      memoryLimitBytes: memoryLimitBytes(settings),
      memoryBudgetBytes: memoryBudgetBytes(settings, freeBytes),
      log,
      onReady: () => {
        host.setNice(this.#nice);
        this.trouble.over();
      },
    });
    this.#current = host;
    this.#hosts.add(host);
    void host.ended.then(() => this.#bury(host));
    return host;
  }

  /** After each task: is this host worn out, or left with stray native work of a stopped task? */
  #wear(host: RenderHost): void {
    if (!host.usable) return;
    const { recycle_photos, recycle_mb } = this.#options.settings;
    const limitBytes = (recycle_mb ?? 400 + 350 * this.threads) * 1e6;
    if (host.hadStop && host.load === 0) host.kill();
    else if (host.finished >= recycle_photos || (host.rssBytes ?? 0) > limitBytes) this.#retire(host);
    else if (host !== this.#current && host.load === 0) host.kill();
  }

  /** Takes no more tasks; ends when its last one has. */
  #retire(host: RenderHost | null): void {
    if (host === null) return;
    if (this.#current === host) this.#current = null;
    if (host.load === 0) host.kill();
  }

  #bury(host: RenderHost): void {
    this.#hosts.delete(host);
    this.#endedCpuMs += host.cpuMs;
    if (this.#current === host) this.#current = null;
    if (host.ready) {
      this.#versions = host.versions;
      if (host.failed) this.restarts += 1;
    } else if (host.failed && this.trouble.failed(host.endReason ?? '')) this.#refuseProofs();
    this.#pump();
  }

  /** A host that does not start is no fault of a photo: batches wait until it does. A person who waits is told. */
  #refuseProofs(): void {
    const message = 'The render host does not start.';
    const failure = { code: 'internal', message, stage: 'run', retryable: true } as const;
    const outcome = { ok: false, started_at: new Date().toISOString(), duration_ms: 0, failure } as const;
    for (const waiting of this.#waiting.proof.splice(0)) {
      waiting.options.signal?.removeEventListener('abort', waiting.onAbort);
      waiting.resolve({ kind: 'outcome', outcome });
    }
  }

  #isAnyWaiting(): boolean {
    return this.#waiting.develop.length + this.#waiting.proof.length > 0;
  }

  #takeWaiting(): Waiting[] {
    return [...this.#waiting.develop.splice(0), ...this.#waiting.proof.splice(0)];
  }

  #watchIdle(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#current === null || this.#inHost.develop + this.#inHost.proof > 0) return;
    const release = () => this.#retire(this.#current);
    this.#idle = setTimeout(release, this.#options.settings.idle_s * 1000).unref();
  }
}

/**
 * A proof that lost its host beside others may be as innocent as they are: it is asked again, alone. Batches decide for
 * themselves what becomes of their photos.
 */
function isToRepeat({ task, alone, tries }: Waiting, end: HostTaskEnd): boolean {
  if (task.kind !== 'proof' || end.kind !== 'lost') return false;
  return !alone || (end.cause === 'kill' && tries < PROOF_TRIES);
}
