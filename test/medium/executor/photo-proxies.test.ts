/** Photos that a preview has decoded are kept for the next one, for as long as their file stays as it is. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { createSharedProxies } from '../../../workers/host/shared-proxies.ts';
import { toShared } from '../../../workers/pipeline/photo-proxy.ts';
import { makeImage } from '../../helpers/images.ts';
import { brightRecipe, proofTask } from '../../helpers/tasks.ts';

it('a preview at another blend needs the file no more, and shows the same as one that reads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pb-proxies-'));
  const path = join(folder, 'a.jpg');
  await writeFile(path, await makeImage({ width: 900, height: 600 }));
  const { executor: settings } = settingsSchema.parse({ executor: { threads: 1 } });
  const executor = createLocalExecutor({ settings, log: createLog('silent') });
  onTestFinished(async () => {
    await executor.close();
    await rm(folder, { recursive: true });
  });
  const look = async (blend: number, state?: string) => {
    const source = state === undefined ? { path } : { path, state };
    const end = await executor.proof(
      proofTask(path, { source, blend, recipe: brightRecipe, long_edge: 300 }),
      {},
    );
    if (end.kind !== 'outcome') throw new Error(end.kind);
    return end.outcome.ok ? Buffer.from(end.outcome.jpeg).toString('hex') : end.outcome.failure.code;
  };
  const [bright, half] = [await look(100), await look(50)];
  expect(await look(100, 'state 1')).toBe(bright);
  await rm(path);
  expect(await look(50, 'state 1')).toBe(half);
  expect(await look(100, 'state 1')).toBe(bright);
  expect(await look(50, 'state 2')).toBe('source_missing');
  expect(await look(50)).toBe('source_missing');
});

it('only so many bytes of them are kept, the newest', () => {
  const proxies = createSharedProxies(2 * 3000);
  const taskOf = (state: string) => proofTask('/a.jpg', { source: { path: '/a.jpg', state } });
  const proxy = toShared(
    { data: new Uint8Array(3000), width: 50, height: 20, channels: 3 },
    { scale: 1, seed: 1 },
  );
  for (const state of ['1', '2']) proxies.keep(taskOf(state), proxy);
  expect(proxies.find(taskOf('1'))).toBe(proxy);
  proxies.keep(taskOf('3'), proxy);
  expect(proxies.find(taskOf('2'))).toBeNull();
  expect(proxies.find(taskOf('1'))).toBe(proxy);
  expect(proxies.find(proofTask('/a.jpg'))).toBeNull();
});
