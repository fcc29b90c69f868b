/** Outputs at their final names: conflict policies, the source's safety, nothing left behind. Real file systems only. */
import { constants } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DevelopOutcome, OutputConfig } from '../../../bridge/contract/index.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { sha256 } from '../../../workers/pipeline/read-source.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask, type TaskOptions } from '../../helpers/tasks.ts';

let folder = '';
let source = '';
const original = await makeImage({ width: 48, height: 32 });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-write-'));
  source = join(folder, 'source.jpg');
  await writeFile(source, original);
  await mkdir(join(folder, 'out'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const output = (name: string) => join(folder, 'out', name);
const temps = async () => (await readdir(join(folder, 'out'))).filter((name) => name.startsWith('.pb-'));
const context = { look: null, onSize: () => undefined, mayWrite: () => true };

function run(
  on_conflict: OutputConfig['on_conflict'],
  options: Partial<TaskOptions> = {},
): Promise<DevelopOutcome> {
  const task = developTask({
    path: source,
    folder: join(folder, 'out'),
    name: 'a.jpg',
    output: { on_conflict },
    ...options,
  });
  return develop(task, context);
}
const failure = (outcome: DevelopOutcome) => (outcome.ok ? null : outcome.failure);

describe('a new output', () => {
  it('is the same file as its temp name, whose link stays for the daemon', async () => {
    const outcome = await run('unique');
    const written = await readFile(output('a.jpg'));
    expect(outcome).toMatchObject({
      ok: true,
      skipped: false,
      engine: 'sharp',
      source_sha256: sha256(original),
      output: {
        path: output('a.jpg'),
        bytes: written.length,
        sha256: sha256(written),
        width: 48,
        height: 32,
      },
    });
    const [temp] = await temps();
    expect((await stat(output(temp!))).ino).toBe((await stat(output('a.jpg'))).ino);
  });

  it('replaces a temp file that a crash of the same attempt left', async () => {
    await writeFile(output('.pb-batch_00000000beef-0-1.tmp'), 'half');
    expect(await run('unique')).toMatchObject({ ok: true });
    expect((await readFile(output('a.jpg'))).subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('is not written once the task is stopped', async () => {
    const task = developTask({ path: source, folder: join(folder, 'out') });
    const outcome = await develop(task, { ...context, mayWrite: () => false });
    expect(failure(outcome)).toMatchObject({ code: 'cancelled' });
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });
});

describe('a name that is taken', () => {
  beforeEach(() => writeFile(output('a.jpg'), 'theirs'));

  it.each([
    ['unique', true],
    ['fail', false],
  ] as const)('under %s fails, retryable %s, and stays', async (policy, retryable) => {
    expect(failure(await run(policy))).toMatchObject({ code: 'output_exists', retryable });
    expect(await readFile(output('a.jpg'), 'utf8')).toBe('theirs');
    expect(await temps()).toEqual([]);
  });

  it('under skip is skipped', async () => {
    expect(await run('skip')).toMatchObject({ ok: true, skipped: true });
    expect(await readFile(output('a.jpg'), 'utf8')).toBe('theirs');
  });

  it.each(['overwrite', 'if-changed'] as const)('under %s is replaced whole', async (policy) => {
    expect(await run(policy)).toMatchObject({ ok: true, skipped: false });
    const [temp, ...others] = await temps();
    expect(others).toEqual([]);
    expect((await stat(output(temp!))).ino).toBe((await stat(output('a.jpg'))).ino);
  });

  it('by a folder fails under every policy', async () => {
    await mkdir(output('b.jpg'));
    for (const policy of ['unique', 'fail', 'overwrite'] as const) {
      expect(failure(await run(policy, { name: 'b.jpg' }))).toMatchObject({ code: 'output_exists' });
    }
    expect(await temps()).toEqual([]);
  });
});

describe('the source', () => {
  it('is never overwritten, whatever name leads to it', async () => {
    await link(source, output('hard.jpg'));
    await symlink(folder, join(folder, 'around'));
    for (const task of [
      { folder, name: 'source.jpg' },
      { folder: join(folder, 'around'), name: 'source.jpg' },
      { name: 'hard.jpg' },
    ]) {
      for (const policy of ['overwrite', 'if-changed'] as const) {
        expect(failure(await run(policy, task))).toMatchObject({ code: 'output_exists', retryable: false });
      }
    }
    expect((await readFile(source)).equals(original)).toBe(true);
  });

  it('may be a symbolic link', async () => {
    await symlink(source, join(folder, 'linked.jpg'));
    expect(await run('unique', { path: join(folder, 'linked.jpg') })).toMatchObject({ ok: true });
  });

  it('that changes while it is processed fails and leaves nothing', async () => {
    const task = developTask({ path: source, folder: join(folder, 'out') });
    const touched = new Date(Date.now() + 10_000);
    let touching: Promise<void> = Promise.resolve();
    const outcome = await develop(task, {
      ...context,
      onSize: () => {
        touching = utimes(source, touched, touched);
      },
    });
    await touching;
    expect(failure(outcome)).toMatchObject({ code: 'source_changed', retryable: true });
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  it.each([
    ['missing', 'source_missing', 'no.jpg'],
    ['a folder', 'source_unreadable', 'out'],
    ['below a file', 'source_missing', 'source.jpg/x.jpg'],
  ])('that is %s fails with %s', async (_case, code, name) => {
    expect(failure(await run('unique', { path: join(folder, name) }))).toMatchObject({ code, stage: 'read' });
  });
});

describe('a folder that cannot be written', () => {
  it.each([
    ['missing', 'nowhere', true],
    ['a file', 'source.jpg', true],
  ])('because it is %s', async (_case, name, retryable) => {
    const outcome = await run('unique', { folder: join(folder, name) });
    expect(failure(outcome)).toMatchObject({ code: 'output_not_writable', stage: 'write', retryable });
  });

  it.skipIf(process.getuid?.() === 0)('because it is read-only', async () => {
    await chmod(join(folder, 'out'), constants.S_IRUSR | constants.S_IXUSR);
    const outcome = await run('unique');
    await chmod(join(folder, 'out'), constants.S_IRWXU);
    expect(failure(outcome)).toMatchObject({ code: 'output_not_writable' });
  });

  it('because the name is too long for the disk', async () => {
    const outcome = await run('unique', { name: `${'a'.repeat(260)}.jpg` });
    expect(failure(outcome)).toMatchObject({ code: 'output_not_writable', retryable: false });
    expect(await temps()).toEqual([]);
  });
});

describe('if-changed', () => {
  it('skips only while source and destination are both the ones of the record', async () => {
    const first = await run('if-changed');
    if (!first.ok || first.output === undefined) throw new Error('not written');
    const previous = {
      source_sha256: sha256(original),
      output_sha256: first.output.sha256,
      bytes: first.output.bytes,
    };
    expect(await run('if-changed', { previous })).toMatchObject({ ok: true, skipped: true });
    const other = { ...previous, source_sha256: '00' };
    expect(await run('if-changed', { previous: other })).toMatchObject({ ok: true, skipped: false });
    await writeFile(output('a.jpg'), 'edited');
    expect(await run('if-changed', { previous })).toMatchObject({ ok: true, skipped: false });
    await rm(output('a.jpg'));
    expect(await run('if-changed', { previous })).toMatchObject({ ok: true, skipped: false });
  });
});
