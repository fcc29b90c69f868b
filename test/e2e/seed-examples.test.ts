/** The examples of the original system's guide run unchanged: they speak to http://localhost:5100. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { self, spawnDaemon, type TestDaemon, type TestDaemonOptions } from '../helpers/daemon.ts';
import { findPython, leaveOut } from '../helpers/leave-out.ts';
import { sharedFolder } from '../helpers/shared-files.ts';
import { createFolder, exchange, makePhotos, registerPhotos, waitForEnd } from './support.ts';

const PORT = 5100;
const execute = promisify(execFile);
const fixtures = fileURLToPath(new URL('../fixtures/seed/', import.meta.url));
const blocks = readdirSync(fixtures).sort();
const block = (name: string) => readFileSync(join(fixtures, name), 'utf8');
const seeds = sharedFolder('seeds');

async function isPortFree(): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port: PORT, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/** A daemon at the address the examples are written for, its photos registered as 1 to 10. */
async function spawnAtSeedAddress(
  context: TestContext,
  options: TestDaemonOptions = {},
): Promise<TestDaemon & { photoIds: number[] }> {
  if (!(await isPortFree())) leaveOut(context, `port ${PORT} is in use on this machine`);
  const daemon = await spawnDaemon({ ...options, args: ['--port', String(PORT)] });
  expect(daemon.port).toBe(PORT);
  const paths = await makePhotos(await createFolder(), 10, { width: 1800, height: 1200 });
  return Object.assign(daemon, { photoIds: await registerPhotos(daemon.client, paths) });
}

let python: string | null = null;
beforeAll(async () => {
  python = await findPython();
});

async function runPython(context: TestContext, script: string): Promise<string[]> {
  if (python === null) return leaveOut(context, 'no python3 here has the module requests');
  // One ready-made interpreter environment is as good as another, but a proxy must not stand in between.
  const { stdout } = await execute(python, ['-c', script], { env: { ...process.env, NO_PROXY: '*' } });
  return stdout.trimEnd().split('\n');
}

/** The first block's opening lines, which every later block of the guide takes for granted. */
const opening = block('quick-start-1-start.py').split('\n').slice(0, 3).join('\n');

describe.skipIf(seeds === null)('the copies of the examples', () => {
  const [name] = seeds === null ? [] : readdirSync(seeds).filter((file) => file.startsWith('004_'));
  const guide = name === undefined ? '' : readFileSync(join(seeds ?? '', name), 'utf8');

  it.each(blocks)('%s stands word for word in the guide', (file) => {
    expect(guide).toContain(`\`\`\`${file.endsWith('.js') ? 'javascript' : 'python'}\n${block(file)}\`\`\``);
  });
});

