import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PathPolicy } from '../../../../bridge/batch/ports.ts';
import { number, statuses, toLine, write } from './inventory-files.ts';
import { crashCopy, POSTED, UNCONFIRMED, useListings } from './listings-engine.ts';
import { change, createPoster, write3, yes } from './listings-scene.ts';

const open = useListings();

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
