/** Kills, stops and foreign state files against real daemons in the middle of real batches. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BatchStatusObject } from '../../bridge/client/index.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { hashFiles, Oracle } from '../helpers/oracle.ts';
import { isRunning, killDuringStart, killNow } from '../helpers/processes.ts';
import { seedState } from '../helpers/seed-state.ts';
import { filesBelow, sharedFolder } from '../helpers/shared-files.ts';
import { createFolder, hostsOf, makePhotos, registerPhotos, waitForEnd, waitForStatus } from './support.ts';

const execute = promisify(execFile);
const photos = sharedFolder('photos');
const settledOf = (status: BatchStatusObject) => status.processed_count + status.failed_count;

/** Enough that they last for every kill; a kill takes some five of them. Real photos twice when they are there, else made ones. */
async function findPhotos(): Promise<string[]> {
  const folder = await createFolder();
  if (photos === null) return makePhotos(folder, 72, { width: 2000, height: 1500 });
  const real = filesBelow(join(photos, 'plain')).map((name) => join(photos, 'plain', name));
  const again = real.map((path) => join(folder, `again-${basename(path)}`));
  await Promise.all(real.map((path, index) => copyFile(path, again[index] ?? '')));
  return [...real, ...again];
}

type Victim = 'daemon' | 'host' | 'both';
/** After a death of the host its photos run alone; only when those are through may the host die again (two deaths are guilt). */
const kills: readonly Victim[] = [
  'daemon',
  'host',
  'both',
  'daemon',
  'both',
  'host',
  'daemon',
  'both',
  'daemon',
  'host',
  'both',
  'daemon',
];

describe.runIf(process.platform === 'linux')('a dozen kills in one batch', () => {
  it('lose no photo, do none twice, and change no file that was there', async () => {
    const sources = await findPhotos();
    const folder = join(await createFolder(), 'out');
    const config = (where: string) => ({
      preset: 'WhiteLayer_v4',
      blend: 60,
      output: { folder: where, long_edge: 1200 },
    });
    // As many threads everywhere: more would use the photos up sooner.
    const settings = { executor: { threads: 2 } };
    const oracle = new Oracle(folder);
    const hosts = new Set<number>();
    const readyAfter: number[] = [];
    let daemon = await spawnDaemon({ settings });
    let ear = new AbortController();
    onTestFinished(() => {
      ear.abort();
      oracle.stopWatching();
    });
    oracle.watchFolder();
    const { dataDir } = daemon;
    const started = await daemon.client.batches.start({
      photos: sources.map((path) => ({ path })),
      config: config(folder),
    });
    const id = started.batch_id;
    await oracle.listen(daemon.client, id, ear.signal);

    async function restart(): Promise<void> {
      ear.abort();
      ear = new AbortController();
      const before = performance.now();
      daemon = await spawnDaemon({ dataDir, settings });
      readyAfter.push(Math.round(performance.now() - before));
      const { status } = await daemon.client.batches.status(id);
      expect(status).toBe('paused');
      await oracle.check(daemon.client, id);
      await oracle.listen(daemon.client, id, ear.signal);
      oracle.sawStatus(await daemon.client.batches.status(id));
      await daemon.client.batches.resume(id);
    }

    const landed: string[] = [];
    for (const [round, victim] of kills.entries()) {
      const { client, pid } = daemon;
      const before = await client.batches.status(id);
      const wanted = settledOf(before) + (kills[round - 1] === 'host' ? 3 : 1);
      const status = await waitForStatus(
        client,
        id,
        (now) => settledOf(now) >= wanted || now.status !== 'running',
      );
      oracle.sawStatus(status);
      const [host] = await hostsOf(pid);
      if (host !== undefined) hosts.add(host);
      // Another moment of a photo's life each time.
      await delay((round * 37) % 110);
      if (status.status !== 'running') break;
      landed.push(victim);
      if (victim !== 'host') process.kill(pid, 'SIGKILL');
      if (victim !== 'daemon' && host !== undefined) killNow(host);
      if (victim === 'host') continue;
      await daemon.ended;
      if (round % 5 === 3) await killDuringStart(dataDir);
      await restart();
    }
    expect(landed).toEqual(kills);
    const end = await waitForEnd(daemon.client, id);
    await oracle.check(daemon.client, id);
    oracle.stopWatching();
    // What was lost or done twice says more than the counts that follow from it.
    expect(oracle.faults).toEqual([]);
    expect(end).toMatchObject({
      status: 'completed',
      total_photos: sources.length,
      processed_count: sources.length,
      failed_count: 0,
      in_flight_count: 0,
      pending_count: 0,
    });
    expect(oracle.acknowledged).toBe(sources.length);

    const calm = join(await createFolder(), 'calm');
    const undisturbed = await daemon.client.batches.start({
      photos: sources.map((path) => ({ path })),
      config: config(calm),
    });
    expect((await waitForEnd(daemon.client, undisturbed.batch_id)).processed_count).toBe(sources.length);
    expect(await hashFiles(folder)).toEqual(await hashFiles(calm));
    for (const host of await hostsOf(daemon.pid)) hosts.add(host);
    await daemon.stop();
    expect(hosts.size).toBeGreaterThan(kills.length / 2);
    await expect.poll(() => [...hosts].filter(isRunning), { timeout: 10_000 }).toEqual([]);
    console.log(
      `ready after ${readyAfter.join(', ')} ms; ${oracle.acknowledged} photos, ${landed.length} kills`,
    );
  }, 240_000);
});

