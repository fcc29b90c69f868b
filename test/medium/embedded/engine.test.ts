/** The engine inside a program of its own: what the next run finds of one that was cut off. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openEmbeddedEngine } from '../../../bridge/embedded/engine.ts';
import { createLog } from '../../../bridge/log.ts';
import { createUnitOperation } from '../../helpers/unit-operation.ts';

async function open(dataDir: string) {
  const operation = () => createUnitOperation({ units: [1] });
  const engine = await openEmbeddedEngine({ dataDir, log: createLog('silent'), operation });
  onTestFinished(() => engine.close(0));
  return engine;
}

it('goes on with a batch that was cut off before it began, and starts no second one', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-embedded-'));
  const body = { items: ['a'], start_at: '2099-01-01T00:00:00Z' };
  const first = await open(dataDir);
  const { batch_id } = await first.startOrGoOn(body);
  await first.close(0);
  const second = await open(dataDir);
  expect(await second.startOrGoOn(body)).toEqual({ batch_id, isResumed: true });
  const other = await second.startOrGoOn({ ...body, items: ['b'] });
  expect(second.api.status(batch_id).status).toBe('cancelled');
  expect(second.api.status(other.batch_id).status).toBe('pending');
});
