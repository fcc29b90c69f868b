/** What the system itself keeps a render host from, read from the running process. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SourceLimits, settingsSchema } from '../../../bridge/contract/index.ts';
import { confineHost, dataBytes } from '../../../bridge/executor/confine-host.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

const MEMORY_LIMIT_MB = 700;
let folder = '';
let executor: LocalExecutor;
let item = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-confined-'));
  process.env.PHOTO_BRIDGE_TEST_SECRET = 'not for hosts';
  const { executor: settings } = settingsSchema.parse({
    executor: { threads: 1, memory_limit_mb: MEMORY_LIMIT_MB },
  });
  executor = createLocalExecutor({ settings, log: createLog('silent') });
  await writeFile(join(folder, 'photo.jpg'), await makeImage());
  expect(await develop('photo.jpg')).toMatchObject({ ok: true });
});
afterAll(async () => {
  delete process.env.PHOTO_BRIDGE_TEST_SECRET;
  await executor.close();
  await rm(folder, { recursive: true, force: true });
});

async function develop(name: string, limits: Partial<SourceLimits> = {}) {
  const task = developTask({ path: join(folder, name), folder, item: item++, limits });
  const end = await executor.develop(task, {});
  if (end.kind !== 'outcome') throw new Error(JSON.stringify(end));
  return end.outcome;
}

const ofHost = (name: string) => readFileSync(`/proc/${executor.pid()}/${name}`, 'utf8');
const limitOf = (name: string) =>
  new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(ofHost('limits'))?.slice(1);

describe.runIf(process.platform === 'linux')('a render host', () => {
  it.runIf(existsSync('/usr/bin/setpriv'))('can gain no rights by programs it runs', () => {
    expect(ofHost('status')).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(readFileSync('/proc/self/status', 'utf8')).toMatch(/^NoNewPrivs:\s+0$/m);
  });

  it('leaves no core dump with a photo in it', () => {
    expect(limitOf('Max core file size')).toEqual(['0', '0']);
  });

  it('has a limit on its memory, of the system and for good', () => {
    const most = String(
      Math.ceil(dataBytes({ threads: 1, memoryLimitBytes: MEMORY_LIMIT_MB * 1e6 }) / 1024) * 1024,
    );
    expect(limitOf('Max data size')).toEqual([most, most]);
  });

  it("works in another folder than the daemon's, and sees neither its settings nor its secrets", () => {
    expect(readlinkSync(`/proc/${executor.pid()}/cwd`)).not.toBe(process.cwd());
    const names = ofHost('environ')
      .split('\0')
      .map((line) => line.split('=', 1)[0]);
    expect(names).toContain('VIPS_BLOCK_UNTRUSTED');
    expect(names.filter((name) => name?.startsWith('PHOTO_BRIDGE_'))).toEqual([]);
  });

  it('has no descriptor open but its channel and what it needs itself', async () => {
    const links = await readdir(`/proc/${executor.pid()}/fd`);
    const open = links.flatMap((link) => {
      try {
        return [readlinkSync(`/proc/${executor.pid()}/fd/${link}`)];
      } catch {
        return [];
      }
    });
    const foreign = open.filter((path) => path.startsWith('/') && !/^\/dev\/|^\/proc\/|\.node$/.test(path));
    expect(foreign).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('the limit on memory', () => {
  const options = { threads: 1, memoryLimitBytes: 100e6 };
  /** A program started as a host is, under the limits that `before` (shell) sets for the daemon. */
  const run = (code: string, before = ':') => {
    const { execPath, execArgv } = confineHost(options);
    return spawnSync('/bin/sh', ['-c', `${before}; exec "$0" "$@"`, execPath, ...execArgv, '-e', code], {
      encoding: 'utf8',
    });
  };
  const limit = String.raw`/^Max data size +(\S+)/m.exec(require('fs').readFileSync('/proc/self/limits','utf8'))[1]`;

  it('fails an allocation beyond it, as an error that the photo is told', () => {
    const allocate = (bytes: number) =>
      run(`try { new Uint8Array(${bytes}); console.log('got') } catch (error) { console.log(error.message) }`)
        .stdout;
    expect(allocate(dataBytes(options) * 0.5)).toBe('got\n');
    expect(allocate(dataBytes(options) * 1.01)).toMatch(/allocation failed/i);
  });

  it("is never above one that the daemon has already, nor the core dump's", () => {
    expect(run(`console.log(${limit})`, 'ulimit -d 3000000').stdout.trim()).toBe(String(3_000_000 * 1024));
    const core = String.raw`/^Max core file size +(\S+) +(\S+)/m.exec(require('fs').readFileSync('/proc/self/limits','utf8'))[0]`;
    expect(run(`console.log(${core})`, 'ulimit -c 5').stdout).toMatch(/size +0 +0/);
  });
});
