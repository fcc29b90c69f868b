import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
import { header, number, statuses, toLine, write } from './inventory-files.ts';

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
