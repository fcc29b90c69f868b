/**
 * The render host: a child process that owns the thread pool and all decoding, and speaks ToHost/FromHost over its
 * IPC channel. Started by the executor with THREADS, NICE and MARK as arguments; a fourth names other code for the threads.
 * It ends itself the moment the channel closes: nothing may write an output once the daemon is gone.
 */
import { rmSync } from 'node:fs';
import { Piscina } from 'piscina';
import type {
  DevelopOutcome,
  FromHost,
  ProofOutcome,
  Task,
  ToHost,
} from '../bridge/contract/host-messages.ts';
import { createSlots } from './engines/programs/slots.ts';
import { calmCollector } from './host/calm-collector.ts';
import { type Grant, MemoryBudget } from './host/memory-budget.ts';
import { setIdleDiskClass, setNiceness } from './host/niceness.ts';
import { createSharedLooks } from './host/shared-looks.ts';
import { createSharedProxies } from './host/shared-proxies.ts';
import { toFailure } from './pipeline/task-failure.ts';
import { startTiming } from './pipeline/timing.ts';
import { versions } from './pipeline/versions.ts';
import { closeGate, createGate, giveRoom, type ThreadJob, type ThreadNote } from './thread-job.ts';

/**
 * At the latest so often, and after such a growth as soon as it is seen: what eats memory eats gigabytes in a second. Where the
 * daemon cannot read our CPU time by itself, it needs our word for it twice a reading.
 */
const USAGE_REPORT_MS = process.platform === 'linux' ? 1000 : 250;
const MEMORY_LOOK_MS = 100;
const MEMORY_STEP_BYTES = 64e6;
const THREAD_IDLE_MS = 30_000;
/** The photos it waits for have deadlines of their own. */
const LONGEST_WAIT_S = 86_400;

const [threads = 1, nice = 0, budgetBytes = Number.MAX_SAFE_INTEGER] = process.argv.slice(2, 5).map(Number);
const mark = process.argv[5] ?? '';
const threadEntry = process.argv[6] ?? new URL('./thread.ts', import.meta.url).href;

const endNow = () => {
  // It was the daemon that died, not this host: nobody shall wonder which photo did it.
  if (mark !== '') rmSync(mark, { force: true });
  process.kill(process.pid, 'SIGKILL');
};
process.on('disconnect', endNow);
// The daemon decides when the host ends; a Ctrl-C in the terminal is for the daemon.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// A file above the limit on sizes (`ulimit -f`) is one photo's failed write.
process.on('SIGXFSZ', () => undefined);
setNiceness(nice);
setIdleDiskClass();
calmCollector();

type Running = { task: Task; gate: Int32Array; abort: AbortController; grant: Grant | null };
const running = new Map<number, Running>();
const looks = createSharedLooks();
const proxies = createSharedProxies();
const slots = createSlots(threads);
const memory = new MemoryBudget(budgetBytes, threads);
const pool = new Piscina<ThreadJob, DevelopOutcome | ProofOutcome>({
  filename: threadEntry,
  minThreads: threads,
  // One more than the executor counts: a proof never waits behind the batch.
  maxThreads: threads + 1,
  idleTimeout: THREAD_IDLE_MS,
  concurrentTasksPerWorker: 1,
  atomics: 'disabled',
});
let loaded = 0;
pool.on('message', (note: ThreadNote) => {
  if (note.type === 'size') return admit(note);
  if (note.type === 'proxy') return keepProxy(note);
  loaded += 1;
  // Deadlines run from here on: the threads' own start must not count.
  if (loaded === threads) send({ type: 'ready', pid: process.pid, threads, ...versions });
});
pool.on('error', (error: unknown) => {
  // Later, a thread's death is told by the task it ran; a thread that cannot even start makes the host useless.
  if (loaded >= threads) return;
  console.error(error);
  process.exit(1);
});

function send(message: FromHost): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

process.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'run':
      void run(message.task_id, message.task);
      return;
    case 'stop':
      stop(message.task_id);
      return;
    case 'nice':
      setNiceness(message.level);
      return;
  }
});

