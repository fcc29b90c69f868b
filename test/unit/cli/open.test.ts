import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHere } from '../../helpers/cli.ts';
import { createStatus } from '../../helpers/statuses.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';

const BATCH = 'batch_0123456789ab';
const answers = {
  'GET /health': { body: { status: 'ok' } },
  [`GET /batch/${BATCH}/status`]: { body: createStatus() },
};

/** A system whose opener writes down what it was given, and ends with `code`. */
async function createOpener(
  name: string,
  code = 0,
): Promise<{ env: Record<string, string>; given: () => Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-open-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const note = join(folder, 'given');
  await writeFile(join(folder, name), `#!/bin/sh\nprintf '%s|' "$@" > '${note}'\nexit ${code}\n`);
  await chmod(join(folder, name), 0o755);
  return { env: { PATH: folder, DISPLAY: ':0' }, given: () => readFile(note, 'utf8') };
}

describe('open', () => {
  it('hands the address to the opener of the system, at a batch when one is named', async () => {
    const { url } = await startStubDaemon(answers);
    for (const [platform, name] of [
      ['linux', 'xdg-open'],
      ['darwin', 'open'],
    ] as const) {
      const { env, given } = await createOpener(name);
      const run = await runHere(['open'], { url, env, host: { platform } });
      expect(run).toMatchObject({ code: 0, stdout: `Opened ${url}/\n`, stderr: '' });
      expect(await given()).toBe(`${url}/|`);
      await runHere(['open', '0123456789ab'], { url, env, host: { platform } });
      expect(await given()).toBe(`${url}/#/batch/${BATCH}|`);
    }
  });

  it('prints the address with --print, and where there is no screen, no opener, or one that fails', async () => {
    const { url } = await startStubDaemon(answers);
    const working = await createOpener('xdg-open');
    const run = (env: Record<string, string>, ...args: string[]) =>
      runHere(['open', ...args], { url, env, host: { platform: 'linux' } });
    expect(await run(working.env, '--print')).toMatchObject({ code: 0, stdout: `${url}/\n`, stderr: '' });
    await expect(working.given()).rejects.toThrow('ENOENT');
    const blind = { ...working.env, DISPLAY: '' };
    expect(await run(blind)).toMatchObject({
      code: 0,
      stdout: `${url}/\n`,
      stderr: expect.stringContaining('no display'),
    });
    const bare = { PATH: tmpdir(), DISPLAY: ':0' };
    expect(await run(bare)).toMatchObject({
      code: 0,
      stdout: `${url}/\n`,
      stderr: expect.stringContaining('no program'),
    });
    const failing = await createOpener('xdg-open', 3);
    expect(await run(failing.env)).toMatchObject({
      code: 0,
      stdout: `${url}/\n`,
      stderr: expect.stringContaining('ended with 3'),
    });
    expect(JSON.parse((await run(failing.env, '--json')).stdout)).toMatchObject({
      url: `${url}/`,
      opened: false,
    });
  });

  it('opens nothing for a batch that is not there', async () => {
    const { url } = await startStubDaemon(answers);
    const { env, given } = await createOpener('xdg-open');
    expect((await runHere(['open', 'batch_ffffffffffff'], { url, env })).code).toBe(4);
    await expect(given()).rejects.toThrow('ENOENT');
  });
});
