import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PathPolicy } from '../../../../bridge/batch/ports.ts';
import type { Poster } from '../../../../bridge/operations/listings/poster.ts';
import { header, number, statuses, toLine, write } from './inventory-files.ts';
import { crashCopy, POSTED, UNCONFIRMED, useListings } from './listings-engine.ts';

const open = useListings();
type PostAd = Poster['postAd'];
const yes: PostAd = async () => ({ success: true, message: 'ok', ad_url: 'https://x.test/1' });

/** Says yes; notes whom it was asked for, and does something first. */
function createPoster(first: (id: string, signal: AbortSignal) => unknown = () => undefined) {
  const posted: string[] = [];
  const postAd: PostAd = async (record, images, context) => {
    posted.push(record.bucket_truck_id);
    await first(record.bucket_truck_id, context.signal);
    return yes(record, images, context);
  };
  return { posted, postAd };
}

const write3 = () => write([toLine('A'), toLine('B'), toLine('C')]);
const change = (path: string, lines: string[]) =>
  writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);

describe('a batch of listings', () => {
  it('says of each row what became of it, with a code and details for exports', async () => {
    const path = write([
      toLine('OK'),
      toLine('bad id'),
      toLine('NOIMAGE', '', 'none.jpg'),
      toLine('NO'),
      toLine('BUG'),
    ]);
    const engine = await open(async (record) => {
      if (record.bucket_truck_id === 'BUG') throw new Error('a bug');
      return { success: record.bucket_truck_id === 'OK', message: 'said so', ad_url: 'https://x.test/1' };
    });
    const id = await engine.start(path);
    expect(await engine.ended(id)).toMatchObject({ status: 'completed', failed_count: 4 });
    const items = await engine.items(id);
    expect(items.map(({ ref, failure }) => [ref, failure?.code])).toEqual([
      ['OK', undefined],
      ['bad id', 'invalid_item'],
      ['NOIMAGE', 'not_found'],
      ['NO', 'rejected'],
      ['BUG', 'internal'],
    ]);
    expect(items[0]?.details).toEqual({
      record_id: 'OK',
      success: true,
      message: 'said so',
      status_update: POSTED,
      ad_url: 'https://x.test/1',
    });
    expect(items[4]?.details).toMatchObject({ success: false, status_update: 'Error: System error' });
  });

  it('tries failed rows again when it is asked to, as they stand in the file then', async () => {
    const path = write([toLine('A'), toLine('B', '', 'none.jpg')]);
    const { posted, postAd } = createPoster();
    const engine = await open(postAd);
    const id = await engine.start(path);
    await engine.ended(id);
    expect(statuses(path)).toEqual([POSTED, 'Error: Image not found']);
    writeFileSync(path, readFileSync(path, 'utf8').replace('none.jpg', 'a.jpg'));
    await engine.api.retryFailed(id, {});
    expect(await engine.ended(id)).toMatchObject({ processed_count: 2, failed_count: 0 });
    expect([posted, statuses(path)]).toEqual([
      ['A', 'B'],
      [POSTED, POSTED],
    ]);
  });

  it('has its file for itself until it has ended: another one over it is refused, naming it', async () => {
    const path = write3();
    const gate = Promise.withResolvers<void>();
    const engine = await open(createPoster(() => gate.promise).postAd);
    const id = await engine.start(path);
    const link = join(dirname(path), 'link.csv');
    symlinkSync(path, link);
    const refused = { code: 'conflict', message: expect.stringContaining(id), extensions: { batch_id: id } };
    await expect(engine.start(link)).rejects.toMatchObject(refused);
    await engine.api.pause(id, { mode: 'soft' });
    await expect(engine.start(path)).rejects.toMatchObject(refused);
    gate.resolve();
    await engine.api.resume(id);
    await engine.ended(id);
    await engine.ended(await engine.start(path, { mode: 'all' }));
  });

  it('that was paused, and whose program was started anew, still has its file', async () => {
    const path = write3();
    const first = await open(yes);
    const id = await first.start(path, {}, { start_at: '2099-01-01T00:00:00Z' });
    await first.end();
    const second = await open(yes, { dataDir: first.dataDir });
    await expect(second.start(path)).rejects.toMatchObject({
      code: 'conflict',
      extensions: { batch_id: id },
    });
    await second.api.cancel(id);
    await second.ended(await second.start(path));
    expect(statuses(path)).toEqual([POSTED, POSTED, POSTED]);
  });

  it('holds while another program changes its file, then takes the changes up and goes on', async () => {
    const path = write3();
    const { posted, postAd } = createPoster((id) => {
      if (id === 'A') change(path, [toLine('NEW', 'hold'), toLine('C', 'sold'), toLine('B'), toLine('A')]);
    });
    const engine = await open(postAd);
    const id = await engine.start(path);
    const { holds } = await engine.until(id, (status) => status.holds.length > 0);
    expect(holds[0]?.reason).toContain('Another program changed the inventory');
    const end = await engine.ended(id);
    expect(end).toMatchObject({ status: 'completed', processed_count: 3, skipped_count: 1 });
    // The user took C out.
    expect(posted).toEqual(['A', 'B']);
    expect(statuses(path)).toEqual(['hold', 'sold', POSTED, POSTED]);
  });

  it('does not post a row that is not in the file any more', async () => {
    const path = write3();
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const { posted, postAd } = createPoster(() => {
      asked.resolve();
      return gate.promise;
    });
    const engine = await open(postAd);
    const id = await engine.start(path);
    await asked.promise;
    await engine.api.pause(id, { mode: 'soft' });
    gate.resolve();
    await engine.until(id, ({ in_flight_count }) => in_flight_count === 0);
    // What is saved and put away when a batch pauses is there before it goes on.
    await engine.end();
    change(path, [toLine('A', POSTED), toLine('C')]);
    const again = await open(postAd, { dataDir: engine.dataDir });
    await again.api.resume(id);
    expect(await again.ended(id)).toMatchObject({ failure_codes: { not_found: 1 } });
    expect(posted).toEqual(['A', 'C']);
    expect(statuses(path)).toEqual([POSTED, POSTED]);
  });

  it('in a dry run checks its rows, asks nobody and leaves the file alone; a plan says the same', async () => {
    const path = write([toLine('A'), toLine('B', '', 'none.jpg')]);
    const before = readFileSync(path);
    const { posted, postAd } = createPoster();
    const engine = await open(postAd);
    const config = { poster: 'test', images_dir: join(dirname(path), 'images') };
    const plan = { operation: 'listings', priority: 5, on_unknown: 'fail', file: path, config } as const;
    expect((await engine.api.plan(plan)).items).toMatchObject([
      { action: 'write' },
      { action: 'fail', failure: { code: 'not_found', message: 'Image not found' } },
    ]);
    const id = await engine.start(path, { dry_run: true });
    expect(await engine.ended(id)).toMatchObject({ processed_count: 1, failed_count: 1 });
    expect([posted, readFileSync(path).equals(before)]).toEqual([[], true]);
  });

  it('reads and writes only where the daemon may', async () => {
    const path = write3();
    const folder = dirname(path);
    const policy = (allowed: (path: string) => boolean): PathPolicy => ({
      source: async (asked) => (allowed(asked) ? null : 'outside'),
      outputFolder: async () => null,
    });
    const engine = await open(yes, { paths: policy((asked) => !asked.endsWith('images')) });
    await expect(engine.start(path)).rejects.toMatchObject({ code: 'forbidden_path' });
    const other = await open(yes, { paths: policy((asked) => asked !== path) });
    await expect(other.start(path)).rejects.toMatchObject({ code: 'forbidden_path' });
    const link = join(folder, 'link.csv');
    symlinkSync(path, link);
    await expect(other.start(link)).rejects.toMatchObject({ code: 'forbidden_path' });
    const noImage = await open(yes, { paths: policy((asked) => !asked.endsWith('a.jpg')) });
    const id = await noImage.start(path);
    expect(await noImage.ended(id)).toMatchObject({ failure_codes: { not_found: 3 } });
  });

  it.each([
    [{ poster: '/etc/poster.ts' }, 'config.poster'],
    [{ poster: 'http://me:secret@x.test/' }, 'config.poster'],
    [{ mode: 'some' }, 'config.mode'],
    [{ save_every: '0%' }, 'config.save_every'],
    [{ images_dir: 'images' }, 'config.images_dir'],
    [{ postr: 'x' }, 'did you mean "poster"'],
  ])('from a request refuses %j, naming it', async (config, named) => {
    const path = write3();
    const engine = await open(yes, { poster: undefined });
    await expect(engine.start(path, { poster: 'http://x.test/', ...config })).rejects.toThrow(named);
  });
});