describe('the examples of the guide', { timeout: 120_000 }, () => {
  it('the quick start in Python: start, status, pause, resume, cancel', async (context) => {
    const daemon = await spawnAtSeedAddress(context);
    expect(daemon.photoIds).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const steps = blocks.filter((file) => file.startsWith('quick-start-'));
    expect(steps).toHaveLength(5);
    const lines = await runPython(context, steps.map(block).join('\n'));

    const [started = '', status, progress, processed, failed, ...rest] = lines;
    expect(started).toMatch(/^Batch started: batch_[0-9a-f]{12}$/);
    expect(status).toBe('Status: running');
    expect(progress).toMatch(/^Progress: \d+\.?\d*%$/);
    expect(processed).toMatch(/^Processed: \d+\/10$/);
    expect(failed).toBe('Failed: 0');
    expect(rest).toEqual([
      'Batch paused successfully',
      'Batch resumed successfully',
      'Batch cancelled successfully',
    ]);
    const batchId = started.slice('Batch started: '.length);
    expect(await daemon.client.batches.status(batchId)).toMatchObject({
      status: 'cancelled',
      session_id: 123,
      total_photos: 10,
    });
    const file = join(daemon.dataDir, 'batch_states', `${batchId}.json`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      batch_id: batchId,
      session_id: 123,
      photo_ids: daemon.photoIds,
      status: 'cancelled',
      config: { preset: 'WhiteLayer_v4', blend: 60 },
    });
  });

  it('recovery after a restart in Python', async (context) => {
    const first = await spawnAtSeedAddress(context);
    const { batch_id } = await first.client.batches.start({
      photo_ids: first.photoIds,
      config: { preset: 'WhiteLayer_v4', blend: 60 },
    });
    await first.kill('SIGKILL');
    const daemon = await spawnDaemon({ dataDir: first.dataDir, args: ['--port', String(PORT)] });
    const lines = await runPython(context, `${opening}\n${block('use-case-2-recovery.py')}`);
    expect(lines).toEqual(['Recovered 1 interrupted batches', `Resuming batch ${batch_id}`]);
    expect(await waitForEnd(daemon.client, batch_id)).toMatchObject({
      status: 'completed',
      processed_count: 10,
      failed_count: 0,
      progress_percent: 100,
    });
    expect(await readdir(join(daemon.dataDir, 'outputs', batch_id))).toHaveLength(10);
  });

  it('cleanup in Python: what completed before seven days goes, the rest stays', async (context) => {
    const folder = await createFolder();
    const states = join(folder, 'batch_states');
    await mkdir(states, { recursive: true });
    await writeFile(join(states, 'batch_abc123def456.json'), JSON.stringify(seedState('batch_abc123def456')));
    const daemon = await spawnAtSeedAddress(context, { dataDir: folder });
    const { batch_id } = await daemon.client.batches.start({ photo_ids: [1] });
    await waitForEnd(daemon.client, batch_id);
    const lines = await runPython(context, `${opening}\n${block('use-case-4-cleanup.py')}`);
    expect(lines).toEqual(['Cleaned up 1 old batches']);
    expect(existsSync(join(states, 'batch_abc123def456.json'))).toBe(false);
    const { batches } = await daemon.client.batches.list();
    expect(batches.map((batch) => batch.batch_id)).toEqual([batch_id]);
  });

  it('the JavaScript client with its polling loop', async (context) => {
    const daemon = await spawnAtSeedAddress(context);
    const script = join(fixtures, 'client.js');
    const { stdout, stderr } = await execute(self.node, [script]);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^Batch started: batch_[0-9a-f]{12}$/);
    expect(lines.slice(-3)).toEqual(['Progress: 100%', 'Status: completed', 'Batch completed!']);
    for (const line of lines.slice(1, -1)) expect(line).toMatch(/^(Progress: [\d.]+%|Status: \w+)$/);
    const batchId = lines[0]!.slice('Batch started: '.length);
    expect(await daemon.client.batches.status(batchId)).toMatchObject({ session_id: null, total_photos: 5 });
  });

  it('the answers of its API reference, field by field', async (context) => {
    const daemon = await spawnAtSeedAddress(context);
    const base = `http://localhost:${PORT}/batch`;
    const post = (path: string, body?: unknown) =>
      exchange(
        `${base}/${path}`,
        body === undefined
          ? { method: 'POST' }
          : {
              method: 'POST',
              headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify(body),
            },
      );

    const started = await post('start', { photo_ids: [1, 2, 3], session_id: 123, config: {} });
    expect(started).toMatchObject({
      status: 200,
      body: { message: 'Batch processing started', batch_id: expect.any(String), photo_count: 3 },
    });
    const id = started.body.batch_id as string;
    const paused = await post(`${id}/pause`);
    expect(paused).toMatchObject({
      status: 200,
      body: { message: 'Batch paused successfully', batch_id: id, status: 'paused' },
    });
    const status = await exchange(`${base}/${id}/status`);
    const seedKeys =
      'batch_id session_id status total_photos processed_count failed_count progress_percent created_at started_at paused_at completed_at';
    expect(Object.keys(status.body)).toEqual(expect.arrayContaining(seedKeys.split(' ')));
    expect(status.body).toMatchObject({
      batch_id: id,
      session_id: 123,
      status: 'paused',
      completed_at: null,
    });
    for (const key of ['created_at', 'started_at', 'paused_at']) {
      expect(status.body[key]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    }
    expect((await exchange(`${base}/list`)).body).toMatchObject({
      batches: [{ batch_id: id, status: 'paused', total_photos: 3 }],
      count: 1,
    });
    expect((await post(`${id}/resume`)).body).toEqual({
      message: 'Batch resumed successfully',
      batch_id: id,
      status: expect.any(String),
    });
    await waitForEnd(daemon.client, id);
    expect((await post('recover')).body).toEqual({
      message: 'Batch recovery completed',
      recovered_count: 0,
      failed_count: 0,
      timestamp: expect.stringMatching(/Z$/),
      batches: [],
      quarantined: [],
    });
    expect((await post('cleanup', { days_old: 7 })).body).toMatchObject({
      message: 'Batch cleanup completed',
      cleaned_count: 0,
      days_old: 7,
    });
  });
});

/** The guide's sample state file, as one that completed long ago. */
function seedState(batchId: string) {
  return {
    batch_id: batchId,
    session_id: 123,
    photo_ids: [1, 2, 3, 4, 5],
    processed_photo_ids: [1, 2, 3, 4, 5],
    failed_photo_ids: [],
    status: 'completed',
    created_at: '2025-11-09T10:00:00Z',
    started_at: '2025-11-09T10:00:05Z',
    paused_at: null,
    completed_at: '2025-11-09T10:25:30Z',
    total_photos: 5,
    processed_count: 5,
    failed_count: 0,
    config: { preset: 'WhiteLayer_v4', blend: 60 },
    task_ids: ['task1', 'task2'],
  };
}
