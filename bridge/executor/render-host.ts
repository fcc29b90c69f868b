/**
 * One render host process and the tasks in it. Ends every task exactly once, whatever becomes of the process. Never
 * decides which task runs or when a host is replaced.
 */
import type { ChildProcess } from 'node:child_process';
import type { DeathCause, TaskEnd } from '../batch/ports.ts';
import type { DevelopOutcome, FromHost, ProofOutcome, Task, ToHost } from '../contract/host-messages.ts';
import type { Log } from '../log.ts';
import { type Deadline, type DeadlineSettings, startDeadline } from './deadline.ts';
import { toCrash, toDeathCause } from './host-death.ts';
import { removeMark } from './host-marks.ts';
import { countOutOfMemoryKills } from './memory-limit.ts';
import { type SpawnOptions, spawnHost } from './spawn-host.ts';

export type HostEnd = TaskEnd<DevelopOutcome | ProofOutcome>;
/** `unsent`: the host died before it took the task; it can go to the next one without blame. */
export type HostTaskEnd = HostEnd | { kind: 'unsent'; reason: string };
export type HostVersions = { sharp: string; libvips: string };

type Running = {
  resolve: (end: HostTaskEnd) => void;
  /** Starts when the host takes the task. */
  deadline: Deadline | null;
  /** What the task ends as if the process goes now. */
  verdict: HostEnd | null;
  message: Extract<ToHost, { type: 'run' }>;
};

export type RenderHostOptions = SpawnOptions & {
  deadlines: DeadlineSettings;
  /** How much of a moment counts against a deadline now, 0..1. */
  pace?: () => number;
  /** Resident bytes above which it is killed in the midst of its tasks. */
  memoryLimitBytes: number;
  log: Log;
  onReady: () => void;
};
type Death = { reason: string; cause: DeathCause };

const STDERR_KEPT = 2000;
/** A host that is not ready by then never will be. */
const START = { deadline_base_s: 60, deadline_s_per_megapixel: 0 };
/** Of its limit: a host that was this large and is killed was most likely killed for its size. */
const LARGE = 0.9;

export class RenderHost {
  readonly #child: ChildProcess;
  readonly #options: RenderHostOptions;
  readonly #running = new Map<number, Running>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #stderr = '';
  #expected = false;
  #overdue = false;
  /** Set when it is killed for its size. */
  #death: Death | null = null;
  #largestRss = 0;
  readonly #killsBefore = countOutOfMemoryKills();
  versions: HostVersions | null = null;
  rssBytes: number | null = null;
  /** CPU time it has spent, as it last told. */
  cpuMs = 0;
  /** Photos of batches finished in this process. Proofs are small, and the kept pictures of a slider would go with the process. */
  finished = 0;
  /** True once a task's thread was killed: native code may go on in it until the process ends. */
  hadStop = false;
  gone = false;
  /** How it ended, for people; null while it lives. */
  endReason: string | null = null;

