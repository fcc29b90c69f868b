import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

let folder = '';
let photo = '';
let item = 0;
let executor: LocalExecutor | null = null;
const THREADS = 3;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photo-bridge-memory-'));
  photo = join(folder, 'photo.jpg');
  await writeFile(photo, await makeImage({ width: 900, height: 600 }));
});
afterEach(async () => {
  await executor?.close();
  executor = null;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(settings: { memory_budget_mb: number; deadline_base_s?: number }): LocalExecutor {
  const { executor: parsed } = settingsSchema.parse({
    executor: { threads: THREADS, deadline_s_per_megapixel: 30, ...settings },
  });
  executor = createLocalExecutor({ settings: parsed, log: createLog('silent') });
  return executor;
}
/** Takes several times as long as a quick one. */
const slow = () => developTask({ path: photo, folder, item: item++, output: { format: 'avif', effort: 3 } });
/** Seconds of it. */
const long = () => developTask({ path: photo, folder, item: item++, output: { format: 'avif', effort: 7 } });
const quick = (limits = {}) => developTask({ path: photo, folder, item: item++, limits });
const isDone = (end: { kind: string }) => end.kind === 'outcome';

describe('the memory budget of a render host', () => {
  it('lets photos larger than their share, or than the whole budget, through one after the other', async () => {
    const started = start({ memory_budget_mb: 1 });
    const ends = await Promise.all(Array.from({ length: 7 }, () => started.develop(quick(), {})));
    for (const end of ends) expect(end).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
    expect(started.restarts).toBe(0);
  });

  it('lets a photo above the setting for it run with no other beside it', async () => {
    const started = start({ memory_budget_mb: 4000 });
    const order: string[] = [];
    const note = (name: string) => (end: { kind: string }) => void (isDone(end) && order.push(name));
    const [first, alone, second] = [
      started.develop(slow(), {}).then(note('first')),
      started.develop(quick({ alone_pixels: 1 }), {}).then(note('alone')),
      started.develop(slow(), {}).then(note('second')),
    ];
    await Promise.all([first, alone, second]);
    // The quick one would have been done long before either of the slow ones.
    expect(order.indexOf('alone')).toBe(2);
  });

  it('stops a photo that waits for room, at once, and the others get their turn', async () => {
    const started = start({ memory_budget_mb: 1 });
    let isFirstDone = false;
    const first = started.develop(long(), {}).finally(() => {
      isFirstDone = true;
    });
    const abort = new AbortController();
    const waiting = started.develop(quick(), { signal: abort.signal });
    const last = started.develop(quick(), {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    abort.abort();
    expect(await waiting).toMatchObject({ kind: 'stopped' });
    expect(isFirstDone).toBe(false);
    expect(await first).toMatchObject({ outcome: { ok: true } });
    expect(await last).toMatchObject({ outcome: { ok: true } });
  });

  it('does not count what a photo waits for others against its deadline', async () => {
    const started = start({ memory_budget_mb: 1, deadline_base_s: 3 });
    const ends = await Promise.all(
      [slow(), slow(), slow(), slow(), quick()].map((task) => started.develop(task, {})),
    );
    for (const end of ends) expect(end).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
  });
});
