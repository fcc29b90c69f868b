import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createOutputFiles, type OutputFilesParts } from '../../../bridge/store/output-files.ts';

const log = createLog('silent');
const batch = 'batch_0123456789ab';
const temp = `.pb-${batch}-3-1.tmp`;
let root = '';
let folder = '';
let parts: OutputFilesParts;
let synced: string[] = [];

const create = () =>
  createOutputFiles({
    dataDir: join(root, 'data'),
    log,
    sync: async (path) => {
      synced.push(path);
    },
  });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'outputs-'));
  folder = join(root, 'out');
  synced = [];
  parts = create();
});
afterEach(() => parts.close());

describe('output folders', () => {
  it('are made with their parents, and left empty by the check', async () => {
    const deep = join(folder, 'a', 'b');
    expect(await parts.files.prepareFolder(deep)).toBeNull();
    expect(await parts.files.prepareFolder(deep)).toBeNull();
    expect(readdirSync(deep)).toEqual([]);
    expect(statSync(deep).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it('that cannot be used answer a failure and no exception', async () => {
    writeFileSync(folder, 'a file');
    const failure = { code: 'output_not_writable', stage: 'write', retryable: true };
    expect(await parts.files.prepareFolder(folder)).toMatchObject(failure);
    expect(await parts.files.prepareFolder(join(folder, 'below'))).toMatchObject(failure);
  });

  it.runIf(process.platform === 'linux')(
    'where no folder can be made answer a failure, in time',
    async () => {
      expect(await parts.files.prepareFolder('/proc/no/such')).toMatchObject({ code: 'output_not_writable' });
    },
  );

  it.skipIf(process.getuid?.() === 0)('without the right to write answer a failure', async () => {
    mkdirSync(folder, { mode: 0o500 });
    expect(await parts.files.prepareFolder(folder)).toMatchObject({ code: 'output_not_writable' });
    chmodSync(folder, 0o700);
  });

  it('are synced once for all calls of a moment, and again for a call that comes later', async () => {
    await Promise.all(Array.from({ length: 50 }, () => parts.files.syncFolder(folder)));
    expect(synced).toEqual([folder]);
    await Promise.all([
      parts.files.syncFolder(folder),
      parts.files.syncFolder(folder),
      parts.files.syncFolder(root),
    ]);
    expect(synced.filter((path) => path === folder)).toHaveLength(2);
    expect(synced).toContain(root);
  });

  it('whose sync fails tell every caller, and are tried again by the next', async () => {
    let calls = 0;
    const failing = createOutputFiles({
      dataDir: join(root, 'data'),
      log,
      sync: async () => {
        calls += 1;
        if (calls === 1) throw new Error('EIO');
      },
    });
    const both = await Promise.allSettled([
      failing.files.syncFolder(folder),
      failing.files.syncFolder(folder),
    ]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    await failing.files.syncFolder(folder);
    await failing.close();
  });
});

describe('outputs and their temp links', () => {
  beforeEach(() => mkdirSync(folder));

  it('are ours when both names are one file', async () => {
    const bytes = Buffer.alloc(3_000_000, 'photo');
    writeFileSync(join(folder, temp), bytes);
    linkSync(join(folder, temp), join(folder, 'p.jpg'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await parts.files.adopt(folder, 'p.jpg', temp)).toEqual({ bytes: bytes.length, sha256 });
    await parts.files.dropTemp(folder, temp);
    await parts.files.dropTemp(folder, temp);
    expect(readdirSync(folder)).toEqual(['p.jpg']);
    expect(await parts.files.adopt(folder, 'p.jpg', temp)).toBeNull();
  });

  it('are not ours when the files differ, even with the same content, or when one is a link to the other', async () => {
    expect(await parts.files.adopt(folder, 'p.jpg', temp)).toBeNull();
    writeFileSync(join(folder, temp), 'same');
    expect(await parts.files.adopt(folder, 'p.jpg', temp)).toBeNull();
    writeFileSync(join(folder, 'p.jpg'), 'same');
    expect(await parts.files.adopt(folder, 'p.jpg', temp)).toBeNull();
    symlinkSync(join(folder, temp), join(folder, 'q.jpg'));
    expect(await parts.files.adopt(folder, 'q.jpg', temp)).toBeNull();
    mkdirSync(join(folder, 'r.jpg'));
    expect(await parts.files.adopt(folder, 'r.jpg', temp)).toBeNull();
  });

  it('are taken back only when they are ours', async () => {
    writeFileSync(join(folder, temp), 'ours');
    linkSync(join(folder, temp), join(folder, 'p.jpg'));
    await parts.files.takeBack(folder, 'p.jpg', temp);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, temp), 'ours');
    writeFileSync(join(folder, 'p.jpg'), 'theirs');
    await parts.files.takeBack(folder, 'p.jpg', temp);
    await parts.files.takeBack(folder, 'p.jpg', temp);
    expect(readdirSync(folder)).toEqual(['p.jpg']);
  });

  it('are never removed under a name that is no temp name', async () => {
    writeFileSync(join(folder, 'p.jpg'), 'theirs');
    await parts.files.dropTemp(folder, 'p.jpg');
    await parts.files.takeBack(folder, 'p.jpg', 'p.jpg');
    expect(readdirSync(folder)).toEqual(['p.jpg']);
  });

  it('of dead attempts are swept for the batch asked for and for no other', async () => {
    const other = '.pb-batch_ffffffffffff-0-1.tmp';
    for (const name of [temp, `.pb-${batch}-4-2.tmp`, other, 'p.jpg', `${batch}.tmp`])
      writeFileSync(join(folder, name), '');
    expect(await parts.files.sweep(folder, batch)).toBe(2);
    expect(readdirSync(folder).sort()).toEqual([other, `${batch}.tmp`, 'p.jpg'].sort());
    expect(await parts.files.sweep(join(folder, 'gone'), batch)).toBe(0);
  });

  it('exist even as a dangling link', async () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'p.jpg'));
    expect(await parts.files.exists(join(folder, 'p.jpg'))).toBe(true);
    expect(await parts.files.exists(join(folder, 'q.jpg'))).toBe(false);
    expect(await parts.files.exists(join(folder, 'p.jpg', 'x'))).toBe(false);
  });
});

