import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runHere } from '../helpers/cli.ts';
import { calls } from '../helpers/cli-calls.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { makePhotos, startHeld, waitForEnd } from './support.ts';

const execute = promisify(execFile);
/** Each has a test of its own: it runs for long, or changes the machine, or needs a server on the other side. */
const elsewhere = [
  'serve',
  'demo',
  'captions publish',
  'listings run',
  'service install',
  'service uninstall',
];

describe('--json', () => {
  let daemon: TestDaemon;
  let folder: string;
  let ended: string;
  let waiting: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-json-'));
    daemon = await spawnDaemon();
    const many = join(folder, 'many');
    await mkdir(many);
    await makePhotos(many, 120);
    await makePhotos(folder, 2);
    await writeFile(join(folder, 'torn.jpg'), 'no photo'.padStart(100, '\u00ff\u00d8'));
    const config = { output: { folder: join(folder, 'out') } };
    await daemon.client.photos.add({ folder, glob: '*.jpg', skip_invalid: true });
    const { batch_id } = await daemon.client.batches.start({ photo_ids: [1, 2], config });
    ended = batch_id;
    await waitForEnd(daemon.client, batch_id);
    waiting = [];
    for (let index = 0; index < 3; index += 1) {
      waiting.push(await startHeld(daemon.client, many, join(folder, 'out')));
    }
    await daemon.client.templates.save({ name: 'web', start: {} });
    await daemon.client.templates.save({ name: 'old', start: {} });
    await writeFile(join(folder, 'look.xmp'), '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
  });
  afterAll(async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const found = Object.keys(calls).filter((path) => !elsewhere.includes(path));
  it.each(found)('of "%s" is documents a line each, on both streams', async (path) => {
    const args: Record<string, string[]> = {
      start: ['1', '--start-at', '1h'],
      watch: [ended],
      show: [ended],
      pause: [waiting[0]!],
      resume: [waiting[0]!],
      cancel: [waiting[1]!],
      retry: [ended],
      priority: [waiting[2]!, '7'],
      'photos add': [join(folder, '*.jpg'), '--skip-invalid'],
      compare: ['1', '--preset', 'Clean', '-o', join(folder, 'compare.jpg'), '--width', '32'],
      'presets check': [join(folder, 'look.xmp')],
      'templates remove': ['old'],
      doctor: [],
    };
    const words = [...path.split(' '), ...(args[path] ?? calls[path]!.args), '--json'];
    const { url, dataDir } = daemon;
    const { code, stdout, stderr } = await runHere(words, { url, dataDir, cwd: folder });
    const documents = (text: string) =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    expect(documents(stdout).length + documents(stderr).length).toBeGreaterThan(0);
    for (const document of documents(stderr))
      expect(Object.keys(document)).toContain(code === 0 ? 'note' : 'error');
    // Nothing to retry, a preset that is none, no mirror, and what the doctor finds here: the rest is what was asked for.
    if (!['retry', 'presets check', 'doctor', 'mirror retry'].includes(path))
      expect({ path, code, stderr }).toMatchObject({ code: 0 });
  });

  it('of serve names the address, and of a serve that cannot start why', async () => {
    const second = await execute(self.node, [
      self.entry,
      'serve',
      '--json',
      '--data-dir',
      daemon.dataDir,
    ]).catch((error: { code: number; stdout: string; stderr: string }) => error);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(second.stderr)).toMatchObject({
      exit_code: 1,
      error: expect.stringContaining(String(daemon.pid)),
    });
    const args = ['serve', '--json', '--port', '0', '--data-dir', join(folder, 'other-data')];
    const child = spawn(self.node, [self.entry, ...args], { cwd: folder });
    onTestFinished(() => void child.kill('SIGTERM'));
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const { pid } = child;
    expect(JSON.parse(line)).toMatchObject({
      message: 'listening',
      url: expect.stringMatching(/^http/),
      pid,
    });
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});