async function startInTheMiddle(daemon: TestDaemon): Promise<string> {
  const paths = await makePhotos(await createFolder(), 12, { width: 2400, height: 1600 });
  const { batch_id } = await daemon.client.batches.start({
    photo_ids: await registerPhotos(daemon.client, paths),
  });
  await waitForStatus(daemon.client, batch_id, (status) => status.processed_count >= 2);
  return batch_id;
}

describe('a stop in the middle', () => {
  it.each([
    ['SIGINT', 'pause'],
    ['SIGTERM', 'resume'],
  ] as const)(
    'by %s ends with 0 and loses nothing; the next start recovers (%s)',
    async (signal, onStart) => {
      const first = await spawnDaemon();
      const id = await startInTheMiddle(first);
      const before = await first.client.batches.status(id);
      expect(await first.kill(signal)).toEqual({ code: 0, signal: null });
      expect(existsSync(join(first.dataDir, 'runtime.json'))).toBe(false);
      const outputs = join(first.dataDir, 'outputs', id);
      expect((await readdir(outputs)).filter((name) => name.startsWith('.pb-'))).toEqual([]);

      const daemon = await spawnDaemon({
        dataDir: first.dataDir,
        settings: { recovery: { on_start: onStart } },
      });
      const after = await daemon.client.batches.status(id);
      expect(settledOf(after)).toBeGreaterThanOrEqual(settledOf(before));
      const report = await daemon.client.batches.recover();
      expect(report).toMatchObject({ recovered_count: 1, failed_count: 0, batches: [{ batch_id: id }] });
      if (onStart === 'pause') {
        expect(after).toMatchObject({ status: 'paused', in_flight_count: 0 });
        expect(report.batches[0]).toMatchObject({ remaining_count: 12 - settledOf(after) });
        await daemon.client.batches.resume(id);
      } else expect(after.status).toMatch(/running|completed/);
      expect(await waitForEnd(daemon.client, id)).toMatchObject({ status: 'completed', processed_count: 12 });
      expect(await readdir(outputs)).toHaveLength(12);
      expect((await daemon.client.batches.recover()).recovered_count).toBe(0);
    },
  );
});

async function serveAndFail(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  try {
    await execute(self.node, [self.entry, 'serve', ...args]);
    return { code: 0, stderr: '' };
  } catch (error) {
    return error as { code: number; stderr: string };
  }
}

