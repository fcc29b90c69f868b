import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import { type CliRun, runHere } from '../helpers/cli.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos, startHeld } from './support.ts';

const execute = promisify(execFile);
const typeInto = fileURLToPath(new URL('../helpers/type-into.py', import.meta.url));

let daemon: TestDaemon;
let photos: string;
let many: string;

beforeAll(async () => {
  photos = await mkdtemp(join(tmpdir(), 'photo-bridge-watch-'));
  await makePhotos(photos, 2);
  many = await mkdtemp(join(tmpdir(), 'photo-bridge-watch-many-'));
  await makePhotos(many, 120);
  daemon = await spawnDaemon();
});
afterAll(async () => {
  await daemon.stop();
  for (const folder of [photos, many]) await rm(folder, { recursive: true, force: true });
});
/** What an earlier test left would be watched, too. */
beforeEach(async () => {
  for (const status of ['pending', 'running', 'paused'] as const) {
    const { batches } = await daemon.client.batches.list({ status });
    for (const { batch_id } of batches) await daemon.client.batches.cancel(batch_id);
  }
});

async function start(when: { start_at?: string } = {}): Promise<string> {
  const config = { output: { folder: await createFolder() } };
  const { batch_id } = await daemon.client.batches.start({ select: { folder: photos }, config, ...when });
  return batch_id;
}

const hold = async () => startHeld(daemon.client, many, await createFolder());

/** `watch`, and what is to happen once its first line is seen. */
async function watch(args: string[], then: () => Promise<unknown>): Promise<CliRun> {
  let text = '';
  let reaction: Promise<unknown> | null = null;
  const stdout = {
    write(part: string) {
      text += part;
      reaction ??= then();
    },
  };
  const run = await runHere(['watch', ...args], { url: daemon.url, host: { stdout } });
  await reaction;
  return { ...run, stdout: text };
}

describe('watch without a batch', () => {
  it('says so when there is none, and ends with 0', async () => {
    const run = await runHere(['watch'], { url: daemon.url });
    expect(run).toMatchObject({ code: 0, stdout: 'No batch is waiting, running or paused.\n' });
    expect(await runHere(['watch', '--json'], { url: daemon.url })).toMatchObject({ code: 0, stdout: '' });
  });

  it('follows all that have not ended, and those started meanwhile, a line each change', async () => {
    const held = await hold();
    let second = '';
    const run = await watch([], async () => {
      second = await start();
      await daemon.client.batches.cancel(held);
    });
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${held} {2}running {2}\\d+/120 .* held: stays as it is`));
    expect(lines.filter((line) => line.startsWith(`${held} cancelled. `))).toHaveLength(1);
    expect(lines).toContain(`${second} completed. 2 photos processed.`);
    expect(run.code).toBe(1);
  });

  it('ends with 0 when all were well, as documents with --json', async () => {
    const first = await start({ start_at: new Date(Date.now() + 4000).toISOString() });
    let second = '';
    const run = await watch(['--json'], async () => {
      second = await start({ start_at: new Date(Date.now() + 4000).toISOString() });
    });
    const seen = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(run).toMatchObject({ code: 0, stderr: '' });
    for (const id of [first, second]) {
      const own = seen.filter(({ batch_id }) => batch_id === id);
      expect(own[0]?.status).toBe('pending');
      expect(own.at(-1)).toEqual(await daemon.client.batches.status(id));
      expect(own.at(-1)?.status).toBe('completed');
    }
  });

  it('draws a bar each on a terminal, anew when its size changes, until Ctrl-C, which leaves them running', async () => {
    const ids = [await hold(), await hold()];
    const shorts = ids.map((id) => id.replace('batch_', ''));
    const steps = [
      { until: `${ids[0]}.*/120.*held[^]*${ids[1]}.*/120.*held` },
      { size: [20, 50], until: `[^_]${shorts[1]}  ` },
      { type: '\u0003', until: 'go on without this window' },
      {},
    ];
    const env = { ...toCleanEnvironment(process.env), TERM: 'xterm', NO_COLOR: '1' };
    const running = execute('python3', [typeInto, self.node, self.entry, 'watch', '--url', daemon.url], {
      env,
    });
    running.child.stdin?.end(JSON.stringify(steps).replaceAll('[^]', '(.|\\\\s)'));
    const { code, stdout } = await running.then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    expect(code).toBe(130);
    const control = '\u001b[';
    for (const colour of ['32m', '2m', '0m']) expect(stdout).not.toContain(control + colour);
    const lines = stripVTControlCharacters(stdout).split(/[\r\n]+/);
    const narrow = lines.filter((line) => shorts.some((short) => line.startsWith(short)));
    expect(narrow.length).toBeGreaterThanOrEqual(2);
    // The terminal itself shows what is typed.
    for (const line of narrow) expect(line.replace('^C', '').length).toBeLessThan(50);
    for (const id of ids) expect((await daemon.client.batches.status(id)).status).toBe('running');
  });
});
