/** What the store says of output and source folders that go, come back, or lead elsewhere. Real mounts where root may. */
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createMountMemory } from '../../../bridge/store/mount-memory.ts';
import { createOutputFiles, type OutputFilesParts } from '../../../bridge/store/output-files.ts';
import { createRoom } from '../../../bridge/store/room.ts';
import { createSourceFolders } from '../../../bridge/store/source-folders.ts';
import { createDrive } from '../../faults/drive.ts';
import { missingSmallDisk } from '../../faults/small-disk.ts';

const log = createLog('silent');
const missing = missingSmallDisk();
if (missing !== null) console.log(`skipped: drives that are pulled out (${missing})`);
const DEVICE = 1;

let root = '';
let out = '';
let parts: OutputFilesParts;
const open = () => createOutputFiles({ dataDir: join(root, 'data'), log });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'places-'));
  out = join(root, 'out');
  parts = open();
});
afterEach(() => parts.close());

describe('an output folder', () => {
  it('is made for a batch that begins or has written nothing, never for one whose outputs it held', async () => {
    expect(await parts.files.prepareFolder(out, 'used')).toMatchObject({ code: 'output_not_writable' });
    expect(await readdir(root)).not.toContain('out');
    expect(await parts.files.prepareFolder(out, 'unused')).toBeNull();
    rmdirSync(out);
    // It is known by now: somebody took it away.
    for (const stage of ['unused', 'used'] as const) {
      const fault = await parts.files.prepareFolder(out, stage);
      expect(fault?.message).toMatch(/is gone.*Put it back/);
    }
    expect(await parts.files.prepareFolder(out, 'new')).toBeNull();
    rmdirSync(out);
    mkdirSync(out);
    expect(await parts.files.prepareFolder(out, 'used')).toBeNull();
  });

  it('that leads elsewhere by now is refused, also after a restart, until it leads back', async () => {
    expect(await parts.files.prepareFolder(out, 'new')).toBeNull();
    expect(parts.files.placeOf(out)).toMatchObject({ real: out });
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    renameSync(out, join(root, 'away'));
    symlinkSync(elsewhere, out);
    expect((await parts.files.prepareFolder(out, 'used'))?.message).toContain(`leads to ${elsewhere}`);
    await parts.close();
    parts = open();
    expect((await parts.files.prepareFolder(out, 'used'))?.message).toContain(`leads to ${elsewhere}`);
    expect(await readdir(elsewhere)).toEqual([]);
    unlinkSync(out);
    renameSync(join(root, 'away'), out);
    expect(await parts.files.prepareFolder(out, 'used')).toBeNull();
  });

  it('that leads elsewhere is what a new batch means, and stays so', async () => {
    await parts.files.prepareFolder(out, 'new');
    rmdirSync(out);
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, out);
    await parts.files.prepareFolder(out, 'used');
    expect(await parts.files.prepareFolder(out, 'new')).toBeNull();
    await parts.close();
    parts = open();
    expect(await parts.files.prepareFolder(out, 'used')).toBeNull();
    expect(parts.files.placeOf(out)).toMatchObject({ real: elsewhere });
  });
});

describe('room on a full disk', () => {
  it('is asked for in steps that double while it proves too little, and forgotten after a while', async () => {
    mkdirSync(out);
    let [nowMs, megabytes] = [0, 0];
    const room = createRoom({ nowMs: () => nowMs, freeBytes: async () => megabytes * 1024 * 1024 });
    /** The least free megabytes that it is content with. */
    const asked = async (): Promise<number> => {
      for (megabytes = 0; ; megabytes = Math.max(1, megabytes * 2)) {
        const isEnough = await room.check(out).then(
          () => true,
          () => false,
        );
        if (isEnough) return megabytes;
      }
    };
    const steps: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      room.noteFull(out);
      // Photos in flight beside it meet the same wall.
      room.noteFull(out);
      steps.push(await asked());
      nowMs += 5000;
    }
    expect(steps).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    nowMs += 60_000;
    room.noteFull(out);
    expect(await asked()).toBe(256);
    nowMs += 700_000;
    room.noteFull(out);
    expect(await asked()).toBe(1);
    expect(await asked()).toBe(0);
    expect(await readdir(out)).toEqual([]);
  });

  it.skipIf(missing !== null)('is really written, so that a figure alone convinces nobody', async () => {
    const drive = await createDrive(root, 'size=1m');
    try {
      const room = createRoom();
      await room.check(drive.path);
      room.noteFull(drive.path);
      writeFileSync(join(drive.path, 'filler'), Buffer.alloc(512 * 1024));
      await expect(room.check(drive.path)).rejects.toMatchObject({ code: 'ENOSPC' });
      rmSync(join(drive.path, 'filler'));
      await room.check(drive.path);
      expect(await readdir(drive.path)).toEqual([]);
    } finally {
      drive.remove();
    }
  });
});