async function run(task_id: number, task: Task): Promise<void> {
  const entry: Running = { task, gate: createGate(), abort: new AbortController(), grant: null };
  running.set(task_id, entry);
  const timing = startTiming();
  try {
    // A proof is small, and somebody waits for it.
    if (task.kind === 'develop') {
      await inTurn({ task_id, megapixels: 0 }, (begin) => {
        entry.grant = memory.ask(begin);
        entry.abort.signal.addEventListener('abort', begin, { once: true });
      });
    }
    entry.abort.signal.throwIfAborted();
    const job = await toJob(task_id, task, entry.gate);
    if (job === null) return;
    const outcome = await pool.run(job, { signal: entry.abort.signal });
    send({ type: 'outcome', task_id, outcome });
  } catch (error) {
    if (entry.abort.signal.aborted) {
      send({ type: 'outcome', task_id, outcome: { ok: false, ...timing(), failure: cancelled } });
    } else {
      send({ type: 'lost', task_id, reason: error instanceof Error ? error.message : String(error) });
    }
  } finally {
    entry.grant?.end();
    running.delete(task_id);
    reportUsage();
  }
}

const cancelled = {
  code: 'cancelled',
  message: 'The task was stopped.',
  stage: 'run',
  retryable: true,
} as const;

/** Null when the recipe cannot be compiled; then the task has been answered. */
async function toJob(task_id: number, task: Task, gate: Int32Array): Promise<ThreadJob | null> {
  const timing = startTiming();
  try {
    const look = task.recipe === undefined || task.blend === 0 ? null : await looks.get(task.recipe);
    const { recipe: _compiled, ...rest } = task;
    return { task_id, task: rest, look, gate, slots, memoryShare: memory.share, proxy: proxies.find(task) };
  } catch (error) {
    const failure = { ...toFailure(error, 'develop'), code: 'preset_invalid' as const };
    send({ type: 'outcome', task_id, outcome: { ok: false, ...timing(), failure } });
    return null;
  }
}

type SizeNote = Extract<ThreadNote, { type: 'size' }>;

/** The thread has read how large its photo is; one that asks for room gets it in its turn. */
function admit({ waits_for, ...size }: SizeNote): void {
  send(size);
  const entry = running.get(size.task_id);
  if (waits_for === undefined || !entry?.grant) return;
  const { grant, gate } = entry;
  void inTurn(size, (granted) => grant.grow(waits_for, granted)).then(() => giveRoom(gate));
}

type Turn = { task_id: number; megapixels: number };

/** Resolves once `ask` calls back. What a task waits for that does not count against its deadline. */
async function inTurn({ task_id, megapixels }: Turn, ask: (granted: () => void) => void): Promise<void> {
  const began = performance.now();
  let isWaiting = true;
  const turn = new Promise<void>((resolve) => {
    ask(() => {
      isWaiting = false;
      resolve();
    });
  });
  if (!isWaiting) return;
  send({ type: 'size', task_id, megapixels, extra_s: LONGEST_WAIT_S });
  await turn;
  send({ type: 'size', task_id, megapixels, extra_s: (performance.now() - began) / 1000 });
}

function keepProxy({ task_id, proxy }: Extract<ThreadNote, { type: 'proxy' }>): void {
  const entry = running.get(task_id);
  if (entry !== undefined) proxies.keep(entry.task, proxy);
}

/** Kills the task's thread, unless it is already writing: then it is left to finish and tells the truth. */
function stop(task_id: number): void {
  const entry = running.get(task_id);
  if (entry !== undefined && closeGate(entry.gate)) entry.abort.abort();
}

const reported = { bytes: 0, at: 0 };

function reportUsage(): void {
  reported.bytes = process.memoryUsage.rss();
  reported.at = performance.now();
  const { user, system } = process.cpuUsage();
  send({ type: 'usage', rss_bytes: reported.bytes, cpu_ms: (user + system) / 1000 });
}

function watchUsage(): void {
  const grown = process.memoryUsage.rss() - reported.bytes;
  if (grown > MEMORY_STEP_BYTES || performance.now() - reported.at >= USAGE_REPORT_MS) reportUsage();
}

setInterval(watchUsage, MEMORY_LOOK_MS).unref();
process.channel?.ref();
