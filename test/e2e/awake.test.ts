import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { encode, makePixels } from '../helpers/images.ts';
import { childrenOf, isRunning } from '../helpers/processes.ts';

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 30_000, interval: 20 });

/** Stands in for systemd-inhibit: says its process id, then ends with its stdin. */
function createFake(): { env: Record<string, string>; pids: () => number[] } {
  const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-inhibitor-'));
  const life = join(folder, 'life');
  const text = `#!/bin/sh\necho $$ >> '${life}'\nexec cat\n`;
  writeFileSync(join(folder, 'systemd-inhibit'), text, { mode: 0o755 });
  const pids = () =>
    existsSync(life) ? readFileSync(life, 'utf8').split('\n').filter(Boolean).map(Number) : [];
  return { env: { PATH: [folder, process.env.PATH].join(delimiter) }, pids };
}

describe.skipIf(process.platform !== 'linux')('a daemon at work', () => {
  it('keeps the machine awake, gives way as a session too, and leaves nothing behind when it is killed', async () => {
    const fake = createFake();
    const daemon = await spawnDaemon({ env: fake.env, settings: { executor: { nice: 7 } } });
    expect(fake.pids()).toEqual([]);
    const path = join(daemon.dataDir, 'one.jpg');
    writeFileSync(path, await encode(makePixels({ width: 64, height: 48 }), { quality: 90 }));
    const { photos } = await daemon.client.photos.add({ paths: [path] });
    await daemon.client.batches.start({ photo_ids: photos.map(({ photo_id }) => photo_id) });
    await eventually(() => expect(fake.pids()).toHaveLength(1));
    const [inhibitor = 0] = fake.pids();
    expect(isRunning(inhibitor)).toBe(true);
    // Only a system that shares the machine out by session knows of it.
    if (existsSync('/proc/self/autogroup')) {
      await eventually(async () => {
        const children = await childrenOf(daemon.pid);
        const groups = children.map((pid) => readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim());
        expect(groups.filter((group) => / nice (7|19)$/.test(group))).toHaveLength(1);
      });
    }
    await daemon.kill('SIGKILL');
    await eventually(() => expect(isRunning(inhibitor)).toBe(false));
  });
});
