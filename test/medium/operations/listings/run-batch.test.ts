import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunBatchOptions, runBatch } from '../../../../bridge/embedded/listings.ts';
import { listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import { toLocalDate } from '../../../../bridge/operations/listings/post-row.ts';
import type { Poster } from '../../../../bridge/operations/listings/poster.ts';
import { header, number, statuses, toLine, write } from './inventory-files.ts';

const today = `Posted ${toLocalDate(new Date())}`;
const yes: Poster['postAd'] = async () => ({ success: true, message: 'ok', ad_url: 'https://x.test/1' });

function options(path: string, more: Partial<RunBatchOptions> = {}): RunBatchOptions {
  const folder = dirname(path);
  return {
    mode: 'new',
    poster: yes,
    imagesDir: join(folder, 'images'),
    dataDir: join(folder, 'data'),
    ...more,
  };
}

const run = (path: string, more: Partial<RunBatchOptions> = {}) => runBatch(path, options(path, more));

describe('runBatch over an inventory', () => {
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
    const keys = new Set<string>();
    const progress: [number, string][] = [];
    const result = await run(path, {
      async poster(record, images, { idempotencyKey }) {
        posted.push(`${record.bucket_truck_id} ${images.length}`);
        keys.add(idempotencyKey);
        if (record.bucket_truck_id === 'BT007') throw new Error('a bug');
        const success = record.bucket_truck_id !== 'BT008';
        return { success, message: success ? 'fine' : 'y'.repeat(150), ad_url: 'https://x.test/ad' };
      },
      onProgress: (...told) => progress.push(told),
    });
    expect(posted).toEqual(['BT001 1', 'BT003 1', 'BT007 1', 'BT008 1']);
    expect(keys.size).toBe(4);
    expect(statuses(path)).toEqual([
      today,
      'Posted 2026-01-02',
      today,
      'Error: Image not found',
      'hold',
      'Error: Invalid bucket_truck_id: only A-Z 0-9 _ - are allowed',
      'Error: System error',
      `Error: ${'y'.repeat(100)}...`,
    ]);
    expect(Object.keys(result).sort()).toEqual([
      'failed_posts',
      'message',
      'results',
      'skipped_records',
      'success',
      'successful_posts',
      'total_records',
    ]);
    expect(result).toMatchObject({
      success: true,
      total_records: 6,
      successful_posts: 2,
      failed_posts: 4,
      skipped_records: 2,
      message: 'Processed 6 records: 2 posted, 4 failed',
    });
    expect(result.results[0]).toEqual({
      success: true,
      message: 'fine',
      status_update: today,
      ad_url: 'https://x.test/ad',
      record_id: 'BT001',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(result.results.map(({ record_id }) => record_id)).toEqual([
      'BT001',
      'BT003',
      'BT004',
      'bad id',
      'BT007',
      'BT008',
    ]);
    expect(progress.map(([, message]) => message)[2]).toBe('Processing record 3/6: BT004');
    expect(progress.map(([percent]) => percent)).toEqual([16.6, 33.3, 50, 66.6, 83.3, 100]);
  });

  it('of all rows keeps the text of a posted one whose attempt fails', async () => {
    const path = write([
      toLine('A', 'Posted 2026-01-02'),
      toLine('B', 'hold'),
      toLine('C', 'Posted 2026-01-02', 'none.jpg'),
    ]);
    const no: Poster['postAd'] = async () => ({ success: false, message: 'no' });
    expect(await run(path, { mode: 'all', poster: no })).toMatchObject({ success: false, failed_posts: 3 });
    expect(statuses(path)).toEqual(['Posted 2026-01-02', 'Error: no', 'Posted 2026-01-02']);
    expect(await run(path, { mode: 'all' })).toMatchObject({ success: true, successful_posts: 2 });
    expect(statuses(path)).toEqual([today, today, 'Posted 2026-01-02']);
  });

  it.each([
    ['10%', 12 + 1],
    ['20%', 5],
    ['1', 25],
    [7, 3 + 1],
    ['100', 1],
  ])('of 25 records saves as the setting says: %s', async (saveEvery, saves) => {
    const path = write(Array.from({ length: 25 }, (_, index) => toLine(number(index))));
    const seen = new Set([stamp(path)]);
    const poster: Poster['postAd'] = async (...given) => {
      seen.add(stamp(path));
      return yes(...given);
    };
    await run(path, { saveEvery, poster });
    seen.add(stamp(path));
    expect(seen.size - 1).toBe(saves);
    expect(statuses(path)).toEqual(Array(25).fill(today));
    expect(statuses(`${path}.bak`)).toEqual(Array(25).fill(''));
  });

  it('tells a caller that throws of each record all the same, and changes nothing for it', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const told: number[] = [];
    const onProgress = (percent: number) => {
      told.push(percent);
      throw new Error('no');
    };
    expect(await run(path, { onProgress })).toMatchObject({ success: true, successful_posts: 2 });
    expect(told).toEqual([50, 100]);
  });

  it('that is interrupted finishes the record in hand, saves it, is no success, and goes on when it is called again', async () => {
    const path = write([toLine('A'), toLine('B'), toLine('C', 'hold'), toLine('D')]);
    const control = new AbortController();
    const posted: string[] = [];
    const poster: Poster = {
      async postAd(record) {
        posted.push(record.bucket_truck_id);
        if (record.bucket_truck_id === 'B') control.abort();
        return { success: true, message: '' };
      },
    };
    const more = { poster, saveEvery: '100' };
    const first = await run(path, { ...more, signal: control.signal });
    expect(statuses(path)).toEqual([today, today, 'hold', '']);
    expect(first).toMatchObject({
      success: false,
      total_records: 3,
      skipped_records: 1,
      message: 'Interrupted after 2 of 3 records: 2 posted, 0 failed',
    });
    const progress: string[] = [];
    const second = await run(path, { ...more, onProgress: (_, message) => progress.push(message) });
    expect(posted).toEqual(['A', 'B', 'D']);
    expect(progress).toEqual(['Processing record 3/3: D']);
    expect(second).toMatchObject({ success: true, successful_posts: 3, skipped_records: 1 });
    expect(second.results.map(({ record_id }) => record_id)).toEqual(['A', 'B', 'D']);
  });

  it('posts so many at once as it is told, and never more', async () => {
    const path = write(Array.from({ length: 12 }, (_, index) => toLine(number(index))));
    let [now, most] = [0, 0];
    const full = Promise.withResolvers<void>();
    const poster: Poster['postAd'] = async (...given) => {
      now += 1;
      most = Math.max(most, now);
      if (now === 3) full.resolve();
      await full.promise;
      now -= 1;
      return yes(...given);
    };
    expect(await run(path, { concurrent: 3, poster })).toMatchObject({ successful_posts: 12 });
    expect(most).toBe(3);
  });

  it('with nothing to do is a success and writes nothing', async () => {
    const path = write([toLine('A', 'hold')]);
    const before = stamp(path);
    expect(await run(path)).toEqual({
      success: true,
      total_records: 0,
      successful_posts: 0,
      failed_posts: 0,
      skipped_records: 1,
      results: [],
      message: 'No records to process',
    });
    expect(stamp(path)).toBe(before);
  });

  it('that is open elsewhere, or lacks a column, is refused before anything is posted', async () => {
    const path = write([toLine('A')]);
    const posted: unknown[] = [];
    const poster: Poster['postAd'] = async (...given) => {
      posted.push(given);
      return yes(...given);
    };
    const lock = join(dirname(path), '~$inventory.csv');
    writeFileSync(lock, '');
    await expect(run(path, { poster })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is open in Excel'),
    });
    rmSync(lock);
    writeFileSync(path, readFileSync(path, 'utf8').replace('price', 'cost').replace('tags', 'words'));
    await expect(run(path, { poster })).rejects.toThrow('lacks the columns price, tags');
    expect(posted).toEqual([]);
  });

  it('that is opened in another program meanwhile waits, says why, and goes on when it is closed', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const lock = join(dirname(path), '.~lock.inventory.csv#');
    const holds: (string | null)[] = [];
    const posted: string[] = [];
    const poster: Poster['postAd'] = async (record, ...rest) => {
      posted.push(record.bucket_truck_id);
      if (record.bucket_truck_id === 'A') writeFileSync(lock, '');
      return yes(record, ...rest);
    };
    const onHold = (reason: string | null) => {
      holds.push(reason);
      if (reason === null) return;
      expect(posted).toEqual(['A']);
      expect(statuses(path)).toEqual(['', '']);
      rmSync(lock);
    };
    expect(await run(path, { poster, onHold })).toMatchObject({ success: true, successful_posts: 2 });
    expect(holds).toEqual([expect.stringContaining('is open in LibreOffice'), null]);
    expect(statuses(path)).toEqual([today, today]);
  });

  it('that is dry checks rows and images, asks no poster and writes nothing, anywhere', async () => {
    const path = write([toLine('A'), toLine('B', '', 'none.jpg'), toLine('c'), toLine('D', 'hold')]);
    const folder = dirname(path);
    const before = [readdirSync(folder, { recursive: true }), stamp(path), stamp(folder)];
    const module = join(folder, 'nobody-asks.ts');
    const result = await run(path, { poster: module, dryRun: true });
    expect(result).toMatchObject({
      total_records: 3,
      successful_posts: 1,
      failed_posts: 2,
      skipped_records: 1,
      message: 'Checked 3 records: 1 would be posted, 2 failed',
    });
    expect(result.results.map(({ message }) => message)).toEqual([
      'Would be posted',
      'Image not found',
      expect.stringContaining('bucket_truck_id'),
    ]);
    expect([readdirSync(folder, { recursive: true }), stamp(path), stamp(folder)]).toEqual(before);
  });
});

