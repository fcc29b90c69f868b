import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import { findImage } from '../../../../bridge/operations/listings/images.ts';
import { openInventory } from '../../../../bridge/operations/listings/inventory.ts';
import {
  checkRow,
  type ListingResult,
  toLocalDate,
} from '../../../../bridge/operations/listings/post-row.ts';
import type { Poster } from '../../../../bridge/operations/listings/poster.ts';
import { PostingRun, type PostingRunParts } from '../../../../bridge/operations/listings/posting-run.ts';
import { toRunResult } from '../../../../bridge/operations/listings/run-result.ts';
import { parseSaveEvery } from '../../../../bridge/operations/listings/save-interval.ts';

const header = listingColumns.join(',');
const toLine = (id: string, status = '', image = 'a.jpg') =>
  `${id},${image},A fine truck,It is very fine indeed,9,truck,diesel,lift,${status}`;
const number = (index: number) => `BT${String(index).padStart(3, '0')}`;

function write(lines: readonly string[], name = 'inventory.csv'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'listings-')));
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'images', 'a.jpg'), 'image');
  const path = join(folder, name);
  writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
  return path;
}

const statuses = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',').at(-1) ?? '');

describe('an inventory on disk', () => {
  it('is saved atomically with a backup of the original, made once', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const original = readFileSync(path);
    chmodSync(path, 0o640);
    const inventory = await openInventory(path);
    for (const [index, row] of inventory.rows.entries()) {
      inventory.setStatus(row, `Posted 2026-11-2${index}`);
      expect(await inventory.save()).toEqual({ ok: true, written: true, missed: [] });
    }
    expect(statuses(path)).toEqual(['Posted 2026-11-20', 'Posted 2026-11-21']);
    expect(readFileSync(`${path}.bak`).equals(original)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(path)).sort()).toEqual(['images', 'inventory.csv', 'inventory.csv.bak']);
    expect(await inventory.save()).toEqual({ ok: true, written: false, missed: [] });
  });

  it('keeps the backup of before a crash when the batch is resumed, and makes a new one for a new batch', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const original = readFileSync(path);
    const change = async (resumed: boolean, text: string) => {
      const inventory = await openInventory(path, { resumed });
      inventory.setStatus(inventory.rows[0]!, text);
      await inventory.save();
    };
    await change(false, 'Error: 1');
    await change(true, 'Error: 2');
    expect(readFileSync(`${path}.bak`).equals(original)).toBe(true);
    await change(false, 'Error: 3');
    expect(statuses(`${path}.bak`)).toEqual(['Error: 2', '']);
  });

  it('that another program changed is left alone, and nothing is lost', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const inventory = await openInventory(path);
    inventory.setStatus(inventory.rows[1]!, 'Posted 2026-11-22');
    writeFileSync(
      path,
      [header, toLine('NEW'), toLine('B', 'pending'), toLine('A', 'hold'), ''].join('\r\n'),
    );
    const theirs = readFileSync(path);
    expect(await inventory.save()).toMatchObject({ ok: false, reason: 'changed' });
    expect(readFileSync(path).equals(theirs)).toBe(true);
    expect(inventory.unsaved).toBe(1);
    // On demand the statuses go into the changed file, each to its own record.
    expect(await inventory.save({ anyway: true })).toEqual({ ok: true, written: true, missed: [] });
    expect(statuses(path)).toEqual(['', 'Posted 2026-11-22', 'hold']);
    expect(await inventory.save()).toMatchObject({ ok: true, written: false });
  });

  it.each([
    ['Excel', (name: string) => `~$${name}`],
    ['LibreOffice', (name: string) => `.~lock.${name}#`],
  ])(
    'that is open in %s is refused before anything, and kept for later when it is opened meanwhile',
    async (program, toName) => {
      const path = write([toLine('A')]);
      const lock = join(dirname(path), toName('inventory.csv'));
      writeFileSync(lock, '');
      await expect(openInventory(path)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(program),
      });
      rmSync(lock);
      const inventory = await openInventory(path);
      inventory.setStatus(inventory.rows[0]!, 'Posted 2026-11-22');
      writeFileSync(lock, '');
      expect(await inventory.save()).toMatchObject({ ok: false, reason: 'open_elsewhere' });
      expect(statuses(path)).toEqual(['']);
      rmSync(lock);
      expect(await inventory.save()).toMatchObject({ ok: true, written: true });
      expect(statuses(path)).toEqual(['Posted 2026-11-22']);
    },
  );

  it('is found through a link, which stays one', async () => {
    const path = write([toLine('A')]);
    const link = join(dirname(path), 'link.csv');
    symlinkSync(path, link);
    const inventory = await openInventory(link);
    inventory.setStatus(inventory.rows[0]!, 'Posted 2026-11-22');
    await inventory.save();
    expect(statuses(path)).toEqual(['Posted 2026-11-22']);
    expect(realpathSync(link)).toBe(path);
  });

  it('is refused when it is missing, no file, too large or no absolute path', async () => {
    const path = write([toLine('A')]);
    await expect(openInventory(join(dirname(path), 'no.csv'))).rejects.toThrow('does not exist');
    await expect(openInventory(dirname(path))).rejects.toThrow('not a regular file');
    await expect(openInventory('inventory.csv')).rejects.toThrow('absolute');
    truncateSync(path, 50 * 1024 * 1024 + 1);
    await expect(openInventory(path)).rejects.toThrow('50 MB');
  });

  it('with 10,000 rows is saved in bounded memory', async () => {
    const path = write(Array.from({ length: 10_000 }, (_, index) => toLine(number(index))));
    const inventory = await openInventory(path);
    const before = process.memoryUsage().rss;
    for (const [index, row] of inventory.rows.entries()) {
      inventory.setStatus(row, 'Posted 2026-11-22');
      if (index % 2000 === 1999) expect(await inventory.save()).toMatchObject({ ok: true, written: true });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect(statuses(path).every((status) => status === 'Posted 2026-11-22')).toBe(true);
  });
});

