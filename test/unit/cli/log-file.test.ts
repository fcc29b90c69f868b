import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followLines, readLastLines } from '../../../bridge/cli/log-file.ts';

async function createLog(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'bridge.log');
  await writeFile(path, text);
  return path;
}

describe('log file', () => {
  it('gives the last lines, however long the file is', async () => {
    const all = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`);
    const path = await createLog(`${all.join('\n')}\n`);
    expect((await readLastLines(path, 3))?.lines).toEqual(all.slice(-3));
    expect((await readLastLines(path, 15_000))?.lines).toEqual(all.slice(-15_000));
    expect((await readLastLines(path, 100_000))?.lines).toEqual(all);
  });

  it('leaves a line that is still being written for later', async () => {
    const path = await createLog('one\ntwo');
    expect(await readLastLines(path, 5)).toMatchObject({ lines: ['one'], place: { end: 4 } });
  });

  it('says null when there is no file', async () => {
    expect(await readLastLines(join(tmpdir(), 'no', 'such.log'), 5)).toBeNull();
  });

  it('follows what is written, also into a file begun anew', async () => {
    const path = await createLog('one\ntw');
    const { place } = (await readLastLines(path, 0))!;
    const lines = followLines(path, place, AbortSignal.timeout(10_000));
    const next = async () => (await lines.next()).value;
    await appendFile(path, 'o\nthree\n');
    expect([await next(), await next()]).toEqual(['two', 'three']);
    await writeFile(path, 'new\n');
    expect(await next()).toBe('new');
  });

  it('ends with its signal', async () => {
    const path = await createLog('');
    const controller = new AbortController();
    const { place } = (await readLastLines(path, 0))!;
    const next = followLines(path, place, controller.signal).next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});