describe('a row whose post was cut off', () => {
  it('by a crash between post and save is not posted again, and every status is in the file after the next run', async () => {
    const path = write([...Array(6).keys()].map((index) => toLine(number(index))));
    let crash: ReturnType<typeof crashCopy> | undefined;
    const first = createPoster((id) => {
      if (id === 'BT003') crash = crashCopy(engine, path);
    });
    const engine = await open(first.postAd);
    const id = await engine.start(path, { save_every: '100' });
    await engine.ended(id);
    await engine.end();
    crash!.putBack();
    expect(statuses(path)).toEqual(Array(6).fill(''));

    const second = createPoster();
    const again = await open(second.postAd, { dataDir: crash!.dataDir });
    expect(again.api.status(id)).toMatchObject({ status: 'paused', processed_count: 3, failed_count: 1 });
    await again.api.resume(id);
    expect(await again.ended(id)).toMatchObject({ processed_count: 5, failure_codes: { unconfirmed: 1 } });
    expect(second.posted).toEqual(['BT004', 'BT005']);
    expect(statuses(path)).toEqual([POSTED, POSTED, POSTED, UNCONFIRMED, POSTED, POSTED]);
    expect(statuses(`${path}.bak`)).toEqual(Array(6).fill(''));

    // Neither does a new run take it by itself; a person may.
    await expect(again.start(path)).rejects.toThrow('No records to process');
    await again.api.retryFailed(id, {});
    expect(await again.ended(id)).toMatchObject({ processed_count: 6 });
    expect(second.posted.at(-1)).toBe('BT003');
    expect(statuses(path)).toEqual(Array(6).fill(POSTED));
  });

  it('by a crash before the poster was asked is posted', async () => {
    const path = write3();
    let crash: ReturnType<typeof crashCopy> | undefined;
    const looked: string[] = [];
    const paths: PathPolicy = {
      // Asked when a row is checked, right before its post.
      async source(asked) {
        if (asked.endsWith('a.jpg') && looked.push(asked) === 2) crash = crashCopy(engine, path);
        return null;
      },
      outputFolder: async () => null,
    };
    const engine = await open(yes, { paths });
    const id = await engine.start(path);
    await engine.ended(id);
    await engine.end();
    crash!.putBack();
    const { posted, postAd } = createPoster();
    const again = await open(postAd, { dataDir: crash!.dataDir });
    expect(again.api.status(id)).toMatchObject({ processed_count: 1, pending_count: 2, failed_count: 0 });
    await again.api.resume(id);
    expect(await again.ended(id)).toMatchObject({ processed_count: 3 });
    expect(posted).toEqual(['B', 'C']);
  });

  it('by a hard pause is unconfirmed; what was not begun goes on', async () => {
    const path = write3();
    const asked = Promise.withResolvers<void>();
    const { posted, postAd } = createPoster((id, signal) => {
      if (id !== 'B') return;
      asked.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))));
    });
    const engine = await open(postAd);
    const id = await engine.start(path);
    await asked.promise;
    await engine.api.pause(id, { mode: 'hard' });
    await engine.until(id, ({ in_flight_count }) => in_flight_count === 0);
    await engine.api.resume(id);
    expect(await engine.ended(id)).toMatchObject({ failure_codes: { unconfirmed: 1 } });
    expect(posted).toEqual(['A', 'B', 'C']);
    expect(statuses(path)).toEqual([POSTED, UNCONFIRMED, POSTED]);
  });

  it('by a cancel is marked in the file, whatever became of it', async () => {
    const path = write3();
    const asked = Promise.withResolvers<void>();
    const { postAd } = createPoster((id) => {
      if (id !== 'B') return;
      asked.resolve();
      // It takes no notice of being stopped.
      return new Promise(() => {});
    });
    const engine = await open(postAd);
    const id = await engine.start(path, { save_every: '100' });
    await asked.promise;
    await engine.api.cancel(id);
    await engine.until(id, ({ in_flight_count }) => in_flight_count === 0);
    await engine.end();
    expect(statuses(path)).toEqual([POSTED, UNCONFIRMED, '']);
  });

  it('by a crash after a cancel is marked in the file at the next start', async () => {
    const path = write3();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const { postAd } = createPoster((id) => {
      if (id !== 'B') return;
      asked.resolve();
      return answered.promise;
    });
    const engine = await open(postAd);
    const id = await engine.start(path, { save_every: '100' });
    await asked.promise;
    const cancelled = engine.api.cancel(id);
    await engine.until(id, ({ status }) => status === 'cancelled');
    const crash = crashCopy(engine, path);
    answered.resolve();
    await cancelled;
    await engine.end();
    crash.putBack();
    const again = await open(yes, { dataDir: crash.dataDir });
    expect(again.api.status(id).status).toBe('cancelled');
    await again.end();
    expect(statuses(path)).toEqual([POSTED, UNCONFIRMED, '']);
  });

  it('keeps what the user wrote into the file meanwhile', async () => {
    const path = write3();
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const { posted, postAd } = createPoster((id) => {
      if (id !== 'B') return;
      asked.resolve();
      return gate.promise;
    });
    const engine = await open(postAd);
    const id = await engine.start(path);
    await asked.promise;
    await engine.api.pause(id, { mode: 'soft' });
    gate.resolve();
    await engine.until(id, ({ in_flight_count }) => in_flight_count === 0);
    await engine.end();
    expect(statuses(path)).toEqual([POSTED, POSTED, '']);
    change(path, [toLine('A', 'sold'), toLine('B', ''), toLine('C', 'hold')]);
    const again = await open(postAd, { dataDir: engine.dataDir });
    await again.api.resume(id);
    expect(await again.ended(id)).toMatchObject({ status: 'completed', skipped_count: 1 });
    expect(posted).toEqual(['A', 'B']);
    // An emptied cell would have the row posted a second time.
    expect(statuses(path)).toEqual(['sold', POSTED, 'hold']);
  });

  it('has its status written when its file comes back', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const { postAd } = createPoster((id) => {
      if (id === 'B') rmSync(path);
    });
    const engine = await open(postAd);
    const id = await engine.start(path, { save_every: '100' });
    const content = readFileSync(path);
    const { holds } = await engine.until(id, (status) => status.holds.length > 0);
    expect(holds[0]?.reason).toContain('The inventory is gone');
    writeFileSync(path, content);
    expect(await engine.ended(id)).toMatchObject({ status: 'completed' });
    expect(statuses(path)).toEqual([POSTED, POSTED]);
  });
});