describe('the image of a row', () => {
  it('is found in the folder and below it only', async () => {
    const folder = dirname(write([]));
    const images = join(folder, 'images');
    mkdirSync(join(images, 'sub'));
    writeFileSync(join(images, 'sub', 'b.PNG'), 'x');
    writeFileSync(join(folder, 'secret.jpg'), 'x');
    symlinkSync(join(folder, 'secret.jpg'), join(images, 'out.jpg'));
    symlinkSync(join(images, 'a.jpg'), join(images, 'in.jpg'));
    expect(await findImage(images, 'a.jpg')).toEqual({
      filename: 'a.jpg',
      path: join(images, 'a.jpg'),
      type: 'image/jpeg',
    });
    expect(await findImage(images, 'sub/b.PNG')).toMatchObject({ filename: 'b.PNG', type: 'image/png' });
    expect(await findImage(images, 'in.jpg')).toMatchObject({ path: join(images, 'a.jpg') });
    for (const name of [
      'no.jpg',
      '../secret.jpg',
      'sub/../../secret.jpg',
      join(folder, 'secret.jpg'),
      'out.jpg',
      'sub',
      '',
      '.',
      'a.jpg\0',
      '..\\secret.jpg',
    ])
      expect(await findImage(images, name)).toBeNull();
    expect(await findImage(join(folder, 'none'), 'a.jpg')).toBeNull();
  });
});

const signal = new AbortController().signal;

async function start(path: string, more: Partial<PostingRunParts> & { poster: Poster }): Promise<PostingRun> {
  return new PostingRun({
    inventory: await openInventory(path),
    mode: 'new',
    imagesDir: join(dirname(path), 'images'),
    now: () => '2026-11-22T10:00:00.000Z',
    today: () => '2026-11-22',
    batchId: 'b1',
    ...more,
  });
}

