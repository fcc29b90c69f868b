/** The daily cleanup as a daemon runs it that was off when its time came. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos, waitForEnd } from './support.ts';

it('a cleanup that was missed is made up for at the start, and only where the setting asks for one', async () => {
  const dataDir = await createFolder();
  const photos = (await makePhotos(await createFolder(), 2)).map((path) => ({ path }));
  const threeDaysAgo = new Date(Date.now() - 3 * 86_400_000).toISOString();
  const missed = () => writeFile(join(dataDir, 'last_cleanup'), `${threeDaysAgo}\n`);
  const ids = async (daemon: Awaited<ReturnType<typeof spawnDaemon>>) =>
    (await daemon.client.batches.list()).batches.map(({ batch_id }) => batch_id);

  const first = await spawnDaemon({ dataDir });
  const { batch_id } = await first.client.batches.start({ photos });
  await waitForEnd(first.client, batch_id);
  await first.stop();
  await missed();
  const without = await spawnDaemon({ dataDir });
  expect(await ids(without)).toEqual([batch_id]);
  await without.stop();

  const cleanup = { at: '03:00', days_old: 0, time_zone: 'UTC' };
  const daemon = await spawnDaemon({
    dataDir,
    settings: { resources: { profile: 'full' }, schedule: { cleanup } },
  });
  await expect.poll(() => ids(daemon), { timeout: 30_000, interval: 50 }).toEqual([]);
  await daemon.stop();
});