describe('runBatch over rows', () => {
  const toRow = (line: string): Record<string, unknown> =>
    Object.fromEntries(listingColumns.map((name, place) => [name, line.split(',')[place]]));

  it('posts them, keeps their status up to date, and needs no file', async () => {
    const folder = dirname(write([]));
    const rows = [toRow(toLine('A')), toRow(toLine('B', 'hold')), { ...toRow(toLine('C')), price: 12.5 }];
    const result = await runBatch(rows, options(join(folder, 'none.csv')));
    expect(result).toMatchObject({ success: true, total_records: 2, skipped_records: 1 });
    expect(rows.map(({ posting_status }) => posting_status)).toEqual([today, 'hold', today]);
    expect(existsSync(join(folder, 'none.csv'))).toBe(false);
    expect(await runBatch([], options(join(folder, 'none.csv')))).toMatchObject({ total_records: 0 });
  });

  it('writes their statuses into the inventory they are of, and nothing else in it', async () => {
    const path = write([toLine('X', 'hold'), toLine('B'), toLine('A')]);
    const rows = [toRow(toLine('A')), toRow(toLine('B'))];
    const result = await runBatch(rows, options(path, { file: path }));
    expect(result).toMatchObject({ success: true, successful_posts: 2 });
    expect(statuses(path)).toEqual(['hold', today, today]);
    expect(readFileSync(path, 'utf8').split('\r\n')[0]).toBe(header);
  });

  it('names what is wrong with them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rows-'));
    const { title: _, ...without } = toRow(toLine('A'));
    await expect(runBatch([without], options(join(folder, 'x')))).rejects.toThrow('lacks the column title');
    const wrong = { ...options(join(folder, 'x')), concurrent: 0 };
    await expect(runBatch([toRow(toLine('A'))], wrong)).rejects.toThrow('config.concurrent');
  });
});

/** Of a file that is replaced as a whole: changes with each save. */
function stamp(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
