import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  dataDir,
  id,
  loadedOnce,
  quarantined,
  save,
  seedState,
  statePath,
  useDataFolder,
} from './snapshot-fixture.ts';

useDataFolder();

describe('state files dropped in by hand', () => {
  const drop = async (content: string | Buffer) => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    writeFileSync(statePath(), content);
    return loadedOnce();
  };

  it('are taken in the old form, with config null, with or without a byte order mark', async () => {
    for (const mark of ['', '\uFEFF']) {
      const { snapshots } = await drop(`${mark}${JSON.stringify(seedState({ extra: 1 }))}`);
      expect(snapshots).toMatchObject([{ source: 'main', file: { config: null, extra: 1 } }]);
    }
  });

  it.each<[string, string | Buffer, string]>([
    ['empty', '', 'the file is empty'],
    ['half', JSON.stringify(seedState()).slice(0, 100), 'not valid JSON'],
    ['zeros', Buffer.alloc(4096), 'not valid JSON'],
    ['other JSON', '[1,2]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['an empty object', '{}', 'batch_id'],
    ['UTF-16', Buffer.from(`\uFEFF${JSON.stringify(seedState())}`, 'utf16le'), 'not UTF-8'],
    ['a wrong id', JSON.stringify(seedState({ batch_id: 'batch_ffffffffffff' })), 'batch id'],
    ['a wrong status', JSON.stringify(seedState({ status: 'done' })), 'status'],
    ['a float id', JSON.stringify(seedState({ photo_ids: [1.5] })), 'photo_ids'],
    [
      'a bad id far back',
      JSON.stringify(seedState({ photo_ids: [...Array.from({ length: 999 }, (_, n) => n), '1'] })),
      'photo_ids',
    ],
    ['deep nesting', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'nested'],
    ['a prototype key', JSON.stringify(seedState()).replace('{', '{"__proto__":{"x":1},'), 'forbidden'],
    ['a checksum elsewhere', JSON.stringify(seedState({ _sum: '00000000' })), 'checksum'],
  ])('with %s go to the quarantine with the reason', async (_what, content, reason) => {
    const { snapshots, quarantined: reported } = await drop(content);
    expect(snapshots).toEqual([]);
    expect(reported).toEqual([{ file: `${id}.json`, reason: expect.stringContaining(reason) }]);
    expect(quarantined()).toEqual([`${id}.json.damaged`]);
    expect(readFileSync(join(dataDir, 'quarantine', `${id}.json.damaged`))).toEqual(
      Buffer.from(content as string),
    );
    expect(readFileSync(join(dataDir, 'quarantine', `${id}.json.damaged.reason.txt`), 'utf8')).toContain(
      reason,
    );
  });

  it('of a newer schema are named and left alone, and so is their backup', async () => {
    await save(seedState({ _seq: 1 }));
    await save(seedState({ _seq: 2 }));
    const { snapshots, quarantined: reported } = await drop(JSON.stringify(seedState({ _schema: 2 })));
    expect(snapshots).toEqual([]);
    expect(reported).toEqual([{ file: `${id}.json`, reason: 'newer schema' }]);
    expect(readdirSync(join(dataDir, 'batch_states')).sort()).toEqual([`${id}.json`, `${id}.json.bak`]);
  });

  it('that are links, folders or FIFOs are moved as they are, never followed or waited for', async () => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    const target = join(dataDir, 'elsewhere.json');
    writeFileSync(target, JSON.stringify(seedState()));
    const makers = [
      () => symlinkSync(target, statePath()),
      () => mkdirSync(statePath()),
      () => execFileSync('mkfifo', [statePath()]),
    ];
    for (const make of makers) {
      make();
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toEqual([]);
      expect(reported).toHaveLength(1);
    }
    expect(quarantined()).toHaveLength(3);
    expect(readFileSync(target, 'utf8')).toBe(JSON.stringify(seedState()));
  });

  it('under a name that is no batch id are set aside; files of others are left alone; temp files are swept', async () => {
    const folder = join(dataDir, 'batch_states');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'batch copy (1).json'), JSON.stringify(seedState()));
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, `${id}.json.tmp`), 'half');
    mkdirSync(join(folder, 'folder.tmp'));
    const { quarantined: reported } = await loadedOnce();
    expect(reported).toEqual([{ file: 'batch copy (1).json', reason: 'the file name is not a batch id' }]);
    expect(readdirSync(folder).sort()).toEqual(['folder.tmp', 'notes.txt']);
  });

  it('do not hide each other in the quarantine', async () => {
    await drop('first');
    await drop('second');
    expect(quarantined().sort()).toEqual([`${id}.json.damaged`, `${id}.json.damaged.2`]);
  });
});
