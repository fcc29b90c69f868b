/** The setting that chooses what develops raw photos: taken up by a running daemon, told by each result. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect } from '../helpers/collect.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { sharedFolder } from '../helpers/shared-files.ts';
import { createFolder, waitForEnd } from './support.ts';

const raws = sharedFolder('raw');

describe.skipIf(raws === null)('the setting raw.engine', () => {
  it('is taken up while the daemon runs, and each item says which engine it was', async () => {
    const daemon = await spawnDaemon({ settings: { raw: { engine: 'preview' } } });
    const folder = await createFolder();
    const run = async () => {
      const { batch_id } = await daemon.client.batches.start({
        photos: [{ path: join(raws!, 'synthetic-2mp.dng') }],
        config: { output: { folder, long_edge: 256 } },
      });
      await waitForEnd(daemon.client, batch_id);
      const [result] = await collect(daemon.client.batches.eachPhoto(batch_id));
      return result;
    };
    const first = await run();
    expect(first).toMatchObject({ status: 'processed', engine: 'preview' });
    expect(first?.warnings.join()).toMatch(/not developed/);
    const changed = waitForChange(daemon.client);
    const config = join(dirname(daemon.dataDir), 'bridge.config.json');
    await writeFile(config, JSON.stringify({ raw: { engine: 'libraw' } }));
    await changed;
    expect(await run()).toMatchObject({
      status: 'processed',
      engine: expect.stringMatching(/^libraw/),
      warnings: [],
    });
  }, 60_000);

  type Client = Awaited<ReturnType<typeof spawnDaemon>>['client'];
  async function waitForChange(client: Client): Promise<void> {
    for await (const event of client.events({ since: 0, channels: ['system'] })) {
      if (event.type === 'settings_changed') return;
    }
  }
});