describe('records of what outputs were made from', () => {
  const record = (n: number) => ({ source_sha256: `s${n}`, recipe_hash: 'r', output_sha256: 'o', bytes: n });

  it('survive a restart, the latest counts, folders do not mix, and nothing is written into the folder', async () => {
    mkdirSync(folder);
    const { files } = parts;
    await Promise.all([
      files.saveRecord(folder, 'p.jpg', record(1)),
      files.saveRecord(folder, 'q.jpg', record(2)),
    ]);
    await files.saveRecord(folder, 'p.jpg', { ...record(3), made_by: `${batch}:0` });
    await parts.close();
    parts = create();
    expect(await parts.files.readRecord(folder, 'p.jpg')).toEqual({ ...record(3), made_by: `${batch}:0` });
    expect(await parts.files.readRecord(folder, 'q.jpg')).toEqual(record(2));
    expect(await parts.files.readRecord(folder, 'x.jpg')).toBeNull();
    expect(await parts.files.readRecord(root, 'p.jpg')).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(join(root, 'data', 'output_records'))).toBe(true);
  });

  it('of many folders are kept though only a few are open at a time', async () => {
    const folders = Array.from({ length: 12 }, (_, n) => join(root, `f${n}`));
    await Promise.all(folders.map((path, n) => parts.files.saveRecord(path, 'p.jpg', record(n))));
    const read = await Promise.all(folders.map((path) => parts.files.readRecord(path, 'p.jpg')));
    expect(read).toEqual(folders.map((_, n) => record(n)));
  });
});