describe('a photo that cannot be read', () => {
  const photo = () => join(root, 'photos', 'a.jpg');
  const away = (path = photo(), device = DEVICE) => parts.sources.away(path, device);

  it('is missing alone where its folder is there', async () => {
    mkdirSync(dirname(photo()));
    writeFileSync(join(root, 'photos', 'b.jpg'), 'x');
    expect(await away()).toBeNull();
    writeFileSync(photo(), 'x');
    expect(await away()).toBeNull();
  });

  it('is away with its folder, or when something else is in the place of the folder', async () => {
    expect(await away()).toContain('is gone');
    writeFileSync(dirname(photo()), 'a file');
    expect(await away()).toContain('is gone');
  });

  it.skipIf(missing !== null)(
    'is away with its drive, also after a restart and at the very top of it',
    async () => {
      const drive = await createDrive(root);
      try {
        const path = join(drive.path, 'a.jpg');
        writeFileSync(path, 'x');
        parts.sources.seen(path);
        const memory = join(root, 'data', 'output_records', 'mounts.log');
        await vi.waitFor(() => expect(readFileSync(memory, 'utf8')).toContain(drive.path));
        expect(await away(path)).toBeNull();
        drive.pull();
        // Something in the mount point does not make it the drive.
        writeFileSync(join(drive.path, 'note'), 'x');
        expect(await away(path)).toContain(`the drive at ${drive.path} is not there`);
        await parts.close();
        parts = open();
        expect(await away(path)).toContain(`the drive at ${drive.path} is not there`);
        rmSync(join(drive.path, 'note'));
      } finally {
        drive.remove();
      }
    },
  );

  it('is away when its folder is empty and of another device than when it was registered', async () => {
    mkdirSync(dirname(photo()));
    expect(await away()).toContain('is not there');
  });

  it('is away when the share does not answer, and only one look waits for it', async () => {
    const memory = createMountMemory(join(root, 'slow.log'));
    let looks = 0;
    const hangs = new Promise<never>(() => {});
    const sources = createSourceFolders(
      {
        ...memory,
        lostMount: () => {
          looks += 1;
          return hangs;
        },
      },
      log,
      20,
    );
    expect(await sources.away(photo(), DEVICE)).toContain('does not answer');
    expect(await sources.away(photo(), DEVICE)).toContain('does not answer');
    expect(looks).toBe(1);
    await memory.close();
  });
});

describe('records of outputs whose names differ in case alone', () => {
  const record = (made_by: string) => ({
    source_sha256: 's',
    recipe_hash: 'r',
    output_sha256: 'o',
    bytes: 1,
    made_by,
  });

  it('stay two where these are two files', async () => {
    mkdirSync(out);
    for (const name of ['a.jpg', 'A.jpg']) writeFileSync(join(out, name), name);
    await parts.files.saveRecord(out, 'a.jpg', record('one'));
    await parts.files.saveRecord(out, 'A.jpg', record('two'));
    expect(await parts.files.readRecord(out, 'a.jpg')).toMatchObject({ made_by: 'one' });
    expect(await parts.files.readRecord(out, 'A.jpg')).toMatchObject({ made_by: 'two' });
  });
});
