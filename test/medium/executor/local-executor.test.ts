/** The render host as the daemon sees it: real processes, real kills. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Recipe, settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { makeImage } from '../../helpers/images.ts';
import { brightRecipe, developTask, proofTask, type TaskOptions } from '../../helpers/tasks.ts';

let folder = '';
let item = 0;
let small = '';
let large = '';
let executor: LocalExecutor | null = null;
const log = createLog('silent');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-executor-'));
  small = join(folder, 'small.jpg');
  large = join(folder, 'large.jpg');
  await writeFile(small, await makeImage({ width: 64, height: 48 }));
  await writeFile(large, await makeImage({ width: 2400, height: 1600 }));
});
afterEach(async () => {
  await executor?.close();
  executor = null;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type ExecutorSettings = Partial<ReturnType<typeof settingsSchema.parse>['executor']>;
function start(settings: ExecutorSettings = {}, lockFd?: number): LocalExecutor {
  const parsed = settingsSchema.parse({ executor: { threads: 2, ...settings } }).executor;
  executor = createLocalExecutor({ settings: parsed, log, ...(lockFd === undefined ? {} : { lockFd }) });
  return executor;
}

const quick = (options: Partial<TaskOptions> = {}) =>
  developTask({ path: small, folder, item: item++, ...options });
/** Many seconds of native code: the slowest AVIF there is. */
const slow = () => developTask({ path: large, folder, item: item++, output: { format: 'avif', effort: 9 } });
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 });
const ready = (started: LocalExecutor) => until(() => started.versions() !== null);

/** Gone or only waiting for its parent to notice. */
function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === true;
  } catch {
    return true;
  }
}

describe('tasks', () => {
  it('run in another process, more of them than it has threads, and all end with their outcome', async () => {
    const started = start();
    const ends = await Promise.all(
      Array.from({ length: 7 }, () => started.develop(quick({ recipe: brightRecipe, blend: 60 }), {})),
    );
    for (const end of ends) expect(end).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
    expect(started.versions()?.sharp).toMatch(/^\d/);
    expect(started.pid()).not.toBe(process.pid);
    await until(() => (started.hostRssBytes() ?? 0) > 20e6);
    expect(started.restarts).toBe(0);
    const proof = await started.proof(proofTask(large), {});
    expect(proof).toMatchObject({ kind: 'outcome', outcome: { ok: true, width: 128 } });
  });

  it('that need a preset which cannot be compiled fail as such', async () => {
    const broken = { kind: 'native', name: 'x', preset: null } as unknown as Recipe;
    const end = await start().develop(quick({ recipe: broken }), {});
    expect(end).toMatchObject({
      outcome: { ok: false, failure: { code: 'preset_invalid', stage: 'develop' } },
    });
  });

  it('on a FIFO named like a photo fail instead of waiting for ever', async () => {
    const fifo = join(folder, 'fifo.jpg');
    execFileSync('mkfifo', [fifo]);
    const end = await start().develop(quick({ path: fifo }), {});
    expect(end).toMatchObject({ outcome: { ok: false, failure: { code: 'source_unreadable' } } });
  });

  it('of people who wait are served while every thread is busy', async () => {
    const started = start();
    const stop = new AbortController();
    const busy = [slow(), slow()].map((task) => started.develop(task, { signal: stop.signal }));
    const proof = await started.proof(proofTask(small), {});
    expect(proof).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
    stop.abort();
    for (const end of await Promise.all(busy)) expect(end).toEqual({ kind: 'stopped' });
  });
});

describe('a hard stop', () => {
  it('ends the task without an output, and the work of its process', async () => {
    const started = start({ threads: 1 });
    const stop = new AbortController();
    const task = slow();
    const end = started.develop(task, { signal: stop.signal });
    await ready(started);
    const pid = started.pid()!;
    stop.abort();
    expect(await end).toEqual({ kind: 'stopped' });
    await until(() => isGone(pid));
    expect(existsSync(join(folder, task.output.name))).toBe(false);
    expect((await readdir(folder)).filter((name) => name === task.output.temp_name)).toEqual([]);
    expect(await started.develop(quick(), {})).toMatchObject({ outcome: { ok: true } });
    expect(started.restarts).toBe(0);
  });

  it('spares the other tasks of the process', async () => {
    const started = start();
    const stop = new AbortController();
    const stopped = started.develop(slow(), { signal: stop.signal });
    const spared = started.develop(quick({ path: large, recipe: brightRecipe }), {});
    await ready(started);
    stop.abort();
    expect(await stopped).toEqual({ kind: 'stopped' });
    expect(await spared).toMatchObject({ outcome: { ok: true } });
  });

  it('of a task that still waits ends it at once', async () => {
    const started = start({ threads: 1 });
    const stop = new AbortController();
    const running = started.develop(quick(), {});
    const waiting = started.develop(quick(), { signal: stop.signal });
    stop.abort();
    expect(await waiting).toEqual({ kind: 'stopped' });
    expect(await running).toMatchObject({ outcome: { ok: true } });
    expect(await started.develop(quick(), { signal: AbortSignal.abort() })).toEqual({ kind: 'stopped' });
  });
});

