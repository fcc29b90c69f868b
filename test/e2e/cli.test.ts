import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import { runHere } from '../helpers/cli.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';

const execute = promisify(execFile);
type Run = { code: number; stdout: string; stderr: string };

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const options = { env: { ...toCleanEnvironment(process.env), ...env } as Record<string, string> };
  try {
    return { code: 0, ...(await execute(self.node, [self.entry, ...args], options)) };
  } catch (error) {
    return error as Run;
  }
}

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-e2e-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The first child of a process, as soon as it runs its own program: stopped before that it would block its parent. */
async function findChild(pid: number): Promise<number> {
  const own = await readFile(`/proc/${pid}/cmdline`, 'utf8');
  for (;;) {
    const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ');
    const command = child ? await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => own) : own;
    if (command !== own && command !== '') return Number(child);
    await delay(5);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const makePictures = fileURLToPath(new URL('../../workers/demo/make-pictures.ts', import.meta.url));

describe('commands against a daemon', () => {
  let daemon: TestDaemon;
  let photos: string;
  // In this process: starting Node for every command would be most of the time. `run` does where the process counts.
  const cli = (...args: string[]) => runHere(args, { url: daemon.url, dataDir: daemon.dataDir });

  beforeAll(async () => {
    photos = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-photos-'));
    await execute(self.node, [makePictures, photos, '3', '300', '200']);
    daemon = await spawnDaemon();
  });
  afterAll(async () => {
    await daemon.stop();
    await rm(photos, { recursive: true, force: true });
  });

  it('start --watch follows a folder to its end and ends with 0', async () => {
    const output = await createFolder();
    const args = ['start', photos, '--preset', 'WhiteLayer_v4', '--blend', '60', '-o', output, '--watch'];
    const { code, stdout, stderr } = await run(args, { PHOTO_BRIDGE_URL: daemon.url });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Batch started: batch_[0-9a-f]{12} \(3 photos\)$/m);
    expect(stdout).toMatch(/completed\. 3 photos processed\.$/m);
    const shown = JSON.parse((await cli('show', 'last', '--json')).stdout);
    expect(shown).toMatchObject({ status: 'completed', processed_count: 3 });
    for (const photo of shown.photos) expect(existsSync(photo.output.path)).toBe(true);
  });

  it('ends with 6 when some failed, retry says what is possible', async () => {
    const folder = await createFolder();
    const output = await createFolder();
    await execute(self.node, [makePictures, folder, '2', '300', '200']);
    const bytes = await readFile(join(folder, '01-dawn-over-the-hills.jpg'));
    await writeFile(join(folder, 'half.jpg'), bytes.subarray(0, bytes.length / 2));
    const { code, stdout } = await cli('start', folder, '-o', output, '--watch');
    expect(stdout).toContain('2 photos processed, 1 failed (1 damaged_image)');
    expect(code).toBe(6);
    expect((await cli('show', 'last', '--failed')).stdout).toContain('damaged_image');
    expect((await cli('pause', 'last')).code).toBe(5);
  });

  it('plan writes nothing', async () => {
    const output = await createFolder();
    const { code, stdout } = await cli('plan', join(photos, '*.jpg'), '-o', output, '--suffix', '-x');
    expect(code).toBe(0);
    expect(stdout).toContain(join(output, '01-dawn-over-the-hills-x.jpg'));
    expect(existsSync(join(output, '01-dawn-over-the-hills-x.jpg'))).toBe(false);
  });

  it('finds what there is: status, list, photos, presets, logs, version', async () => {
    expect((await cli('status')).stdout).toContain(daemon.url);
    expect((await cli('list')).stdout).toContain('BATCH');
    expect((await cli('photos', 'list')).stdout).toContain('01-dawn-over-the-hills.jpg');
    expect((await cli('photos', 'add', photos, '--json')).stdout).toContain('"added_count":0');
    expect((await cli('presets', 'list')).stdout).toContain('WhiteLayer_v4');
    expect((await cli('presets', 'show', 'WhiteLayer_v4')).code).toBe(0);
    expect((await cli('logs', 'last')).code).toBe(0);
    expect((await cli('logs')).stdout).toMatch(/info +listening url=http/);
    expect((await cli('version')).stdout).toContain(`at ${daemon.url}`);
    expect((await cli('recover')).stdout).toContain('Recovered 0');
    expect((await cli('cleanup', '--dry-run')).stdout).toContain('Would clean up 0');
  });

  it('changes a batch: priority, pause, resume, cancel', async () => {
    const output = await createFolder();
    const later = ['start', photos, '-o', output, '--start-at', '1h', '--json'];
    const { batch_id } = JSON.parse((await cli(...later)).stdout);
    expect((await cli('priority', batch_id, '9')).code).toBe(0);
    expect(JSON.parse((await cli('status', batch_id, '--json')).stdout)).toMatchObject({
      status: 'pending',
      priority: 9,
    });
    expect((await cli('cancel', batch_id)).stdout).toContain('Batch cancelled successfully');
    expect((await cli('resume', batch_id)).code).toBe(5);
  });

  it('names what it does not know: 4 for a batch, 1 for a preset', async () => {
    expect((await cli('status', 'batch_ffffffffffff')).code).toBe(4);
    const { code, stderr } = await cli('start', photos, '--preset', 'WhiteLayer_v5');
    expect(code).toBe(1);
    expect(stderr).toContain('photo-bridge presets list');
  });

  it('watch leaves the batch running on Ctrl-C', async () => {
    const output = await createFolder();
    const later = ['start', photos, '-o', output, '--start-at', '1h', '--json'];
    const { batch_id } = JSON.parse((await cli(...later)).stdout);
    const child = spawn(self.node, [self.entry, 'watch', batch_id, '--url', daemon.url]);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(stderr).toContain('The batch goes on');
    expect((await daemon.client.batches.status(batch_id)).status).toBe('pending');
    await daemon.client.batches.cancel(batch_id);
  });
});

