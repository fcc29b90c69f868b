/** `security.paths` "listed" on a running daemon: no photo from outside of the library is developed, whatever links are swapped meanwhile. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { createFolder, waitForEnd } from './support.ts';

const PHOTOS = 60;
const swapper = fileURLToPath(new URL('../fixtures/swap-link.ts', import.meta.url));
const plain = (background: string) =>
  sharp({ create: { width: 64, height: 48, channels: 3, background } })
    .jpeg()
    .toBuffer();

it.runIf(process.platform === 'linux')(
  'only the library is read and only listed folders are written',
  async () => {
    const root = realpathSync(await createFolder());
    const [white, black] = [await plain('white'), await plain('black')];
    const library = join(root, 'library');
    const names = Array.from({ length: PHOTOS }, (_, index) => `photo-${index}.jpg`);
    for (const [folder, bytes] of [
      [join(library, 'set'), white],
      [join(root, 'secret'), black],
    ] as const) {
      mkdirSync(folder, { recursive: true });
      for (const name of names) writeFileSync(join(folder, name), bytes);
    }
    const out = join(root, 'out');
    const { client } = await spawnDaemon({
      settings: {
        security: { paths: 'listed' },
        library: { folders: [library] },
        output: { folders: [out] },
      },
    });
    const refused = (run: Promise<unknown>) =>
      expect(run).rejects.toThrow(/outside the (library|output) folders/);
    await refused(client.photos.add({ paths: [join(root, 'secret', 'photo-0.jpg')] }));
    symlinkSync(join(root, 'secret'), join(library, 'way-out'));
    await refused(client.photos.add({ paths: [join(library, 'way-out', 'photo-0.jpg')] }));
    const { photos } = await client.photos.add({ paths: names.map((name) => join(library, 'set', name)) });
    const photo_ids = photos.map(({ photo_id }) => photo_id);
    await refused(client.batches.start({ photo_ids, config: { output: { folder: join(root, 'other') } } }));

    renameSync(join(library, 'set'), join(library, 'kept'));
    const child = fork(swapper, [join(library, 'set'), join(library, 'kept'), join(root, 'secret')], {
      execArgv: [],
    });
    const ended = once(child, 'exit');
    await once(child, 'message');
    try {
      const { batch_id } = await client.batches.start({
        photo_ids,
        config: { output: { folder: out, format: 'png' } },
      });
      const { processed_count, failed_count, failure_codes } = await waitForEnd(client, batch_id);
      expect(processed_count + failed_count).toBe(PHOTOS);
      // Both happened: the race was run.
      expect(processed_count).toBeGreaterThan(0);
      expect(
        Object.keys(failure_codes).filter((code) => !/^source_(unreadable|changed|missing)$/.test(code)),
      ).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    for (const name of readdirSync(out)) {
      const { channels } = await sharp(readFileSync(join(out, name))).stats();
      expect(channels[0]?.mean, name).toBeGreaterThan(250);
    }
  },
  60_000,
);
