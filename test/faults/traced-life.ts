/** One life of a daemon under strace with at most one fault, doing the small run; and the calls at which a fault can be aimed. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SpawnedDaemon } from '../../bridge/cli/spawn-daemon.ts';
import { createClient } from '../../bridge/client/index.ts';
import type { SmallRun } from './small-run.ts';
import { countFired, FILE_CALLS, type Injection, parseTrace, readTrace, spawnTraced } from './strace.ts';

/** The `nth` call of this name on this very file, counted per thread. */
export type Target = { call: string; path: string; nth: number };
export type Fault = Target & {
  /** As strace words it: `signal=KILL`, `error=EIO`. */
  fault: string;
  /** So many calls in a row, from the nth on. Default 1. */
  calls?: number;
};

export type Life = {
  trace: string;
  /** How often the fault happened. */
  fired: number;
  readyMs: number | null;
  /** What stopped the client, or null. */
  error: Error | null;
  /** It ended by itself, before it was told to. */
  died: boolean;
  code: number | null;
  /** What the daemon said last. */
  said: string;
};

export const KILL = 'signal=KILL';

const fixedIds = new URL('./fixed-ids.ts', import.meta.url).href;
/** One thread of libuv's pool, so that every run makes its calls in the same order; and random names that are none. */
const toSteadyEnvironment = (imports: readonly string[]) => ({
  UV_THREADPOOL_SIZE: '1',
  NODE_OPTIONS: [fixedIds, ...imports].map((url) => `--import ${url}`).join(' '),
});

/** A run takes a few seconds; one that hangs is ended and told. */
const LIFE_MS = 90_000;

export type LifeOptions = {
  fault?: Fault | null;
  /** Modules loaded into the daemon first: a break that the campaign must catch. */
  imports?: readonly string[];
};

/** Lives until the run is done or the daemon dies; ends with a stop. */
export async function liveTraced(run: SmallRun, { fault = null, imports = [] }: LifeOptions): Promise<Life> {
  const began = performance.now();
  const place = { folder: run.folder, name: 'traced' };
  const end = { trace: '', fired: 0, readyMs: null, error: null, died: true, code: null, said: '' };
  try {
    const daemon = await spawnTraced({
      ...place,
      args: run.args,
      env: toSteadyEnvironment(imports),
      calls: fault === null ? FILE_CALLS : [fault.call],
      ...(fault === null ? {} : { paths: [fault.path], inject: [toInjection(fault)] }),
    });
    const readyMs = performance.now() - began;
    const once = new AbortController();
    const detached = fault?.fault === KILL ? detachOnceFired(place, daemon.pid, once.signal) : null;
    const { error, died } = await drive(run, daemon);
    once.abort();
    await detached;
    const { code } = died ? await daemon.ended : await daemon.kill('SIGTERM');
    const trace = await readTrace(place);
    return { trace, fired: countFired(trace), readyMs, error, died, code, said: daemon.stderr.slice(-2000) };
  } catch (thrown) {
    const trace = await readTrace(place);
    return { ...end, trace, fired: fault === null ? 0 : countFired(trace), error: thrown as Error };
  }
}

/**
 * strace counts anew in every process: the next render host would be killed at the same call, and so on for ever. It lets go
 * only once the dead host is reaped (strace 6.1 hangs when it is told to between kill and end). A dead daemon reaps nothing.
 */
async function detachOnceFired(place: Place, pid: number, signal: AbortSignal): Promise<void> {
  const tracer = await tracerOf(pid);
  while (!signal.aborted && !(await readTrace(place)).includes('si_code=CLD_KILLED')) await delay(50);
  if (tracer > 1 && !signal.aborted) process.kill(tracer, 'SIGTERM');
}

async function tracerOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

type Place = { folder: string; name: string };
type Driven = Pick<SpawnedDaemon, 'url' | 'ended' | 'kill'>;

/** Until the run is done or the daemon is gone. */
export async function drive(run: SmallRun, daemon: Driven): Promise<{ error: Error | null; died: boolean }> {
  const gone = new AbortController();
  let died = false;
  void daemon.ended.then(() => {
    died = true;
    gone.abort();
  });
  const late = setTimeout(() => void daemon.kill('SIGKILL'), LIFE_MS).unref();
  try {
    await Promise.race([run.goOn(createClient({ url: daemon.url }), gone.signal), failWhenGone(daemon)]);
    return { error: null, died };
  } catch (thrown) {
    // A request can see the end of the daemon before we do.
    if (isCutOff(thrown)) await daemon.ended;
    return { error: thrown as Error, died };
  } finally {
    clearTimeout(late);
    gone.abort();
  }
}

async function failWhenGone({ ended }: Driven): Promise<never> {
  await ended;
  throw new Error('the daemon is gone');
}

function isCutOff(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'unreachable';
}

function toInjection({ call, nth, fault, calls = 1 }: Fault): Injection {
  return { calls: [call], fault, when: calls === 1 ? String(nth) : `${nth}..${nth + calls - 1}` };
}

/** Every call of a run on files of its data and output folder; of its log the first. */
export function toTargets(run: SmallRun, trace: string): Target[] {
  const places = [run.dataDir, run.outputs];
  const counts = new Map<string, Map<number, number>>();
  const targets: Target[] = [];
  for (const { tid, call, path } of parseTrace(trace)) {
    const isOurs = places.some((place) => path === place || path.startsWith(`${place}/`));
    if (!isOurs || path.includes(' ')) continue;
    const key = `${call} ${path}`;
    const perThread = counts.get(key) ?? new Map<number, number>();
    const most = Math.max(0, ...perThread.values());
    const nth = (perThread.get(tid) ?? 0) + 1;
    counts.set(key, perThread.set(tid, nth));
    // How many lines of the log share a write is another matter in every run.
    const isSure = nth === 1 || !path.startsWith(`${run.dataDir}/logs`);
    if (nth > most && isSure) targets.push({ call, path, nth });
  }
  return targets;
}

/** `2nd fsync of data/journal/00000001.log`, for people. */
export function describeTarget(run: SmallRun, { call, path, nth }: Target): string {
  return `${call} ${nth} of ${relative(run.folder, path)}`;
}