describe('a start that cannot be', () => {
  it('on a data folder in use ends with 1 and names process, port and version of the first', async () => {
    const first = await spawnDaemon();
    const { version } = await first.client.version();
    const { code, stderr } = await serveAndFail(['--port', '0', '--data-dir', first.dataDir]);
    expect(code).toBe(1);
    for (const part of [`process ${first.pid}`, `port ${first.port}`, `version ${version}`]) {
      expect(stderr).toContain(part);
    }
    expect((await first.client.health()).status).toBe('ok');
  });

  it('on a port in use ends with 1 and names the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await serveAndFail(['--port', String(port), '--data-dir', await createFolder()]);
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(stderr).toContain('server.port');
  });
});

describe('state files dropped into the folder while the daemon is stopped', () => {
  it('in the form of the original are picked up, go on where they stand and keep their unknown keys', async () => {
    const first = await spawnDaemon();
    const ids = await registerPhotos(first.client, await makePhotos(await createFolder(), 5));
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    await first.stop();
    const states = join(first.dataDir, 'batch_states');
    await mkdir(states, { recursive: true });
    const drop = (id: string, changes: Record<string, unknown>) =>
      writeFile(join(states, `${id}.json`), JSON.stringify({ ...seedState, batch_id: id, ...changes }));
    await drop('batch_abc123def456', { my_note: { keep: [1] } });
    // Times without a zone, as the original wrote them.
    await drop('batch_0123456789ab', {
      status: 'running',
      config: null,
      created_at: '2025-11-09T09:00:00.123456',
    });
    await drop('batch_00000000c0de', {
      status: 'completed',
      created_at: '2025-11-09T09:30:00Z',
      completed_at: '2025-11-09T11:00:00Z',
    });
    const corrupt = join(states, 'batch_ffffffffffff.json');
    await writeFile(corrupt, '{"batch_id": "batch_ffffffffffff", "photo_ids": [1, 2');

    const daemon = await spawnDaemon({ dataDir: first.dataDir });
    const { client } = daemon;
    const { batches } = await client.batches.list();
    expect(batches.map(({ batch_id, status }) => [batch_id, status])).toEqual([
      ['batch_abc123def456', 'paused'],
      ['batch_00000000c0de', 'completed'],
      ['batch_0123456789ab', 'paused'],
    ]);
    expect(await client.batches.status('batch_abc123def456')).toMatchObject({
      session_id: 123,
      processed_count: 3,
      pending_count: 2,
      progress_percent: 60,
      started_at: '2025-11-09T10:00:05Z',
    });
    expect((await client.batches.status('batch_0123456789ab')).created_at).toBe('2025-11-09T09:00:00.123Z');

    const report = await client.batches.recover();
    expect(report).toMatchObject({
      message: 'Batch recovery completed',
      recovered_count: 1,
      failed_count: 1,
    });
    expect(report.batches).toEqual([
      { batch_id: 'batch_0123456789ab', remaining_count: 2, in_flight_count: 0 },
    ]);
    expect(report.quarantined).toHaveLength(1);
    expect(report.quarantined[0]).toMatchObject({ reason: expect.stringMatching(/\w+/) });
    expect(report.quarantined[0]?.file).toContain('batch_ffffffffffff.json');
    expect(existsSync(corrupt)).toBe(false);
    const [kept] = await readdir(join(daemon.dataDir, 'quarantine'));
    expect(kept).toMatch(/^batch_ffffffffffff\.json.+/);

    for (const id of ['batch_abc123def456', 'batch_0123456789ab']) {
      await client.batches.resume(id);
      expect(await waitForEnd(client, id)).toMatchObject({ status: 'completed', processed_count: 5 });
      expect(await readdir(join(daemon.dataDir, 'outputs', id))).toHaveLength(2);
    }
    await daemon.stop();
    const file = JSON.parse(readFileSync(join(states, 'batch_abc123def456.json'), 'utf8'));
    expect(file).toMatchObject({ my_note: { keep: [1] }, status: 'completed', task_ids: ['task1', 'task2'] });
    expect(file.processed_photo_ids).toEqual([1, 2, 3, 4, 5]);
  });
});
