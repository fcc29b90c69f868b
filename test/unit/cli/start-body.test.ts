import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toPauseBody } from '../../../bridge/cli/commands/control.ts';
import { UsageError } from '../../../bridge/cli/exit-codes.ts';
import { parsePhotoArguments, toSelection } from '../../../bridge/cli/select-photos.ts';
import { toDevelopConfig, toStartBody } from '../../../bridge/cli/start-body.ts';
import { developConfigSchema, pauseBodySchema, startBodySchema } from '../../../bridge/contract/index.ts';

async function createFolder(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'trip'));
  for (const name of names) await writeFile(join(folder, name), '');
  return folder;
}

describe('photo arguments', () => {
  it('takes whole numbers as photo ids', async () => {
    expect(toSelection(await parsePhotoArguments(['3', '1', '2'], '/'))).toEqual({ photo_ids: [3, 1, 2] });
  });

  it('sends files with absolute paths', async () => {
    const cwd = await createFolder('a.jpg', '7');
    const found = await parsePhotoArguments(['a.jpg', './7'], cwd);
    expect(toSelection(found)).toEqual({ photos: [{ path: join(cwd, 'a.jpg') }, { path: join(cwd, '7') }] });
  });

  it('lets the daemon list a folder that is alone', async () => {
    const cwd = await createFolder();
    const found = await parsePhotoArguments(['trip'], cwd);
    expect(toSelection(found, '*.jpg')).toEqual({ select: { folder: join(cwd, 'trip'), glob: '*.jpg' } });
  });

  it('expands globs the shell left alone, in the order people count', async () => {
    const cwd = await createFolder('img10.jpg', 'img9.jpg', 'notes.txt');
    const found = await parsePhotoArguments(['*.jpg'], cwd);
    expect(found).toEqual([
      { kind: 'file', path: join(cwd, 'img9.jpg') },
      { kind: 'file', path: join(cwd, 'img10.jpg') },
    ]);
  });

  it('says that kinds are mixed, so that they are registered first', async () => {
    const cwd = await createFolder('a.jpg');
    expect(toSelection(await parsePhotoArguments(['a.jpg', 'trip'], cwd))).toBe('mixed');
    expect(toSelection(await parsePhotoArguments(['a.jpg', '4'], cwd))).toBe('mixed');
  });

  it('names a file that is not there and a glob that matches nothing', async () => {
    const cwd = await createFolder();
    await expect(parsePhotoArguments(['gone.jpg'], cwd)).rejects.toThrow(join(cwd, 'gone.jpg'));
    await expect(parsePhotoArguments(['*.cr3'], cwd)).rejects.toThrow('No file matches *.cr3');
  });

  it('refuses --glob without a folder', () => {
    expect(() => toSelection([{ kind: 'id', id: 1 }], '*.jpg')).toThrow(UsageError);
  });
});

describe('start body', () => {
  it('leaves every default to the daemon', () => {
    const body = toStartBody({
      selection: { photo_ids: [1] },
      config: toDevelopConfig({}, '/'),
      flags: {},
      now: 0,
    });
    expect(body).toEqual({ photo_ids: [1] });
  });

  it('carries every flag to the key the contract knows', () => {
    const flags = {
      preset: 'WhiteLayer_v4',
      blend: 60,
      output: 'out',
      name: '{name}_{preset}',
      suffix: '-web',
      format: 'webp',
      quality: 80,
      longEdge: 2048,
      sharpen: 'screen',
      colour: 'display-p3',
      metadata: 'strip',
      onConflict: 'overwrite',
      priority: 8,
      session: 123,
      startAt: '30m',
      after: ['batch_0123456789ab'],
      skipUnknown: true,
    };
    const config = toDevelopConfig(flags, '/home/me');
    const body = toStartBody({ selection: { photo_ids: [1] }, config, flags, now: 0 });
    expect(body).toMatchObject({
      priority: 8,
      session_id: 123,
      start_at: '1970-01-01T00:30:00.000Z',
      depends_on: ['batch_0123456789ab'],
      on_unknown: 'fail_item',
    });
    expect(config).toEqual({
      preset: 'WhiteLayer_v4',
      blend: 60,
      output: {
        folder: '/home/me/out',
        name: '{name}_{preset}',
        suffix: '-web',
        format: 'webp',
        quality: 80,
        long_edge: 2048,
        sharpen: 'screen',
        colour: 'display-p3',
        metadata: 'strip',
        on_conflict: 'overwrite',
      },
    });
    expect(startBodySchema.safeParse(body).error).toBeUndefined();
    expect(developConfigSchema.safeParse(config).error).toBeUndefined();
  });

  it('is accepted by the contract for any sensible flags', () => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const flags = fc.record({
      preset: maybe(fc.constantFrom('matte', 'warm')),
      blend: maybe(fc.integer({ min: 0, max: 100 })),
      quality: maybe(fc.integer({ min: 1, max: 100 })),
      longEdge: maybe(fc.integer({ min: 1, max: 65_500 })),
      priority: maybe(fc.integer({ min: 1, max: 10 })),
    });
    fc.assert(
      fc.property(flags, (chosen) => {
        const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
        const config = toDevelopConfig(given, '/');
        const body = toStartBody({ selection: { photo_ids: [1] }, config, flags: given, now: 0 });
        expect(startBodySchema.safeParse(body).success).toBe(true);
        expect(developConfigSchema.safeParse(config ?? {}).success).toBe(true);
      }),
    );
  });
});

describe('pause body', () => {
  it('is absent without flags and valid with all of them', () => {
    expect(toPauseBody({}, 0)).toBeUndefined();
    const body = toPauseBody({ hard: true, for: '2h', reason: 'lunch' }, 0);
    expect(body).toEqual({ mode: 'hard', until: '1970-01-01T02:00:00.000Z', reason: 'lunch' });
    expect(pauseBodySchema.safeParse(body).success).toBe(true);
  });

  it('reads a time of day as the next one to come, here, and any other time as it is', () => {
    const noon = new Date(2026, 5, 1, 12, 0).getTime();
    const until = (text: string) => new Date(toPauseBody({ until: text }, noon)?.until ?? '').getTime();
    expect(until('14:30')).toBe(new Date(2026, 5, 1, 14, 30).getTime());
    expect(until('9:05')).toBe(new Date(2026, 5, 2, 9, 5).getTime());
    expect(until('12:00')).toBe(new Date(2026, 5, 2, 12, 0).getTime());
    expect(until('2026-06-03T08:00')).toBe(new Date(2026, 5, 3, 8, 0).getTime());
  });

  it('says what a span or a time must look like, and how to go on at once', () => {
    for (const span of ['30', '1.5', 'soon', '', '0m', '5 weeks', '1h and 2m', '999999999999d'])
      expect(() => toPauseBody({ for: span }, 0)).toThrow(
        /--for must be a span with its unit such as 90s, 30m/,
      );
    for (const time of ['24:00', '14:60', 'noon', ''])
      expect(() => toPauseBody({ until: time }, 0)).toThrow(/--until must be a time such as 14:30/);
    expect(() => toPauseBody({ until: '2026-01-01' }, Date.parse('2026-06-01'))).toThrow(/use resume/);
  });

  it('refuses two ends', () => {
    expect(() => toPauseBody({ for: '1h', until: '2026-01-01' }, 0)).toThrow(UsageError);
  });
});
