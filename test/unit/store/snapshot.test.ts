import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalPayload } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { type BatchStoreOptions, createBatchStore } from '../../../bridge/store/batch-store.ts';
import { createFaultyDisk } from './faulty-disk.ts';

const log = createLog('silent');
const id = 'batch_0123456789ab';
let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'snapshot-'));
});

const statePath = (suffix = '') => join(dataDir, 'batch_states', `${id}.json${suffix}`);
const quarantined = () =>
  readdirSync(join(dataDir, 'quarantine')).filter((name) => !name.endsWith('.reason.txt'));

function seedState(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    batch_id: id,
    session_id: 7,
    photo_ids: [3, 1, 2],
    processed_photo_ids: [3],
    failed_photo_ids: [],
    status: 'running',
    created_at: '2025-01-01T00:00:00Z',
    started_at: null,
    paused_at: null,
    completed_at: null,
    total_photos: 3,
    processed_count: 1,
    failed_count: 0,
    config: null,
    task_ids: [],
    ...extra,
  };
}

/** As the engine gives it: JSON text without the closing brace, in pieces. */
function chunksOf(file: Record<string, unknown>, length = 20): string[] {
  const text = JSON.stringify(file, null, 2).slice(0, -2);
  return text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];
}

function created(file: Record<string, unknown>): JournalPayload {
  return { k: 'created', b: id, file: file as never };
}

async function opened(options: Partial<BatchStoreOptions> = {}) {
  const parts = createBatchStore({ dataDir, log, reserveBytes: 0, ...options });
  const state = await parts.load();
  const snapshots = [...state.snapshots];
  return { ...parts, state, snapshots };
}

async function loadedOnce() {
  const { state, snapshots, close } = await opened();
  await close();
  return { quarantined: state.quarantined, snapshots };
}

async function save(file: Record<string, unknown>, options = { sync: true }) {
  const { store, close } = await opened();
  await store.saveSnapshot(id, chunksOf(file), options);
  await close();
}

