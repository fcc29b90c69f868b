/** The folder watcher on a real file system. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderEvent, type FolderWatch, watchFolder } from '../../../bridge/watch/watch-folder.ts';

let folder: string;
let open: FolderWatch[];

/** Starts a watcher whose events can be awaited one by one. */
async function start(where: string, recursive = true) {
  const seen: FolderEvent[] = [];
  const waiting: (() => void)[] = [];
  const watcher = await watchFolder({
    folder: where,
    recursive,
    settleMs: 40,
    ignore: (path) => path.endsWith('.tmp'),
    onEvent: (event) => {
      seen.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
    onError: (error) => {
      throw error;
    },
  });
  open.push(watcher);
  await watcher.ready;
  const until = async (count: number) => {
    while (seen.length < count) await new Promise<void>((wake) => waiting.push(wake));
    return seen;
  };
  return { watcher, seen, until };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-watch-'));
  open = [];
});
afterEach(async () => {
  for (const watcher of open) await watcher.close();
  await rm(folder, { recursive: true });
});

describe('watchFolder', () => {
  it('tells of files already there before it is ready, of nested ones too', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'a.jpg'), 'a');
    await writeFile(join(folder, 'sub', 'b.jpg'), 'b');
    const { seen } = await start(folder);
    expect(seen.map((event) => event.path).sort()).toEqual([
      join(folder, 'a.jpg'),
      join(folder, 'sub', 'b.jpg'),
    ]);
    expect(new Set(seen.map((event) => event.kind))).toEqual(new Set(['added']));
  });

  it('stays in the top folder when it is not recursive', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'a.jpg'), 'a');
    await writeFile(join(folder, 'sub', 'b.jpg'), 'b');
    const { seen } = await start(folder, false);
    expect(seen.map((event) => event.path)).toEqual([join(folder, 'a.jpg')]);
  });

  it('tells of a new, a changed and a removed file, in order', async () => {
    const { until } = await start(folder);
    const path = join(folder, 'a.jpg');
    await writeFile(path, 'one');
    await until(1);
    await writeFile(path, 'one and two');
    await until(2);
    await rm(path);
    expect(await until(3)).toEqual([
      { kind: 'added', path },
      { kind: 'changed', path },
      { kind: 'removed', path },
    ]);
  });

  it('sees a file that was written aside and renamed over the old one as a change', async () => {
    const path = join(folder, 'a.json');
    await writeFile(path, 'one');
    const { until } = await start(folder);
    await writeFile(join(folder, 'a.json.tmp'), 'second');
    await rename(join(folder, 'a.json.tmp'), path);
    expect((await until(2))[1]).toEqual({ kind: 'changed', path });
  });

  it('reports paths under the folder as the caller named it, even through a link', async () => {
    const real = join(folder, 'real');
    const link = join(folder, 'link');
    await mkdir(real);
    await symlink(real, link);
    await writeFile(join(real, 'a.jpg'), 'a');
    const { seen } = await start(link);
    expect(seen).toEqual([{ kind: 'added', path: join(link, 'a.jpg') }]);
  });

  it('rejects for a folder that is not there', async () => {
    await expect(start(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('tells nothing after it was closed', async () => {
    const { watcher, seen } = await start(folder);
    await watcher.close();
    await writeFile(join(folder, 'a.jpg'), 'a');
    const other = await start(folder);
    expect(other.seen).toHaveLength(1);
    expect(seen).toHaveLength(0);
  });
});
