/** Where a render thread refuses to write: a folder that leads elsewhere, a source spelled otherwise on a card. */
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputConfig } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createOutputFiles } from '../../../bridge/store/output-files.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { assertUnchanged, readSource } from '../../../workers/pipeline/read-source.ts';
import { createDrive } from '../../faults/drive.ts';
import { createLinklessDisk, missingLinklessDisk } from '../../faults/linkless-disk.ts';
import { missingSmallDisk } from '../../faults/small-disk.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

const missingDrive = missingSmallDisk();
const missingCard = missingLinklessDisk();
if (missingDrive !== null) console.log(`skipped: drives that are pulled out (${missingDrive})`);
if (missingCard !== null) console.log(`skipped: a card without hard links (${missingCard})`);

const original = await makeImage({ width: 48, height: 32 });
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pb-place-'));
  await writeFile(join(root, 'source.jpg'), original);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As the daemon finds the folder now. */
async function placeOf(folder: string) {
  const { files, close } = createOutputFiles({ dataDir: join(root, 'data'), log: createLog('silent') });
  await files.prepareFolder(folder);
  const place = files.placeOf(folder);
  await close();
  if (place === null) throw new Error('no place');
  return place;
}

function run(options: {
  folder: string;
  name?: string;
  path?: string;
  place?: { real: string; device: string };
  on_conflict?: OutputConfig['on_conflict'];
}) {
  const { folder, name = 'a.jpg', path = join(root, 'source.jpg'), place, on_conflict = 'unique' } = options;
  const task = developTask({ path, folder, name, output: { on_conflict } });
  const placed = place === undefined ? task : { ...task, output: { ...task.output, place } };
  return develop(placed, { look: null, onSize: () => undefined, mayWrite: () => true });
}

describe('an output folder that leads elsewhere than the daemon found it', () => {
  const elsewhere = { ok: false, failure: { code: 'output_not_writable', retryable: true } };

  it('by a link gets nothing, on either side', async () => {
    const [out, other] = [join(root, 'out'), join(root, 'other')];
    await mkdir(other);
    const place = await placeOf(out);
    expect(await run({ folder: out, place })).toMatchObject({ ok: true });
    await rename(out, join(root, 'away'));
    await symlink(other, out);
    expect(await run({ folder: out, name: 'b.jpg', place })).toMatchObject(elsewhere);
    expect(await readdir(other)).toEqual([]);
  });

  it.skipIf(missingDrive !== null)(
    'because its drive is gone gets nothing under the mount point',
    async () => {
      const drive = await createDrive(root);
      try {
        const place = await placeOf(drive.path);
        drive.pull();
        expect(await run({ folder: drive.path, place })).toMatchObject(elsewhere);
        expect(await readdir(drive.path)).toEqual([]);
        drive.plug();
        expect(await run({ folder: drive.path, place })).toMatchObject({ ok: true });
      } finally {
        drive.remove();
      }
    },
  );
});

describe.skipIf(missingCard !== null)('on a card without hard links', () => {
  it('a source is not overwritten by its own name in another case, and no photo by its namesake', async () => {
    const card = await createLinklessDisk(root);
    try {
      await expect(link(join(root, 'source.jpg'), join(card.path, 'x'))).rejects.toThrow();
      const path = join(card.path, 'IMG_1.JPG');
      await writeFile(path, original);
      const folder = card.path;
      const outcome = await run({ folder, path, name: 'IMG_1.jpg', on_conflict: 'overwrite' });
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'output_exists', retryable: false } });
      expect((await readFile(path)).equals(original)).toBe(true);
      expect(await run({ folder, path, name: 'img_1.jpg' })).toMatchObject({
        ok: false,
        failure: { code: 'output_exists', retryable: true },
      });
      expect(await run({ folder, path, name: 'b.jpg' })).toMatchObject({ ok: true });
      expect((await readdir(folder)).toSorted()).toEqual([
        '.pb-batch_00000000beef-0-1.mark.tmp',
        'IMG_1.JPG',
        'b.jpg',
      ]);
    } finally {
      card.remove();
    }
  });

  it('a record of an output is found under every spelling of its name', async () => {
    const card = await createLinklessDisk(root);
    const { files, close } = createOutputFiles({ dataDir: join(root, 'data'), log: createLog('silent') });
    try {
      await writeFile(join(card.path, 'A.jpg'), 'x');
      const record = { source_sha256: 's', recipe_hash: 'r', output_sha256: 'o', bytes: 1, made_by: 'b:1' };
      await files.saveRecord(card.path, 'A.jpg', record);
      expect(await files.readRecord(card.path, 'a.jpg')).toEqual(record);
      expect(await files.readRecord(card.path, 'b.jpg')).toBeNull();
    } finally {
      await close();
      card.remove();
    }
  });
});

describe('a source on a disk with coarse times', () => {
  const coarse = new Date(Math.floor(Date.now() / 2000) * 2000);
  const path = () => join(root, 'source.jpg');

  it('that changed within the step it was read in is found out by its bytes', async () => {
    await utimes(path(), coarse, coarse);
    const source = readSource(path(), 1e9);
    const young = { ...source, readAtMs: coarse.getTime() + 500 };
    expect(() => assertUnchanged(young)).not.toThrow();
    const other = Buffer.from(original);
    other[20] = (other[20] ?? 0) ^ 1;
    await writeFile(path(), other);
    await utimes(path(), coarse, coarse);
    expect(() => assertUnchanged(young)).toThrow(/changed/);
  });

  it('whose finer time the system forgot has not changed', async () => {
    await utimes(path(), coarse.getTime() / 1000 + 1.25, coarse.getTime() / 1000 + 1.25);
    const source = readSource(path(), 1e9);
    await utimes(path(), coarse, coarse);
    expect(() => assertUnchanged(source)).not.toThrow();
    const later = new Date(coarse.getTime() + 4000);
    await utimes(path(), later, later);
    expect(() => assertUnchanged(source)).toThrow(/changed/);
  });
});
