/** A good neighbour on the real machine: another real program that wants every core, beside real photos. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BridgeClient } from '../../bridge/client/index.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { burnCpu } from '../helpers/foreign-load.ts';
import { createFolder, makePhotos, waitForStatus } from './support.ts';

const cores = availableParallelism();

type Resources = Awaited<ReturnType<BridgeClient['resources']>>;

/** The first reading that fits; null when none came in time. */
async function waitForReading(client: BridgeClient, fits: (now: Resources) => boolean, withinMs = 20_000) {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const resources = await client.resources();
    if (fits(resources)) return resources;
    await delay(100);
  }
  return null;
}

it.runIf(process.platform === 'linux')('sees another program’s load and never its own', async (context) => {
  const daemon = await spawnDaemon({ settings: { resources: { profile: 'balanced' } } });
  const { client } = daemon;
  await delay(3000);
  const before = await client.resources();
  if (before.cpu.foreign_percent > 20 || before.state !== 'idle') {
    const percent = Math.round(before.cpu.foreign_percent);
    console.log(`skipped: other programs use ${percent} % of this machine, nothing can be told from it`);
    return context.skip();
  }
  const folder = join(await createFolder(), 'photos');
  await mkdir(folder);
  const paths = await makePhotos(folder, 400, { width: 2400, height: 1600 });
  // A costly format: the batch has to outlast the test on a fast machine too.
  const output = { format: 'webp', effort: 6 } as const;
  const { batch_id } = await client.batches.start({
    photos: paths.map((path) => ({ path })),
    config: { output },
  });
  // Every core is ours, and that is no reason to back off.
  const alone = await waitForReading(client, ({ cpu }) => cpu.own_percent > 60);
  expect(alone?.limit).toBe(cores);

  const burner = await burnCpu(cores);
  const busy = await waitForReading(client, ({ limit }) => limit < cores);
  expect(busy?.cpu.foreign_percent).toBeGreaterThan(80);
  const { processed_count } = await client.batches.status(batch_id);
  await waitForStatus(client, batch_id, (status) => status.processed_count > processed_count + 1);
  await burner.stop();
  expect(await waitForReading(client, ({ limit }) => limit === cores)).not.toBeNull();
});
