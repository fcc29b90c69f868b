import { mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRoom, PROBE_NAME } from '../../../bridge/store/room.ts';

it('a probe that a crash left goes with the next look at the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  await writeFile(join(folder, PROBE_NAME), 'left behind');
  await createRoom().check(folder);
  expect(await readdir(folder)).toEqual([]);
});

it('looks at one folder at the same moment, also of two daemons, all succeed and leave nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  const rooms = [createRoom(), createRoom()];
  for (const room of rooms) room.noteFull(folder);
  await Promise.all(Array.from({ length: 20 }, (_, index) => rooms[index % 2]?.check(folder)));
  expect(await readdir(folder)).toEqual([]);
});

it('a link by the name of a probe is removed, never written through', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  const target = join(await mkdtemp(join(tmpdir(), 'probe-')), 'mine');
  await writeFile(target, 'kept');
  await symlink(target, join(folder, PROBE_NAME));
  await createRoom().check(folder);
  expect(await readdir(folder)).toEqual([]);
});