describe('serve', () => {
  it('prints one line to stdout and what to do next to stderr', async () => {
    const daemon = await spawnDaemon();
    expect(JSON.parse(await readFile(join(daemon.dataDir, 'runtime.json'), 'utf8'))).toMatchObject({
      pid: daemon.pid,
      port: daemon.port,
      url: daemon.url,
    });
    await daemon.stop();
    expect(daemon.stdout).toBe(`photo-bridge listening on ${daemon.url}\n`);
    expect(daemon.stderr).toContain('photo-bridge demo');
  });

  it('is found by its data folder', async () => {
    const daemon = await spawnDaemon();
    expect((await run(['status', '--data-dir', daemon.dataDir])).stdout).toContain(daemon.url);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s and takes its runtime.json along',
    async (signal) => {
      const daemon = await spawnDaemon();
      expect(await daemon.kill(signal)).toEqual({ code: 0, signal: null });
      expect(existsSync(join(daemon.dataDir, 'runtime.json'))).toBe(false);
    },
  );

  it('takes one Ctrl-C that is delivered twice for one', async () => {
    const daemon = await spawnDaemon();
    process.kill(daemon.pid, 'SIGINT');
    process.kill(daemon.pid, 'SIGINT');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
  });

  it.runIf(process.platform === 'linux')('ends now on a second signal half a second later', async () => {
    const photos = await createFolder();
    await execute(self.node, [makePictures, photos, '2', '3000', '2000']);
    const daemon = await spawnDaemon({ settings: { shutdown_timeout_s: 4 } });
    const { batch_id } = await daemon.client.batches.start({ select: { folder: photos } });
    const host = await findChild(daemon.pid);
    process.kill(host, 'SIGSTOP');
    onTestFinished(() => endProcess(host));
    expect((await daemon.client.batches.status(batch_id)).status).toBe('running');
    process.kill(daemon.pid, 'SIGINT');
    // The span is the promise itself.
    await delay(600);
    expect(await daemon.kill('SIGINT')).toEqual({ code: 130, signal: null });
  });

  it('refuses a data folder that another daemon uses and names that one', async () => {
    const first = await spawnDaemon();
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--data-dir', first.dataDir]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(String(first.pid));
    expect(stderr).toContain(String(first.port));
  });

  it('refuses a port that something else uses and names the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await run([
      'serve',
      '--port',
      String(port),
      '--data-dir',
      await createFolder(),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/server\.port|--port|PHOTO_BRIDGE_PORT/);
    expect(stderr).toContain(String(port));
  });
});
