import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { self } from '../helpers/daemon.ts';

const execute = promisify(execFile);

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-demo-test-'));
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(`kept for a look: ${folder}`);
    else await rm(folder, { recursive: true });
  });
  return folder;
}

describe('photo-bridge demo', () => {
  it('pauses, survives a kill, finishes every photo exactly once and ends by itself', async () => {
    const keep = await createFolder();
    const { stdout } = await execute(self.node, [self.entry, 'demo', '--keep', keep]);
    expect(stdout).toContain('12 of 12 photos processed, each exactly once');
    expect(stdout).toContain('Paused at once');
    expect(stdout).toMatch(/Killed the daemon \(process \d+\) with SIGKILL/);
    expect(stdout).toMatch(/Recovered 1: \d+ done, \d+ left/);
    expect(stdout).not.toContain('\u001b');
    const names = await readdir(keep);
    expect(names).toContain('contact-sheet.jpg');
    const results = names.find((name) => name.startsWith('results-'));
    expect(await readdir(join(keep, results ?? ''))).toHaveLength(12);
  }, 300_000);

  it('takes photos of your own, leaves them as they are and answers JSON', async () => {
    const folder = await createFolder();
    const own = join(folder, 'own');
    const script = fileURLToPath(new URL('../../workers/demo/make-pictures.ts', import.meta.url));
    await execute('mkdir', [own]);
    await execute(self.node, [script, own, '3', '600', '400']);
    const { stdout } = await execute(self.node, [self.entry, 'demo', own, '--keep', folder, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ total: 3, processed: 3, failed: 0, faults: [] });
    expect(await readdir(own)).toHaveLength(3);
  }, 180_000);

  it('says why and ends with 1 when there is no photo', async () => {
    const folder = await createFolder();
    const run = await execute(self.node, [self.entry, 'demo', folder, '--keep', folder]).catch(
      (error) => error,
    );
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`There is no photo in ${folder}`);
  }, 60_000);
});