describe('state files', () => {
  it('come back as they were, with keys nobody knows, in a form people can read', async () => {
    const file = seedState({ _schema: 1, _seq: 9, _refs: ['é', 5, null], someone_elses: { a: [1] } });
    await save(file);
    const text = readFileSync(statePath(), 'utf8');
    expect(text).toMatch(/^\{\n {2}"batch_id": .*,\n {2}"_sum": "[0-9a-f]{8}"\n\}\n$/s);
    expect(JSON.parse(text)).toMatchObject(file);
    const { snapshots } = await loadedOnce();
    expect(snapshots).toEqual([{ file, source: 'main', bytes: Buffer.byteLength(text) }]);
    expect(statSync(statePath()).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'batch_states')).mode & 0o777).toBe(0o700);
  });

  it('keep the one before as backup, which is used when the main file is damaged or gone', async () => {
    const { store, close } = await opened();
    for (const _seq of [1, 2, 3]) await store.saveSnapshot(id, chunksOf(seedState({ _seq })), { sync: true });
    await close();
    writeFileSync(statePath(), readFileSync(statePath()).fill(0, 40, 60));
    const first = await loadedOnce();
    expect(first.snapshots).toMatchObject([{ source: 'bak', file: { _seq: 2 } }]);
    expect(first.quarantined).toEqual([{ file: `${id}.json`, reason: 'the checksum does not match' }]);
    expect(quarantined()).toEqual([`${id}.json.damaged`]);
    const second = await loadedOnce();
    expect(second).toMatchObject({ quarantined: [], snapshots: [{ source: 'bak' }] });
  });

  it('are rebuilt from the journal alone when neither is usable, unless the batch was removed', async () => {
    const { store, close } = await opened();
    const seq = await store.append([created(seedState())]);
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: seq })), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: seq })), { sync: true });
    await close();
    writeFileSync(statePath(), '{');
    writeFileSync(statePath('.bak'), '');
    const lost = await loadedOnce();
    expect(lost.snapshots).toMatchObject([{ source: 'journal', file: { photo_ids: [3, 1, 2], _seq: seq } }]);
    expect(lost.quarantined.map((one) => one.file)).toEqual([`${id}.json`, `${id}.json.bak`]);
    const again = await opened();
    expect(again.snapshots).toHaveLength(1);
    await again.store.append([{ k: 'removed', b: id }]);
    await again.close();
    expect((await loadedOnce()).snapshots).toEqual([]);
  });

  it('that a power cut emptied before their first sync are no damage while the journal has the batch', async () => {
    const { store, close } = await opened();
    await store.append([created(seedState())]);
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: false });
    await close();
    for (const left of [Buffer.alloc(0), Buffer.alloc(4096)]) {
      writeFileSync(statePath(), left);
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toMatchObject([{ source: 'journal', file: { photo_ids: [3, 1, 2] } }]);
      expect(reported).toEqual([]);
    }
  });

  it('saved for the first time have a copy of their own, which outlives damage to them', async () => {
    await save(seedState({ _seq: 1 }));
    expect(statSync(statePath('.bak')).ino).not.toBe(statSync(statePath()).ino);
    writeFileSync(statePath(), 'damaged');
    expect((await loadedOnce()).snapshots).toMatchObject([{ source: 'bak', file: { _seq: 1 } }]);
  });

  it('written without sync never push a synced backup out', async () => {
    await save(seedState({ _seq: 1 }));
    const { store, close } = await opened();
    for (const _seq of [2, 3, 4])
      await store.saveSnapshot(id, chunksOf(seedState({ _seq })), { sync: false });
    await close();
    expect(JSON.parse(readFileSync(statePath(), 'utf8'))).toMatchObject({ _seq: 4 });
    expect(JSON.parse(readFileSync(statePath('.bak'), 'utf8'))).toMatchObject({ _seq: 1 });
  });

  it('are synced before their name is given, or not at all when that was not asked for', async () => {
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const before = disk.count('sync');
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: false });
    expect(disk.count('sync')).toBe(before);
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    expect(disk.count('sync')).toBe(before + 1);
    await close();
  });

  it.each(['write', 'sync', 'open'] as const)('stay whole when the disk is full at %s', async (call) => {
    await save(seedState({ _seq: 1 }));
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    disk.failNext(call, 'ENOSPC', { path: /batch_states/ });
    const failing = store.saveSnapshot(id, chunksOf(seedState({ _seq: 2 })), { sync: true });
    await expect(failing).rejects.toMatchObject({ code: 'disk_full' });
    expect(readdirSync(join(dataDir, 'batch_states'))).not.toContain(`${id}.json.tmp`);
    await close();
    expect((await loadedOnce()).snapshots).toMatchObject([{ source: 'main', file: { _seq: 1 } }]);
  });

  it('that others wrote are synced once before they become a backup', async () => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    writeFileSync(statePath(), JSON.stringify(seedState({ note: 'by hand' })));
    const disk = createFaultyDisk();
    const { store, close } = await opened({ open: disk.open });
    const save = () => store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    disk.failNext('sync', 'EIO', { path: /\.json$/ });
    await expect(save()).rejects.toMatchObject({ code: 'read_only' });
    expect(readdirSync(join(dataDir, 'batch_states'))).toEqual([`${id}.json`]);
    await save();
    expect(JSON.parse(readFileSync(statePath('.bak'), 'utf8'))).toMatchObject({ note: 'by hand' });
    disk.failNext('sync', 'EIO', { path: /\.json$/ });
    await save();
    await close();
  });

  it('with numbers no record can have, or our form with an id twice, are set aside', async () => {
    mkdirSync(join(dataDir, 'batch_states'), { recursive: true });
    for (const extra of [
      { _seq: Number.MAX_SAFE_INTEGER },
      { _seq: -1 },
      { _schema: 1, photo_ids: [3, 1, 3] },
    ]) {
      writeFileSync(statePath(), JSON.stringify(seedState(extra)));
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toEqual([]);
      expect(reported).toHaveLength(1);
    }
  });

  it('leave the event loop free while a long one is written', async () => {
    const { store, close } = await opened();
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    function* chunks() {
      yield '{"pad": "';
      for (let piece = 0; piece < 60; piece += 1) yield 'x'.repeat(70_000);
      yield '"';
    }
    await store.saveSnapshot(id, chunks(), { sync: false });
    isDone = true;
    expect(turns).toBeGreaterThan(20);
    await close();
  });

  it('are gone, with backup and results, after removal', async () => {
    const { store, close } = await opened();
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState()), { sync: true });
    await store.appendResults(id, [{ i: 0, s: 'skipped', a: 1, t: '', ms: 1 }]);
    await store.removeBatch(id);
    await store.removeBatch(id);
    expect([
      ...readdirSync(join(dataDir, 'batch_states')),
      ...readdirSync(join(dataDir, 'batch_items')),
    ]).toEqual([]);
    expect(await store.readResults(id, [0])).toEqual(new Map());
    await close();
  });

  it('never have a name outside their folder', async () => {
    const { store, close } = await opened();
    for (const bad of ['../x', 'batch_/../../x', '', 'batch_\0'])
      await expect(store.saveSnapshot(bad, ['{'], { sync: false })).rejects.toMatchObject({
        code: expect.any(String),
      });
    await close();
  });
});

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

describe('state files after a flipped bit, a cut or a splice', () => {
  it('never throw, never give back anything but a whole state that was saved, and never vanish', async () => {
    const { store, close } = await opened();
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: 1 })), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: 2 })), { sync: true });
    await close();
    const good = readFileSync(statePath());
    const backup = readFileSync(statePath('.bak'));
    const damage = fc.oneof(
      fc.record({ at: fc.nat(good.length - 1), bit: fc.nat(7) }).map(({ at, bit }) => {
        const bytes = Buffer.from(good);
        bytes[at] = bytes[at]! ^ (1 << bit);
        return bytes;
      }),
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await rm(join(dataDir, 'quarantine'), { recursive: true });
        writeFileSync(statePath(), bytes);
        writeFileSync(statePath('.bak'), backup);
        const { snapshots } = await loadedOnce();
        if (snapshots[0]?.source === 'main') {
          // Only where the flip hit the name of the checksum key: all that was saved is there.
          expect(snapshots).toMatchObject([{ file: seedState({ _seq: 2 }) }]);
          return;
        }
        expect(snapshots).toMatchObject([{ source: 'bak', file: { _seq: 1 } }]);
        expect(readFileSync(join(dataDir, 'quarantine', `${id}.json.damaged`))).toEqual(bytes);
      }),
      { numRuns: 120 },
    );
  });

  it('load from whichever is left after a crash between any two steps of a save', async () => {
    await save(seedState({ _seq: 1 }));
    await save(seedState({ _seq: 2 }));
    const steps = [
      () => writeFileSync(statePath('.tmp'), '{"half'),
      () => unlinkSync(statePath('.bak')),
      () => renameSync(statePath(), statePath('.bak')),
    ];
    for (const step of steps) {
      step();
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toMatchObject([{ file: { _seq: 2 } }]);
      expect(reported).toEqual([]);
    }
    rmSync(statePath('.bak'));
  });
});