  constructor(options: RenderHostOptions) {
    this.#options = options;
    this.#child = spawnHost(options);
    this.#child.on('message', (message) => this.#receive(message as FromHost));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    const starting = startDeadline(START, () => this.#child.kill('SIGKILL'), options.pace);
    this.#child.once('message', () => starting.clear());
    this.#ended = new Promise((resolve) => {
      const end = (death: Death) => {
        starting.clear();
        this.#end(death);
        resolve();
      };
      this.#child.once('error', (error) => end({ reason: error.message, cause: 'kill' }));
      this.#child.once('exit', (code, signal) => end(this.#death ?? this.#toDeath(code, signal)));
    });
  }

  /** Resolves once the process is gone and all its tasks are ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }
  get pid(): number | null {
    return this.#child.pid ?? null;
  }
  get ready(): boolean {
    return this.versions !== null;
  }
  get load(): number {
    return this.#running.size;
  }
  /** False once it is gone or its end was asked for: it takes no more tasks. */
  get usable(): boolean {
    return !this.gone && !this.#expected && this.#death === null;
  }
  /** True when it died by itself or was killed for a deadline. */
  get failed(): boolean {
    return this.gone && (!this.#expected || this.#overdue);
  }

  /** Takes a task at once, or as soon as the process is ready. Never rejects. */
  run(task: Task): { id: number; end: Promise<HostTaskEnd> } {
    const id = this.#nextId++;
    const end = new Promise<HostTaskEnd>((resolve) => {
      const message = { type: 'run', task_id: id, task } as const;
      this.#running.set(id, { resolve, deadline: null, verdict: null, message });
    });
    if (this.ready) this.#submit(id);
    return { id, end };
  }

  /** Kills the task's thread; the task ends `stopped`, or with its outcome when it was already writing. */
  stop(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    if (running.deadline === null) this.#settle(id, { kind: 'stopped' });
    else {
      this.hadStop = true;
      this.#send({ type: 'stop', task_id: id });
    }
  }

  setNice(level: number): void {
    this.#send({ type: 'nice', level });
  }

  /** Ends the process now. Tasks in it end `stopped` unless they have a verdict. */
  kill(): void {
    this.#expected = true;
    for (const running of this.#running.values()) running.verdict ??= { kind: 'stopped' };
    this.#child.kill('SIGKILL');
  }

  #submit(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    const { deadlines, pace } = this.#options;
    running.deadline = startDeadline(deadlines, () => this.#passDeadline(id), pace);
    this.#send(running.message);
  }

  #passDeadline(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#options.log.warn({ task: id, pid: this.pid }, 'photo passed its deadline, render host is killed');
    const failure = {
      code: 'timeout',
      message: 'It took longer than a photo of its size may.',
      stage: 'run',
      retryable: false,
    } as const;
    const timing = { started_at: new Date().toISOString(), duration_ms: 0 };
    running.verdict = { kind: 'outcome', outcome: { ok: false, ...timing, failure } };
    this.#overdue = true;
    this.kill();
  }

  /** The tasks in it end `lost`: nobody knows yet which of them it was. */
  #passMemoryLimit(): void {
    if (this.#death !== null || !this.usable) return;
    const megabytes = (bytes: number) => Math.round(bytes / 1e6);
    const fields = { pid: this.pid, rss_mb: megabytes(this.rssBytes ?? 0), tasks: this.load };
    this.#options.log.warn(fields, 'render host is killed, it takes too much memory');
    const limit = `${megabytes(this.#options.memoryLimitBytes)} MB`;
    this.#death = { reason: `the render host took more than the ${limit} it may have`, cause: 'memory' };
    this.#child.kill('SIGKILL');
  }

  #receive(message: FromHost): void {
    switch (message.type) {
      case 'ready':
        this.versions = { sharp: message.sharp, libvips: message.libvips };
        this.#options.onReady();
        for (const id of [...this.#running.keys()]) this.#submit(id);
        return;
      case 'size':
        this.#running.get(message.task_id)?.deadline?.setSize(message.megapixels, message.extra_s);
        return;
      case 'usage':
        this.rssBytes = message.rss_bytes;
        this.cpuMs = message.cpu_ms;
        this.#largestRss = Math.max(this.#largestRss, message.rss_bytes);
        if (message.rss_bytes > this.#options.memoryLimitBytes && this.load > 0) this.#passMemoryLimit();
        return;
      case 'outcome': {
        const { outcome } = message;
        const isStop = !outcome.ok && outcome.failure.code === 'cancelled';
        this.#settle(message.task_id, isStop ? { kind: 'stopped' } : { kind: 'outcome', outcome });
        return;
      }
      case 'lost':
        this.#settle(message.task_id, {
          kind: 'lost',
          reason: message.reason,
          cause: toCrash(message.reason),
        });
        return;
    }
  }

  #settle(id: number, end: HostTaskEnd): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    if (running.message.task.kind === 'develop') this.finished += 1;
    running.deadline?.clear();
    running.resolve(end);
  }

  #end({ reason, cause }: Death): void {
    this.gone = true;
    this.rssBytes = null;
    this.endReason = reason;
    const recorded = this.#createAcknowledge();
    for (const [id, running] of [...this.#running]) {
      const { deadline, verdict, message } = running;
      const lost = { kind: 'lost', reason, cause } as const;
      if (verdict !== null) this.#settle(id, verdict);
      else if (deadline === null) this.#settle(id, { kind: 'unsent', reason });
      else this.#settle(id, message.task.kind === 'proof' ? lost : { ...lost, recorded: recorded() });
    }
    recorded()();
  }

  /** Each call answers a function to be called once; after the last of them the host's mark goes. */
  #createAcknowledge(): () => () => void {
    let open = 0;
    return () => {
      open += 1;
      return () => {
        open -= 1;
        if (open === 0) removeMark(this.#options.mark ?? '');
      };
    };
  }

  #toDeath(code: number | null, signal: NodeJS.Signals | null): Death {
    const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    const said = this.#stderr.trim().split('\n').at(-1) ?? '';
    const kills = countOutOfMemoryKills();
    const wasShortOfMemory =
      (kills ?? 0) > (this.#killsBefore ?? 0) || this.#largestRss > LARGE * this.#options.memoryLimitBytes;
    const { platform } = process;
    const cause = toDeathCause({ code, signal, said: this.#stderr, wasShortOfMemory, platform });
    return { reason: `the render host ${how}${said === '' ? '' : `: ${said}`}`, cause };
  }

  #send(message: ToHost): void {
    // An error here means that the process is going: its `exit` ends the tasks.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
