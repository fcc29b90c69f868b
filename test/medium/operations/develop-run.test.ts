import { link, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputFiles } from '../../../bridge/batch/output-ports.ts';
import type { Executor, ItemView } from '../../../bridge/batch/ports.ts';
import type { DevelopTask } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createDevelopOperation } from '../../../bridge/operations/develop/operation.ts';
import { systemClock } from '../../../bridge/resources/clock.ts';
import { createOutputFiles } from '../../../bridge/store/output-files.ts';
import { createSteadyLimiter } from '../../helpers/unit-operation.ts';

let folder: string;
let outputs: ReturnType<typeof createOutputFiles>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photo-bridge-develop-'));
  outputs = openOutputs();
});
afterEach(async () => {
  await outputs.close();
  await rm(folder, { recursive: true });
});

function openOutputs() {
  return createOutputFiles({ dataDir: join(folder, 'data'), log: createLog('silent') });
}

/** Writes one byte where the render threads would write a photo, the temp name beside it. */
const executor: Executor = {
  capacity: 1,
  async develop({ output }: DevelopTask) {
    const temp = join(output.folder, output.temp_name);
    await writeFile(temp, 'x');
    await rm(join(output.folder, output.name), { force: true });
    await link(temp, join(output.folder, output.name));
    const made = { path: output.name, bytes: 1, width: 1, height: 1, format: 'jpeg', sha256: 'ab' } as const;
    const timing = { started_at: systemClock.iso(), duration_ms: 1 };
    const outcome = {
      ok: true,
      ...timing,
      skipped: false,
      output: made,
      engine: 'sharp',
      warnings: [],
    } as const;
    return { kind: 'outcome', outcome: { ...outcome, warnings: [] } };
  },
  proof: async () => ({ kind: 'stopped' }),
};

function openRun(onConflict: string, files: OutputFiles = outputs.files) {
  const operation = createDevelopOperation({
    executor,
    files,
    sources: outputs.sources,
    // Two photos of one name in two folders.
    photos: {
      has: () => true,
      path: async (id) => `/photos/${id}/a.jpg`,
      place: async (id) => ({ path: `/photos/${id}/a.jpg`, device: null }),
      find: async () => [],
      findFolder: async () => [],
      register: async () => [],
      registerFolder: async () => [],
    },
    paths: { source: async () => null, outputFolder: async () => null },
    presets: {
      resolve: async () => ({ recipe: {} as never, hash: 'h', notHonoured: [] }),
      toTask: (recipe) => recipe,
    },
    clock: systemClock,
    limits: { max_pixels: 1, alone_pixels: 1, max_bytes: 1 },
    limiter: createSteadyLimiter(1),
    outputsDir: join(folder, 'data', 'outputs'),
  });
  const config = { output: { folder: join(folder, 'out'), on_conflict: onConflict } };
  return operation.open({
    id: 'batch_000000000001',
    createdAt: systemClock.iso(),
    config,
    recipe: undefined,
    recipeHash: 'r',
    total: 2,
    results: async function* () {},
  });
}

const item = (index: number): ItemView => ({ index, photoId: index + 1, ref: null, attempt: 1 });
const signal = new AbortController().signal;

describe('a develop run', () => {
  it.each(['overwrite', 'if-changed'])(
    'under %s never lets two photos of a batch share a name, even when the daemon dies between them',
    async (policy) => {
      const run = openRun(policy);
      await run.ready({ next: null, folder: 'new' });
      const first = await run.claim(item(0));
      if (!first.ok) throw new Error('no name');
      await run.run([{ item: item(0), ...first }], signal);
      // The daemon dies here: the result may be on disk, nothing was cleaned up.
      await outputs.close();
      outputs = openOutputs();
      expect(await openRun(policy).claim(item(1))).toMatchObject({ ok: true, name: 'a-2.jpg' });
      expect(await openRun(policy).claim(item(0))).toMatchObject({ ok: true, name: first.name });
    },
  );

  it('takes an output folder that cannot be looked at for a storage failure, not for a fault of the photo', async () => {
    const accident = async (): Promise<never> => {
      throw Object.assign(new Error('ESTALE: stale file handle'), { code: 'ESTALE' });
    };
    const blind = openRun('unique', { ...outputs.files, exists: accident });
    expect(await blind.claim(item(0))).toMatchObject({ ok: false, failure: { code: 'output_not_writable' } });
    const unsynced = openRun('unique', { ...outputs.files, syncFolder: accident });
    await unsynced.ready({ next: null, folder: 'new' });
    const claim = await unsynced.claim(item(0));
    if (!claim.ok) throw new Error('no name');
    const [end] = await unsynced.run([{ item: item(0), ...claim }], signal);
    expect(end).toMatchObject({
      kind: 'settled',
      result: { s: 'failed', f: { code: 'output_not_writable' } },
    });
    await unsynced.discard(item(0), claim.name);
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });
});
