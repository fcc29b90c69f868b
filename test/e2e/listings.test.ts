/** Spreadsheet batches from the outside: the command as a process of its own, a poster that is a real server, crashes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { toLocalDate } from '../../bridge/operations/listings/post-row.ts';
import { self, spawnDaemon } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { number, statuses, toLine, write } from '../medium/operations/listings/inventory-files.ts';
import { UNCONFIRMED } from '../medium/operations/listings/listings-engine.ts';
import { makeWorkbook, python, rawParts, see } from '../medium/operations/listings/workbooks.ts';

const today = `Posted ${toLocalDate(new Date())}`;
const rows = (count: number) => Array.from({ length: count }, (_, index) => toLine(number(index)));

/** Takes ads and says yes, unless `first` does something else; `posts`: ids in order of coming. */
async function servePoster(first: (id: string) => unknown = () => undefined) {
  const posts: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { record } = JSON.parse(body) as { record: { bucket_truck_id: string } };
      posts.push(record.bucket_truck_id);
      const success = (await first(record.bucket_truck_id)) !== false;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ success, message: success ? 'ok' : 'no thanks' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ads`, posts };
}

function run(file: string, poster: string, more: readonly string[] = [], env: Record<string, string> = {}) {
  const folder = dirname(file);
  const args = ['--data-dir', join(folder, 'data'), 'listings', 'run', file, '--poster', poster];
  const child = spawn(self.node, [self.entry, ...args, '--images-dir', join(folder, 'images'), ...more], {
    env: { ...toTestEnvironment(), ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(async ([code, signal]) => {
    return { code: code as number | null, signal, stdout: await stdout, stderr: await stderr };
  });
  return { child, ended };
}

it('a run killed with -9 between post and save posts no record twice, and the statuses are in the file after the next run', async () => {
  const path = write(rows(6));
  const { url, posts } = await servePoster((id) => {
    if (id !== 'BT003' || posts.length !== 4) return;
    killed.child.kill('SIGKILL');
    return new Promise(() => {});
  });
  const killed = run(path, url, ['--save-every', '100%']);
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(statuses(path)).toEqual(Array(6).fill(''));
  const { code, stdout } = await run(path, url, ['--save-every', '100%']).ended;
  expect([code, posts]).toEqual([6, ['BT000', 'BT001', 'BT002', 'BT003', 'BT004', 'BT005']]);
  expect(stdout).toContain('[100.0%] Processing record 6/6: BT005');
  expect(stdout).toContain('BT003  cut off while posting');
  expect(statuses(path)).toEqual([today, today, today, UNCONFIRMED, today, today]);
  // Neither does a run after that.
  expect(await run(path, url).ended).toMatchObject({
    code: 0,
    stdout: 'No records to process (6 left out).\n',
  });
  expect(posts).toHaveLength(6);
});

it('Ctrl-C finishes the record in hand, saves and ends with 130; running again goes on', async () => {
  const path = write(rows(5));
  const released = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { url, posts } = await servePoster((id) => {
    if (id !== 'BT002') return;
    asked.resolve();
    return released.promise;
  });
  const first = run(path, url, ['--save-every', '100%']);
  await asked.promise;
  const said = once(first.child.stderr, 'data');
  first.child.kill('SIGINT');
  await said;
  released.resolve();
  const end = await first.ended;
  expect(end).toMatchObject({ code: 130, stderr: expect.stringContaining('Ctrl-C again ends now') });
  expect(end.stdout).toContain('Interrupted after 3 of 5 records: 3 posted, 0 failed');
  expect(statuses(path)).toEqual([today, today, today, '', '']);
  expect(await run(path, url, ['--save-every', '100%']).ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\[ 80\.0%\] Processing record 4\/5: BT003\n/),
  });
  expect([posts.length, new Set(posts).size]).toEqual([5, 5]);
  expect(statuses(path)).toEqual(Array(5).fill(today));
});

it('a second Ctrl-C ends now, and what was cut off is not posted again', async () => {
  const path = write(rows(3));
  const asked = Promise.withResolvers<void>();
  const { url, posts } = await servePoster((id) => {
    if (id !== 'BT001') return;
    asked.resolve();
    return new Promise(() => {});
  });
  const first = run(path, url);
  await asked.promise;
  const said = once(first.child.stderr, 'data');
  first.child.kill('SIGINT');
  await said;
  // What comes at once is one Ctrl-C delivered twice; a person is asked again and again.
  const again = setInterval(() => first.child.kill('SIGINT'), 100);
  expect(await first.ended).toMatchObject({ code: 130 });
  clearInterval(again);
  expect(await run(path, url).ended).toMatchObject({ code: 6 });
  expect(posts).toEqual(['BT000', 'BT001', 'BT002']);
  expect(statuses(path)).toEqual([today, UNCONFIRMED, today]);
});

it('a run ends with 0, 6 or 7 as its records fared, and a dry one writes nothing, anywhere', async () => {
  const path = write([toLine('A'), toLine('B'), toLine('C', 'hold')]);
  const folder = dirname(path);
  const look = () => [
    readdirSync(folder, { recursive: true }),
    statSync(path).mtimeMs,
    statSync(folder).mtimeMs,
  ];
  const before = look();
  const { url, posts } = await servePoster((id) => id !== 'B');
  expect(await run(path, url, ['--dry-run']).ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Checked 2 records: 2 would be posted, 0 failed (1 left out).'),
  });
  expect([posts, look()]).toEqual([[], before]);
  const some = await run(path, url, ['--json']).ended;
  expect(some.code).toBe(6);
  expect(JSON.parse(some.stdout)).toMatchObject({ successful_posts: 1, failed_posts: 1, skipped_records: 1 });
  expect(statuses(path)).toEqual([today, 'Error: no thanks', 'hold']);
  expect(await run(path, url).ended).toMatchObject({ code: 7 });
  expect(await run(path, url, ['--mode', 'some']).ended).toMatchObject({ code: 2 });
  expect(await run(join(folder, 'none.csv'), url).ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('does not exist'),
  });
});

it.skipIf(python === undefined)(
  'a workbook with charts, formulas, validations, conditional formats, two sheets and frozen panes comes back with only status cells changed',
  async () => {
    const path = write([], 'inventory.xlsx');
    makeWorkbook(path, 10);
    const [before, seen] = [rawParts(readFileSync(path)), see(path)];
    const poster = join(dirname(path), 'poster.ts');
    writeFileSync(
      poster,
      'export const postAd = (record: unknown) => ({ success: record !== null, message: "" });',
    );
    expect(await run(path, poster, ['--mode', 'new']).ended).toMatchObject({ code: 0 });
    const after = rawParts(readFileSync(path));
    expect([...after.keys()]).toEqual([...before.keys()]);
    const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    expect(changed).toEqual(['xl/worksheets/sheet2.xml']);
    const cells = seen.sheets.Inventory!.cells;
    // Blank, pending and Error rows; the others are posted or on hold.
    for (const row of [2, 3, 5, 7, 8, 10])
      cells[`I${row}`] = [today, ...(cells[`I${row}`] ?? cells.I4!).slice(1)];
    expect(see(path)).toEqual(seen);
  },
);

it('10,000 rows are posted in bounded memory', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => toLine(`BT${index}`));
  const path = write(lines);
  const folder = dirname(path);
  const poster = join(folder, 'poster.mjs');
  const marks = join(folder, 'memory.txt');
  writeFileSync(
    poster,
    `import { appendFileSync } from 'node:fs';
    export function postAd() {
      appendFileSync(${JSON.stringify(marks)}, process.memoryUsage.rss() + '\\n');
      return { success: true, message: 'ok' };
    }`,
  );
  const { code, stderr, stdout } = await run(path, poster, ['--concurrent', '64']).ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Processed 10000 records: 10000 posted, 0 failed.');
  expect(new Set(statuses(path))).toEqual(new Set([today]));
  const bytes = readFileSync(marks, 'utf8').trim().split('\n').map(Number);
  expect(bytes).toHaveLength(10_000);
  expect(Math.max(...bytes) - (bytes[0] ?? 0)).toBeLessThan(200 * 1024 * 1024);
}, 240_000);

it('the daemon runs them too: details in its results, and one batch at a time over a file', async () => {
  const path = write(rows(3));
  const released = Promise.withResolvers<void>();
  const { url } = await servePoster(() => released.promise);
  const daemon = await spawnDaemon();
  const call = async (route: string, body?: unknown) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const response = await fetch(new URL(route, daemon.url), body === undefined ? {} : init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const config = { poster: url, images_dir: join(dirname(path), 'images') };
  const body = { operation: 'listings', file: path, config };
  const started = await call('/batch/start', body);
  expect(started).toMatchObject({ status: 200, body: { photo_count: 3 } });
  const id = String(started.body.batch_id);
  expect(await call('/batch/start', body)).toMatchObject({
    status: 409,
    body: { code: 'conflict', batch_id: id, error: expect.stringContaining(id) },
  });
  released.resolve();
  for (let status: unknown = ''; status !== 'completed'; )
    status = (await daemon.client.batches.status(id, { wait_s: 5 })).status;
  expect(statuses(path)).toEqual([today, today, today]);
  const { photos } = (await call(`/batch/${id}/photos`)).body as { photos: unknown[] };
  expect(photos[0]).toMatchObject({
    ref: 'BT000',
    status: 'processed',
    details: { record_id: 'BT000', success: true, status_update: today },
  });
});