describe('a host that dies', () => {
  it('loses the tasks in it, and the next task finds a new one', async () => {
    const started = start();
    const ends = [started.develop(slow(), {}), started.develop(slow(), {})];
    await ready(started);
    const pid = started.pid()!;
    process.kill(pid, 'SIGKILL');
    for (const end of await Promise.all(ends)) {
      expect(end).toMatchObject({
        kind: 'lost',
        reason: 'the render host was ended by SIGKILL',
        cause: 'kill',
      });
    }
    expect(await started.develop(quick(), {})).toMatchObject({ outcome: { ok: true } });
    expect(started.restarts).toBe(1);
    expect(started.pid()).not.toBe(pid);
  });

  it('before it was ready blames no task', async () => {
    const started = start();
    const end = started.develop(quick(), {});
    process.kill(started.pid()!, 'SIGKILL');
    expect(await end).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
  });
});

describe('a deadline', () => {
  it('fails the late task, gives back its neighbour, and goes on', async () => {
    const started = start({ deadline_base_s: 1.5, deadline_s_per_megapixel: 0.2 });
    const huge = join(folder, 'huge.jpg');
    await writeFile(huge, await makeImage({ width: 4000, height: 2500, channels: 1 }));
    const neighbour = started.develop(
      developTask({ path: huge, folder, item: item++, output: { format: 'avif', effort: 9 } }),
      {},
    );
    const late = started.develop(slow(), {});
    expect(await late).toMatchObject({
      kind: 'outcome',
      outcome: { ok: false, failure: { code: 'timeout' } },
    });
    expect(await neighbour).toEqual({ kind: 'stopped' });
    expect(await started.develop(quick(), {})).toMatchObject({ outcome: { ok: true } });
    expect(started.restarts).toBe(1);
  });
});

describe('the host process', () => {
  it('is replaced after its share of photos, without losing any', async () => {
    const started = start({ recycle_photos: 3 });
    const pids = new Set<number>();
    for (let round = 0; round < 4; round++) {
      const ends = await Promise.all([quick(), quick()].map((task) => started.develop(task, {})));
      for (const end of ends) expect(end).toMatchObject({ outcome: { ok: true } });
      const pid = started.pid();
      if (pid !== null) pids.add(pid);
    }
    await started.develop(quick(), {});
    const last = started.pid();
    if (last !== null) pids.add(last);
    expect(pids.size).toBeGreaterThanOrEqual(2);
    expect(started.restarts).toBe(0);
  });

  it('is not worn out by proofs: a slider that moves keeps its host, and the picture in it', async () => {
    const started = start({ recycle_photos: 2 });
    await started.develop(quick(), {});
    const pid = started.pid();
    for (let moved = 0; moved < 5; moved += 1) {
      expect(await started.proof(proofTask(small), {})).toMatchObject({ outcome: { ok: true } });
    }
    expect(started.pid()).toBe(pid);
  });

  it('is let go when idle', async () => {
    const started = start({ idle_s: 1 });
    await started.develop(quick(), {});
    const pid = started.pid()!;
    await until(() => isGone(pid));
    expect(started.pid()).toBeNull();
    await until(() => started.hostRssBytes() === null);
  });

  it.runIf(process.platform === 'linux')(
    'is nice in all its threads and stays out of the process group',
    async () => {
      const started = start({ nice: 7 });
      await started.develop(quick(), {});
      const pid = started.pid()!;
      const threads = readdirSync(`/proc/${pid}/task`).map(Number);
      expect(threads.length).toBeGreaterThan(4);
      expect(new Set(threads.map((thread) => getPriority(thread)))).toEqual(new Set([7]));
      const groupOf = (id: number | 'self') =>
        readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
      expect(groupOf(pid)).toBe(String(pid));
      started.setNice(15);
      await until(() =>
        readdirSync(`/proc/${pid}/task`).every((thread) => getPriority(Number(thread)) === 15),
      );
      const classes = readdirSync(`/proc/${pid}/task`).map((thread) =>
        spawnSync('ionice', ['-p', thread], { encoding: 'utf8' }).stdout.trim(),
      );
      expect(new Set(classes)).toEqual(new Set(['idle']));
    },
  );

  it.runIf(process.platform === 'linux')('holds the lock of the daemon as long as it lives', async () => {
    const lock = join(folder, 'daemon.lock');
    const descriptor = openSync(lock, 'w');
    const started = start({}, descriptor);
    await started.develop(quick(), {});
    closeSync(descriptor);
    const open = readdirSync(`/proc/${started.pid()}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${started.pid()}/fd/${fd}`);
      } catch {
        // Closed since.
        return '';
      }
    });
    expect(open).toContain(lock);
  });

  it('does not heed the signals of a terminal', async () => {
    const started = start();
    await started.develop(quick(), {});
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(started.pid()!, signal);
    expect(await started.develop(quick(), {})).toMatchObject({ outcome: { ok: true } });
    expect(started.restarts).toBe(0);
  });

  it('ends the moment its daemon is killed, in the midst of a photo', async () => {
    const fixture = fileURLToPath(new URL('../../fixtures/executor-parent.ts', import.meta.url));
    const own = await mkdtemp(join(folder, 'orphan-'));
    const parent = spawn(process.execPath, [fixture, large, own], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isGone(pid)).toBe(false);
    parent.kill('SIGKILL');
    await until(() => isGone(pid));
    expect((await readdir(own)).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
  });

  it('is killed by close, with the tasks in it given back', async () => {
    const started = start();
    const ends = [started.develop(slow(), {}), started.develop(slow(), {}), started.develop(quick(), {})];
    await ready(started);
    const pid = started.pid()!;
    await started.close();
    for (const end of await Promise.all(ends)) expect(end).toEqual({ kind: 'stopped' });
    expect(isGone(pid)).toBe(true);
    expect(await started.develop(quick(), {})).toEqual({ kind: 'stopped' });
  });
});
