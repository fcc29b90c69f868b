/** Bombs through the real render host: each is refused (or its harmless part developed) for little CPU time, and the host's memory stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { makeBombs, withItemSize } from '../../fixtures/bombs.ts';
import { makeImage } from '../../helpers/images.ts';
import { filesBelow, sharedFolder } from '../../helpers/shared-files.ts';
import { developTask } from '../../helpers/tasks.ts';

/** Of CPU time in the host, its decoders and all its threads. What bombs ask for are minutes. */
const MOST_CPU_MS = 1000;
/** A small photo of its own kind takes that, too. What bombs ask for are gigabytes. */
const MOST_MORE_BYTES = 150e6;

let folder = '';
let executor: LocalExecutor;
let item = 0;
const bombs = await makeBombs();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-bombs-'));
  const { executor: settings } = settingsSchema.parse({ executor: { threads: 1, idle_s: 600 } });
  executor = createLocalExecutor({ settings, log: createLog('silent') });
  // What every kind loads on its first use is no bomb's fault.
  for (const format of ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const) {
    const path = join(folder, `warm.${format}`);
    await writeFile(path, await makeImage({ format }));
    expect((await develop(path)).ok).toBe(true);
  }
});
afterAll(async () => {
  await executor.close();
  await rm(folder, { recursive: true, force: true });
});

async function develop(path: string) {
  const end = await executor.develop(developTask({ path, folder, item: item++ }), {});
  if (end.kind !== 'outcome') throw new Error(`${basename(path)}: ${JSON.stringify(end)}`);
  return end.outcome;
}

/** Milliseconds in all threads, Linux's ticks of 10 ms. */
function cpuMs(): number {
  const stat = readFileSync(`/proc/${executor.pid()}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function memory(field: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${executor.pid()}/status`, 'utf8');
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/** What it answered and what it cost: CPU milliseconds, and bytes at the peak beyond what was there before. */
async function explode(path: string) {
  const pid = executor.pid();
  // The peak begins anew (proc(5), clear_refs).
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = { cpu: cpuMs(), rss: memory('VmRSS') };
  const outcome = await develop(path);
  const cost = { cpu: cpuMs() - before.cpu, bytes: memory('VmHWM') - before.rss };
  expect(executor.pid()).toBe(pid);
  expect(executor.restarts).toBe(0);
  return { code: outcome.ok ? null : outcome.failure.code, cost };
}

function expectCheap(name: string, { cpu, bytes }: { cpu: number; bytes: number }): void {
  expect(cpu, `CPU milliseconds of ${name}`).toBeLessThan(MOST_CPU_MS);
  expect(bytes, `bytes of ${name}`).toBeLessThan(MOST_MORE_BYTES);
}

describe.runIf(process.platform === 'linux')('a bomb', () => {
  it.each(bombs)('$name costs next to nothing', async ({ name, bytes, codes }) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const { code, cost } = await explode(path);
    expect(codes, `${code}`).toContain(code);
    expectCheap(name, cost);
  });

  const shared = sharedFolder('photos');
  const found = (shared === null ? [] : filesBelow(shared)).filter((name) =>
    /odd\/(bomb\/|made\/bomb_)/.test(name),
  );
  it.runIf(found.length > 0).each(found)('%s of the shared ones costs next to nothing', async (name) => {
    const { code, cost } = await explode(join(shared ?? '', name));
    expectCheap(`${name} (${code})`, cost);
  });

  const heic = (shared === null ? [] : filesBelow(shared)).find((name) =>
    name.endsWith('displayp3_iphone.heic'),
  );
  it.runIf(heic)('of tiles in a HEIC costs next to nothing', async () => {
    const path = join(folder, 'tiles.heic');
    await writeFile(path, withItemSize(readFileSync(join(shared ?? '', heic ?? '')), 60_000, 60_000));
    const { code, cost } = await explode(path);
    expect(['source_too_large', 'damaged_image']).toContain(code);
    expectCheap(path, cost);
  });
});
