import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PathPolicy } from '../../../../bridge/batch/ports.ts';
import { statuses, toLine, write } from './inventory-files.ts';
import { POSTED, useListings } from './listings-engine.ts';
import { change, createPoster, write3, yes } from './listings-scene.ts';

const open = useListings();

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
