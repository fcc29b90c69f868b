import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../bridge/log.ts';
import { createBatchStore } from '../../bridge/store/batch-store.ts';
import type { OpenFile } from '../../bridge/store/disk.ts';
import { makePhotos, registerPhotos } from '../e2e/support.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { runFault, surveySmallRun } from './fault-run.ts';
import { missingStrace } from './strace.ts';
import { failAt, judgeError, toErrors } from './syscall-errors.ts';
import { chooseTargets } from './syscall-kills.ts';

const missing = await missingStrace();
if (missing !== null) console.log(`skipped: ${missing}`);

const journal = 'data/journal/00000001.log';

describe.skipIf(missing !== null)('an error in place of a file call', { timeout: 300_000 }, () => {
  it('at some calls of one run loses, doubles and leaves nothing, and the daemon lives', async () => {
    const survey = await surveySmallRun({ once: true });
    const seed = Date.now() % 1_000_000;
    onTestFinished(({ task }) => {
      if (task.result?.state === 'fail') console.error(`seed ${seed}`);
    });
    const faults = toErrors(chooseTargets(survey.targets, { seed, count: 3 }), seed);
    faults.push({ call: 'fdatasync', path: journal, nth: 5, fault: 'error=EIO' });
    // What a photo left must go with the end of its batch when it could not go at once.
    faults.push({
      call: 'unlink',
      path: 'out/.pb-batch_000000000001-2-1.tmp',
      nth: 1,
      fault: 'error=EIO',
    });
    faults.push({ call: 'unlink', path: 'out/.pb-probe.tmp', nth: 2, fault: 'error=EIO' });
    const figures = await failAt(survey, faults);
    expect(figures.problems).toEqual([]);
    expect(figures.faults).toBeGreaterThanOrEqual(faults.length - 1);
  });

  it('catches a daemon that dies of one', async () => {
    const fault = { call: 'fdatasync', path: journal, nth: 5, fault: 'error=EIO' };
    const imports = [new URL('./dies-of-errors.ts', import.meta.url).href];
    const figures = await runFault({ fault, hashes: null, judge: judgeError, imports });
    expect(figures.faults).toBe(1);
    expect(figures.problems).toContainEqual(expect.stringContaining('the daemon died'));
  });
});

it('a write that ends in the middle of a record, and the error after it, lose no change', async () => {
  if (process.platform !== 'linux') return;
  const daemon = await spawnDaemon();
  const photo_ids = await registerPhotos(daemon.client, await makePhotos(daemon.dataDir, 2));
  const start_at = new Date(Date.now() + 3_600_000).toISOString();
  const { batch_id } = await daemon.client.batches.start({ photo_ids, start_at });
  const folder = join(daemon.dataDir, 'journal');
  const segments = async () => (await readdir(folder)).filter((name) => /^\d+\.log$/.test(name)).sort();
  const [first = ''] = await segments();
  const { size } = await stat(join(folder, first));
  // The system writes what fits and answers so; the rest is refused (EFBIG).
  await promisify(execFile)('prlimit', ['--pid', String(daemon.pid), `--fsize=${size + 20}:unlimited`]);
  expect(await daemon.client.batches.setPriority(batch_id, 8)).toMatchObject({ priority: 8 });
  expect(await segments()).toHaveLength(2);
  // The file of the log has reached the limit as well.
  expect(daemon.stderr).toContain('EFBIG');
  await daemon.kill('SIGKILL');

  const again = await spawnDaemon({ dataDir: daemon.dataDir });
  expect(await again.client.batches.status(batch_id)).toMatchObject({ status: 'pending', priority: 8 });
  expect((await again.client.batches.recover()).quarantined).toEqual([]);
});

it('writes of which only a few bytes are taken leave whole records and state files', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-short-'));
  const log = createLog('silent');
  let short = 0;
  const openShort: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    if ((flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0) shorten(handle, () => (short += 1));
    return handle;
  };
  const writer = createBatchStore({ dataDir, log, open: openShort });
  await writer.load();
  const texts = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(30));
  const at = new Date().toISOString();
  for (const what of texts) await writer.store.append([{ k: 'patch', b: what, at, set: {} }]);
  const { batch_id } = state;
  await writer.store.saveSnapshot(batch_id, [JSON.stringify(state).slice(0, -1)], { sync: true });
  await writer.close();
  expect(short).toBeGreaterThan(100);

  const reader = createBatchStore({ dataDir, log });
  const loaded = await reader.load();
  const patches = loaded.records.flatMap(({ payload }) => (payload.k === 'patch' ? [payload.b] : []));
  expect(patches).toEqual(texts);
  expect([...loaded.snapshots].map(({ file }) => file.photo_ids)).toEqual([[1, 2, 3]]);
  expect(loaded.quarantined).toEqual([]);
  await reader.close();
});

const state = {
  ...{ batch_id: 'batch_000000000001', session_id: null, photo_ids: [1, 2, 3], processed_photo_ids: [1] },
  ...{
    failed_photo_ids: [],
    status: 'paused',
    created_at: '2026-01-09T10:00:00Z',
    config: null,
    task_ids: [],
  },
  ...{ started_at: '2026-01-09T10:00:05Z', paused_at: '2026-01-09T10:15:30Z', completed_at: null },
  ...{ total_photos: 3, processed_count: 1, failed_count: 0, _schema: 1, _seq: 1 },
};

/** Every write takes at most a few bytes, and says so. */
function shorten(handle: FileHandle, count: () => void): void {
  const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
  const takeFew = (bytes: Buffer, offset: number, length: number, position: number) => {
    const taken = Math.min(length, bytes.length > 100_000 ? 65_521 : 1 + (position % 7));
    if (taken < length) count();
    return write(bytes, offset, taken, position);
  };
  handle.write = takeFew as unknown as FileHandle['write'];
}
