/** Photos that bring the render host down, as the executor sees them: what each death says, and who is spared. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../../bridge/contract/index.ts';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { findUnseenDeaths } from '../../../bridge/executor/host-marks.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { countDeaths, type Poison, toPoisoned } from '../../fixtures/poison.ts';
import { makeImage } from '../../helpers/images.ts';
import { killNow } from '../../helpers/processes.ts';
import { developTask, proofTask } from '../../helpers/tasks.ts';

const hostEntry = fileURLToPath(new URL('../../fixtures/poison-host.ts', import.meta.url));
let folder = '';
let item = 0;
let good: Buffer = Buffer.alloc(0);
const open: LocalExecutor[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-poison-'));
  good = await makeImage({ width: 64, height: 48 });
});
afterEach(async () => {
  for (const executor of open.splice(0)) await executor.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Options = { settings?: Partial<Settings['executor']>; entry?: string; marksFolder?: string };

function start({ settings = {}, entry = hostEntry, ...more }: Options = {}): LocalExecutor {
  const parsed = settingsSchema.parse({ executor: { threads: 2, ...settings } }).executor;
  const executor = createLocalExecutor({
    settings: parsed,
    log: createLog('silent'),
    hostEntry: entry,
    ...more,
  });
  open.push(executor);
  return executor;
}

async function photo(poison?: Poison): Promise<string> {
  const path = join(folder, `photo-${item++}.jpg`);
  await writeFile(path, poison === undefined ? good : toPoisoned(good, poison));
  return path;
}

const develop = async (executor: LocalExecutor, poison?: Poison, alone = false) =>
  executor.develop(developTask({ path: await photo(poison), folder, item }), { alone });

describe.runIf(process.platform === 'linux')('a photo alone', () => {
  it.each([
    ['segfault', 'crash'],
    ['abort', 'crash'],
    ['bus-error', 'crash'],
    ['illegal-instruction', 'crash'],
    ['exit', 'crash'],
    ['throw', 'crash'],
    ['reject', 'crash'],
    ['eat-memory', 'memory'],
  ] as const)('that makes it %s is lost by a %s, and the next one finds a host', async (poison, cause) => {
    const executor = start({ settings: { memory_limit_mb: 600 } });
    expect(await develop(executor, poison, true)).toMatchObject({ kind: 'lost', cause });
    expect(await develop(executor)).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
  });

  it('runs with nothing beside it, not even a preview, and both are served in the end', async () => {
    const executor = start();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const task = async () => developTask({ path: await photo('slow'), folder, item });
    const [first, second, third] = [await task(), await task(), await task()];
    const path = await photo();
    await Promise.all([
      executor.develop(first, {}).then(note('beside')),
      executor.develop(second, { alone: true }).then(note('alone')),
      executor.develop(third, {}).then(note('after')),
      executor.proof(proofTask(path), {}).then(note('proof')),
    ]);
    expect(order.slice(0, 2)).toEqual(['beside', 'alone']);
    expect(order.toSorted()).toEqual(['after', 'alone', 'beside', 'proof']);
  });
});

describe.runIf(process.platform === 'linux')('a photo that hangs', () => {
  it('ends with a timeout, and its neighbour is put back without blame', async () => {
    const executor = start({ settings: { deadline_base_s: 2 } });
    const [hung, neighbour] = await Promise.all([develop(executor, 'hang'), develop(executor, 'slow')]);
    expect(hung).toMatchObject({ kind: 'outcome', outcome: { ok: false, failure: { code: 'timeout' } } });
    // It may have been done in time.
    if (neighbour.kind === 'outcome') expect(neighbour.outcome.ok).toBe(true);
    else expect(neighbour).toEqual({ kind: 'stopped' });
    expect(await develop(executor)).toMatchObject({ outcome: { ok: true } });
  });
});

describe.runIf(process.platform === 'linux')('a preview', () => {
  it('of a poison photo is tried twice, the second time alone, and then given up', async () => {
    const executor = start();
    const path = await photo('segfault');
    expect(await executor.proof(proofTask(path), {})).toMatchObject({ kind: 'lost', cause: 'crash' });
    expect(countDeaths(path)).toBe(2);
    expect(await executor.proof(proofTask(await photo()), {})).toMatchObject({ outcome: { ok: true } });
  });

  it('that lost its host to a poison photo is made all the same', async () => {
    const executor = start();
    const proof = executor.proof(proofTask(await photo('slow')), {});
    expect(await develop(executor, 'segfault')).toMatchObject({ kind: 'lost' });
    expect(await proof).toMatchObject({ outcome: { ok: true } });
  });
});

describe.runIf(process.platform === 'linux')('a host that does not start', () => {
  it('holds everything with a reason, fails no photo, and goes on when it starts', async () => {
    const entry = join(folder, 'broken-host.ts');
    await writeFile(entry, "console.error('no such library'); process.exit(1);\n");
    const executor = start({ entry });
    const holds: (string | null)[] = [];
    executor.trouble.onChange(() => holds.push(executor.trouble.hold?.owner ?? null));
    const end = develop(executor);
    await vi.waitFor(() => expect(executor.trouble.hold).not.toBeNull(), { timeout: 20_000 });
    expect(executor.trouble.hold?.reason).toContain('no such library');
    // A person who waits is told instead.
    expect(await executor.proof(proofTask(await photo()), {})).toMatchObject({
      outcome: { ok: false, failure: { code: 'internal', retryable: true } },
    });
    const real = fileURLToPath(new URL('../../../workers/host.ts', import.meta.url));
    await writeFile(entry, `await import(${JSON.stringify(real)});\n`);
    expect(await end).toMatchObject({ kind: 'outcome', outcome: { ok: true } });
    expect(executor.trouble.hold).toBeNull();
    expect(holds.at(0)).toBe('executor');
    expect(holds.at(-1)).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('the mark of a host', () => {
  it('stays after a death until every loss is recorded, and goes then', async () => {
    const marksFolder = await mkdtemp(join(folder, 'marks-'));
    const executor = start({ marksFolder });
    const [one, two] = await Promise.all([develop(executor, 'slow'), develop(executor, 'segfault')]);
    for (const end of [one, two]) expect(end.kind).toBe('lost');
    expect(findUnseenDeaths(marksFolder).found).toBe(true);
    if (one.kind === 'lost') one.recorded?.();
    expect(findUnseenDeaths(marksFolder).found).toBe(true);
    if (two.kind === 'lost') two.recorded?.();
    expect(findUnseenDeaths(marksFolder).found).toBe(false);
    expect(await develop(executor)).toMatchObject({ outcome: { ok: true } });
    await executor.close();
    expect(await readdir(marksFolder)).toEqual([]);
  });

  it('stays after a kill from outside under a photo, too', async () => {
    const marksFolder = await mkdtemp(join(folder, 'marks-'));
    const executor = start({ marksFolder });
    const path = await photo('slow');
    const end = executor.develop(developTask({ path, folder, item }), {});
    await vi.waitFor(() => expect(countDeaths(path)).toBe(1), { timeout: 20_000 });
    killNow(executor.pid() ?? 0);
    expect(await end).toMatchObject({ kind: 'lost', cause: 'kill' });
    expect(findUnseenDeaths(marksFolder).found).toBe(true);
  });
});
