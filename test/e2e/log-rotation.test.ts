/** The log of a real daemon: put aside as it grows, followed all the while, and nothing to the daemon when the disk is full. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { createFolder } from './support.ts';

const settings = { log: { level: 'debug', max_mb: 0.01, keep: 3 } };

it('the log is put aside by size, `logs -f` follows over it, and every request can be found in it', async () => {
  const daemon = await spawnDaemon({ settings });
  const folder = join(daemon.dataDir, 'logs');
  let interrupt = () => {};
  let shown = '';
  const following = runHere(['logs', '-f', '-n', '1000', '--json'], {
    dataDir: daemon.dataDir,
    host: { stdout: { write: (text: string) => (shown += text) } },
    onStart: (press) => {
      interrupt = press;
    },
  });
  const ids: string[] = [];
  const ask = async (count: number) => {
    for (let left = count; left > 0; left--) {
      const response = await fetch(`${daemon.url}/batch/batch_0123456789ab/results.csv?token=hunter2hunter2`);
      ids.push(response.headers.get('x-request-id') ?? '');
      expect(await response.json()).toMatchObject({
        status: 404,
        instance: '/batch/batch_0123456789ab/results.csv',
      });
    }
  };
  for (let piece = 0; piece < 4; piece++) {
    // Fills more than one file before the reader has a look.
    await ask(60);
    await expect.poll(() => shown, { timeout: 10_000 }).toContain(ids.at(-1));
  }
  const own = await fetch(`${daemon.url}/health`, { headers: { 'x-request-id': 'my-own-1' } });
  expect(own.headers.get('x-request-id')).toBe('my-own-1');
  await expect.poll(() => shown, { timeout: 10_000 }).toContain('my-own-1');
  interrupt();
  await following;
  const seen = shown.split('\n').filter((line) => line !== '');
  const entries = seen.map((line) => JSON.parse(line) as Record<string, unknown>);
  const requests = entries.filter(({ msg }) => msg === 'request');
  const found = requests.map(({ request_id }) => request_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(found).toEqual([...ids, 'my-own-1']);
  expect(requests[0]).toMatchObject({
    level: 20,
    method: 'GET',
    path: '/batch/batch_0123456789ab/results.csv',
    batch_id: 'batch_0123456789ab',
    status: 404,
  });
  expect((await readdir(folder)).sort()).toEqual([
    'bridge.1.log',
    'bridge.2.log',
    'bridge.3.log',
    'bridge.log',
  ]);
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    expect(text.length).toBeLessThanOrEqual(10_000);
    expect(text).not.toContain('hunter2');
  }
  await daemon.client.settings.change({ log: { level: 'info', keep: 1 } });
  await ask(5);
  const quiet = await readFile(join(folder, 'bridge.log'), 'utf8');
  expect(quiet).not.toContain(ids.at(-1));
});

it('a bug that ends the daemon is the last line of its log', async () => {
  const folder = await createFolder();
  const bug = join(folder, 'bug.mjs');
  await writeFile(bug, "process.on('SIGUSR2', () => { throw new Error('a bug on purpose'); });");
  const daemon = await spawnDaemon({ env: { NODE_OPTIONS: `--import=${bug}` } });
  const end = await daemon.kill('SIGUSR2');
  expect(end).toMatchObject({ code: 1 });
  const text = await readFile(join(daemon.dataDir, 'logs/bridge.log'), 'utf8');
  expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({
    level: 60,
    err: { message: 'a bug on purpose' },
  });
  expect(daemon.stderr).toContain('a bug on purpose');
});