/** As the engine does it: one after the other, each recorded before it is noted. */
async function drive(run: PostingRun, stop: AbortSignal = signal): Promise<ListingResult[]> {
  const results: ListingResult[] = [];
  for (const row of run.rows) {
    if (stop.aborted) break;
    const end = await run.post(row, signal);
    if (end.kind !== 'result') break;
    results.push(end.result);
    await run.note(row, end.result);
  }
  await run.finish();
  return results;
}

const yes: Poster = {
  postAd: () => Promise.resolve({ success: true, message: 'ok', ad_url: 'https://x.test/1' }),
};

const namesOf = (run: PostingRun) => run.rows.map(({ row, record }) => ({ row, id: record.bucket_truck_id }));

describe('a run over an inventory', () => {
  it('posts the rows of its mode, with status, results and progress as the page says', async () => {
    const path = write([
      toLine('BT001'),
      toLine('BT002', 'Posted 2026-01-02'),
      toLine('BT003', ' PENDING '),
      toLine('BT004', 'Error: old', 'none.jpg'),
      toLine('BT005', 'hold'),
      toLine('bad id'),
      toLine('BT007'),
      toLine('BT008'),
    ]);
    const posted: string[] = [];
    const poster: Poster = {
      postAd(record, images, { idempotencyKey }) {
        posted.push(`${idempotencyKey} ${images.length}`);
        if (record.bucket_truck_id === 'BT007') throw new Error('a bug');
        const success = record.bucket_truck_id !== 'BT008';
        return Promise.resolve({ success, message: success ? 'fine' : 'y'.repeat(150) });
      },
    };
    const progress: [number, string][] = [];
    const run = await start(path, { poster, onProgress: (...told) => progress.push(told) });
    const results = await drive(run);
    expect(posted).toEqual(['b1-2-BT001 1', 'b1-4-BT003 1', 'b1-8-BT007 1', 'b1-9-BT008 1']);
    expect(statuses(path)).toEqual([
      'Posted 2026-11-22',
      'Posted 2026-01-02',
      'Posted 2026-11-22',
      'Error: Image not found',
      'hold',
      'Error: Invalid bucket_truck_id: only A-Z 0-9 _ - are allowed',
      'Error: System error',
      `Error: ${'y'.repeat(100)}...`,
    ]);
    expect(results[0]).toEqual({
      success: true,
      message: 'fine',
      status_update: 'Posted 2026-11-22',
      ad_url: null,
      record_id: 'BT001',
      timestamp: '2026-11-22T10:00:00.000Z',
    });
    expect(progress.map(([, message]) => message)[2]).toBe('Processing record 3/6: BT004');
    expect(progress.at(-1)?.[0]).toBe(100);
    expect(
      toRunResult({ selected: run.rows.length, skipped: run.skipped, results, interrupted: false }),
    ).toMatchObject({
      success: true,
      total_records: 6,
      successful_posts: 2,
      failed_posts: 4,
      skipped_records: 2,
    });
  });

  it('of all rows keeps the text of a posted one whose attempt fails', async () => {
    const path = write([
      toLine('A', 'Posted 2026-01-02'),
      toLine('B', 'hold'),
      toLine('C', 'Posted 2026-01-02', 'none.jpg'),
    ]);
    const poster: Poster = { postAd: () => Promise.resolve({ success: false, message: 'no' }) };
    await drive(await start(path, { poster, mode: 'all' }));
    expect(statuses(path)).toEqual(['Posted 2026-01-02', 'Error: no', 'Posted 2026-01-02']);
    await drive(await start(path, { poster: yes, mode: 'all' }));
    expect(statuses(path)).toEqual(['Posted 2026-11-22', 'Posted 2026-11-22', 'Posted 2026-01-02']);
  });

  it.each([
    ['10%', 12 + 1],
    ['20%', 5],
    ['1', 25],
    ['7', 3 + 1],
    ['100', 1],
  ])('of 25 records saves as the setting says: %s', async (every, saves) => {
    const path = write(Array.from({ length: 25 }, (_, index) => toLine(number(index))));
    const run = await start(path, { poster: yes, saveEvery: parseSaveEvery(every) });
    let count = 0;
    for (const row of run.rows) {
      const end = await run.post(row, signal);
      if (end.kind === 'result' && (await run.note(row, end.result)) !== null) count += 1;
    }
    const last = await run.finish();
    expect(count + (last.ok && last.written ? 1 : 0)).toBe(saves);
    expect(statuses(path).every((status) => status === 'Posted 2026-11-22')).toBe(true);
  });

  it('that is interrupted finishes the record in hand and saves it', async () => {
    const path = write([toLine('A'), toLine('B'), toLine('C')]);
    const control = new AbortController();
    const poster: Poster = {
      postAd(record) {
        if (record.bucket_truck_id === 'B') control.abort();
        return Promise.resolve({ success: true, message: '' });
      },
    };
    const run = await start(path, { poster, saveEvery: parseSaveEvery('100') });
    const results = await drive(run, control.signal);
    expect(statuses(path)).toEqual(['Posted 2026-11-22', 'Posted 2026-11-22', '']);
    expect(toRunResult({ selected: 3, skipped: 0, results, interrupted: true })).toMatchObject({
      success: false,
      message: 'Interrupted after 2 of 3 records: 2 posted, 0 failed',
    });
  });

  it('that a crash cut off goes on with its own rows and brings the lost statuses', async () => {
    const path = write([toLine('A'), toLine('B'), toLine('C', 'hold')]);
    const first = await start(path, { poster: yes });
    const end = await first.post(first.rows[0]!, signal);
    if (end.kind !== 'result') throw new Error('not posted');
    // Recorded, but never saved; and then the user moved rows.
    writeFileSync(path, [header, toLine('C', 'hold'), toLine('B'), toLine('A'), ''].join('\r\n'));
    const inventory = await openInventory(path, { resumed: true });
    const posted: string[] = [];
    const poster: Poster = {
      postAd(record, ...rest) {
        posted.push(record.bucket_truck_id);
        return yes.postAd(record, ...rest);
      },
    };
    const second = await start(path, { poster, inventory, rows: namesOf(first) });
    second.restore(second.rows[0]!, end.result);
    for (const row of second.rows.slice(1)) {
      const next = await second.post(row, signal);
      if (next.kind === 'result') await second.note(row, next.result);
    }
    await second.finish();
    expect(posted).toEqual(['B']);
    expect(second.missing).toEqual([]);
    expect(statuses(path)).toEqual(['hold', 'Posted 2026-11-22', 'Posted 2026-11-22']);
    const gone = [
      { row: 3, id: 'A' },
      { row: 2, id: 'D' },
    ];
    const third = await start(path, { poster, rows: gone });
    expect([third.rows.map(({ row }) => row), third.missing]).toEqual([[4], [gone[1]]]);
  });

  it('that is stopped hard says whether the ad may be there', async () => {
    const path = write([toLine('A')]);
    const control = new AbortController();
    const poster: Poster = {
      postAd: (_record, _images, context) =>
        new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => reject(new Error('aborted')));
          control.abort();
        }),
    };
    const run = await start(path, { poster });
    expect(await run.post(run.rows[0]!, control.signal)).toEqual({ kind: 'stopped', mayBePosted: true });
    expect(await run.post(run.rows[0]!, AbortSignal.abort())).toEqual({
      kind: 'stopped',
      mayBePosted: false,
    });
  });

  it('that is dry checks rows and images and asks no poster', async () => {
    const path = write([toLine('A'), toLine('B', '', 'none.jpg'), toLine('c')]);
    const { rows } = await openInventory(path);
    const before = readFileSync(path);
    const checks = await Promise.all(rows.map((row) => checkRow(row, join(dirname(path), 'images'))));
    expect(checks).toMatchObject([
      { ok: true },
      { ok: false, reason: 'Image not found' },
      { ok: false, reason: expect.stringContaining('bucket_truck_id') },
    ]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('dates a post by the local day', () => {
    expect(toLocalDate(new Date(2026, 0, 5, 0, 1))).toBe('2026-01-05');
  });
});
