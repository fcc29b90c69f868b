import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock } from '../../bridge/store/lock.ts';
import { createFolder } from '../e2e/support.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { noFigures } from './campaign.ts';
import { judge, starters, startOne } from './starters.ts';

const execute = promisify(execFile);
const missing = await starters.missing();
if (missing !== null) console.log(`skipped: racing starters (${missing})`);

describe.skipIf(missing !== null)('daemons started at once on one data folder', () => {
  it('are one winner and others that name it, also while a killed one left a render host', async () => {
    const figures = await starters.run({ seed: 3, count: 4 });
    expect(figures.problems).toEqual([]);
    expect(figures.faults).toBe(4);
  }, 180_000);

  it('are seen to be two when the lock is taken away between them', async () => {
    const dataDir = join(await createFolder(), 'data');
    const first = await startOne(dataDir);
    await rm(join(dataDir, 'daemon.lock'));
    const second = await startOne(dataDir);
    const figures = noFigures();
    const ends = [first, second].map((value) => ({ status: 'fulfilled', value }) as const);
    const winner = await judge(ends, figures);
    await winner?.kill('SIGKILL');
    expect(figures.problems).toEqual(['2 of 2 got the data folder']);
  });
});

describe('a start on a port that another program has', () => {
  it('ends with 1 and the setting, and leaves nothing behind: no note, no lock, no unclean end', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const dataDir = join(await createFolder(), 'data');
    for (let time = 0; time < 3; time += 1) {
      await expect(startOne(dataDir, ['--port', String(port)])).rejects.toThrow(
        new RegExp(`exit code 1\\): error: Port ${port} .* server\\.port or --port`),
      );
    }
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false);
    const runs = JSON.parse(await readFile(join(dataDir, 'runs.json'), 'utf8'));
    expect(runs).toMatchObject({ under_way: false, unclean_ends: [] });
    const lock = await acquireLock(dataDir, { waitMs: 0 });
    expect(lock.kind).toBe('acquired');
    if (lock.kind === 'acquired') lock.lock.release();
    const next = await spawnDaemon({ dataDir });
    expect(await next.client.health()).toMatchObject({ state: 'ready' });
  }, 120_000);
});

/** Starts a daemon, asks it on 127.0.0.1 and says what it answered and what addresses listen. */
const askInside = `
import { spawnServe } from ${JSON.stringify(new URL('../../bridge/cli/spawn-daemon.ts', import.meta.url).href)};
const [dataDir, entry] = process.argv.slice(2);
const daemon = await spawnServe({ self: { node: process.execPath, entry }, args: ['--port', '0', '--data-dir', dataDir], env: process.env, cwd: dataDir });
const health = await (await fetch(daemon.url + '/health')).json();
const six = await fetch(daemon.url.replace('127.0.0.1', '[::1]') + '/health').then(() => 'answers', () => 'absent');
console.log(JSON.stringify({ state: health.state, six, ...(await daemon.kill('SIGTERM')) }));
`;

async function missingNamespace(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a network of its own needs root on Linux';
  return execute('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).then(
    () => null,
    (thrown: unknown) => `no network of its own: ${String(thrown)}`,
  );
}

const noNetwork = await missingNamespace();
if (noNetwork !== null) console.log(`skipped: a machine without IPv6 (${noNetwork})`);

describe.skipIf(noNetwork !== null)('a machine without IPv6', () => {
  it.each([
    [
      'without IPv6',
      'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
      'absent',
    ],
    ['with it, as a control', 'true', 'answers'],
  ])('gets a daemon on 127.0.0.1 alone (%s)', async (_what, prepare, six) => {
    const folder = await createFolder();
    const script = join(folder, 'ask.ts');
    const dataDir = join(folder, 'data');
    await mkdir(dataDir);
    await writeFile(script, askInside);
    const entry = new URL('../../bridge/main.ts', import.meta.url).pathname;
    const inside = `${prepare} && ip link set lo up && exec "$0" "$@"`;
    const { stdout } = await execute('unshare', [
      '-n',
      'sh',
      '-c',
      inside,
      process.execPath,
      script,
      dataDir,
      entry,
    ]);
    expect(JSON.parse(stdout)).toEqual({ state: 'ready', six, code: 0, signal: null });
  });
});
