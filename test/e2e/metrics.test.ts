/** The metrics of a real daemon after real work, read by Prometheus' own parser and held against the API. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { parseExposition, sumOf } from '../helpers/exposition.ts';
import { leaveOut } from '../helpers/leave-out.ts';
import { killNow } from '../helpers/processes.ts';
import { createFolder, hostsOf, makePhotos, waitForEnd } from './support.ts';

it("the metrics are valid, their counts are the API's, and they say what the daemon did", async (context) => {
  const daemon = await spawnDaemon({
    settings: { resources: { profile: 'full' }, executor: { threads: 1 } },
  });
  const { client } = daemon;
  const before = await parseExposition(await client.metrics());
  if (before === null) leaveOut(context, 'python3-prometheus-client is not installed');
  expect(sumOf(before, 'photo_bridge_photos_total')).toBe(0);

  const folder = await createFolder();
  const paths = await makePhotos(folder, 6, { width: 64, height: 48 });
  // A file that begins like a photo and is none, and one that is gone when its turn comes.
  await writeFile(
    join(folder, 'photo-06.jpg'),
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(64)]),
  );
  const { batch_id } = await client.batches.start({ photos: paths.map((path) => ({ path })) });
  const ended = await waitForEnd(client, batch_id);
  await client.batches.status('batch_ffffffffffff').catch(() => undefined);
  await fetch(`${daemon.url}/no/such/${batch_id}?token=x`);
  await fetch(`${daemon.url}/health`, { headers: { origin: 'https://evil.example' } });
  const hosts = await hostsOf(daemon.pid);
  expect(hosts).toHaveLength(1);
  for (const pid of hosts) killNow(pid);

  const read = async () => (await parseExposition(await client.metrics())) ?? [];
  await expect
    .poll(async () => sumOf(await read(), 'photo_bridge_host_deaths_total'), { timeout: 20_000 })
    .toBe(1);
  const now = await read();
  expect(sumOf(now, 'photo_bridge_photos_total', { outcome: 'processed' })).toBe(ended.processed_count);
  expect(sumOf(now, 'photo_bridge_photos_total', { outcome: 'failed' })).toBe(ended.failed_count);
  expect([ended.processed_count, ended.failed_count]).toEqual([5, 1]);
  for (const [code, count] of Object.entries(ended.failure_codes))
    expect(sumOf(now, 'photo_bridge_photo_failures_total', { code })).toBe(count);
  expect(sumOf(now, 'photo_bridge_photo_duration_seconds_count')).toBe(6);
  for (const status of ['completed', 'running', 'failed'] as const) {
    const { count } = await client.batches.list({ status });
    expect(sumOf(now, 'photo_bridge_batches', { status })).toBe(count);
  }
  expect(sumOf(now, 'photo_bridge_batches_ended_total', { status: 'completed' })).toBe(1);
  expect(sumOf(now, 'photo_bridge_journal_records_total')).toBeGreaterThan(0);
  expect(sumOf(now, 'photo_bridge_journal_write_duration_seconds_count')).toBeGreaterThan(0);
  expect(sumOf(now, 'photo_bridge_snapshot_write_duration_seconds_count')).toBeGreaterThan(0);
  expect(sumOf(now, 'photo_bridge_capacity')).toBe(1);
  const answers = 'photo_bridge_http_request_duration_seconds_count';
  expect(sumOf(now, answers, { route: '/batch/start', status: '200', method: 'POST' })).toBe(1);
  expect(sumOf(now, answers, { route: '/batch/:batch_id/status', status: '404' })).toBe(1);
  expect(sumOf(now, answers, { route: 'none', status: '404' })).toBe(1);
  expect(sumOf(now, answers, { route: 'none', status: '403' })).toBe(1);
  for (const { name, type, help, samples } of now) {
    expect([name, help.length > 10, type]).toEqual([
      name,
      true,
      expect.stringMatching(/^(counter|gauge|histogram)$/),
    ]);
    expect(JSON.stringify(samples)).not.toMatch(/batch_[0-9a-f]{12}|token|\.jpg/);
  }
  const names = now.flatMap(({ samples }) =>
    samples.map(({ name, labels }) => name + JSON.stringify(labels)),
  );
  expect(new Set(names).size).toBe(names.length);
});
