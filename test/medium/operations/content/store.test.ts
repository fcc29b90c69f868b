import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../../bridge/errors.ts';
import type { ContentChange } from '../../../../bridge/operations/content/change.ts';
import { MirrorQueue } from '../../../../bridge/operations/content/mirror-queue.ts';
import type { ContentMirror, MirrorEnd } from '../../../../bridge/operations/content/ports.ts';
import { adoptContentItem, runContentItem } from '../../../../bridge/operations/content/run-item.ts';
import { type ContentStore, openContentStore } from '../../../../bridge/operations/content/store.ts';
import type { MirrorJob } from '../../../../bridge/operations/content/store-entries.ts';
import { openAppendLog } from '../../../../bridge/store/append-log.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const now = () => '2026-11-22T10:00:00.000Z';
const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'content-')), 'content.log');
async function open(path = newPath(), staleLimit = 10_000): Promise<ContentStore> {
  const store = await openContentStore({ openLog: openAppendLog, path, now, staleLimit });
  closers.push(() => store.close());
  return store;
}

const price = (newPrice: number): ContentChange => ({
  operationType: 'update-price',
  updatePayload: { newPrice },
});
const remove: ContentChange = {
  operationType: 'remove',
  updatePayload: { removalReason: 'Batch removal by creator' },
};
const signal = new AbortController().signal;
const item = (contentId: string | number, change: ContentChange, token = `b:${contentId}`) => ({
  contentId,
  creator: 'SP1',
  change,
  token,
});

describe('content records', () => {
  it('are changed by their owner; unknown ids and those of another creator fail alone', async () => {
    const path = newPath();
    const store = await open(path);
    await store.load([
      { id: 'a', creator: 'SP1', price: 1 },
      { id: 7, creator: 'SP1' },
      { id: 'c', creator: 'SP2', price: 1 },
    ]);
    const parts = { store, mirror: null, now };
    const ends = [];
    for (const id of ['a', '7', 'c', 'unknown'])
      ends.push(await runContentItem(parts, item(id, price(1000000)), signal));
    const done = (contentId: string) => ({
      kind: 'settled',
      result: { contentId, success: true, message: 'Price updated to 1000000 STX', timestamp: now() },
    });
    const failed = (contentId: string) => ({
      kind: 'settled',
      result: {
        contentId,
        success: false,
        error: 'Content not found or not owned by creator',
        timestamp: now(),
      },
    });
    expect(ends).toEqual([done('a'), done('7'), failed('c'), failed('unknown')]);
    await store.close();
    const again = await open(path);
    expect(await Promise.all(['a', 7, 'c'].map((id) => again.get(id)))).toEqual([
      { id: 'a', creator: 'SP1', price: 1000000 },
      { id: 7, creator: 'SP1', price: 1000000 },
      { id: 'c', creator: 'SP2', price: 1 },
    ]);
  });

  it('removal is soft and keeps its first date and reason', async () => {
    const store = await open();
    await store.load([{ id: 'a', creator: 'SP1', title: 't' }]);
    const parts = { store, mirror: null, now };
    await runContentItem(parts, item('a', remove, 'b:1'), signal);
    const removed = {
      id: 'a',
      creator: 'SP1',
      title: 't',
      isRemoved: true,
      removedAt: now(),
      removalReason: 'Batch removal by creator',
    };
    expect(await store.get('a')).toEqual(removed);
    const other: ContentChange = { operationType: 'remove', updatePayload: { removalReason: 'other' } };
    expect(await runContentItem(parts, item('a', other, 'b:2'), signal)).toMatchObject({
      result: { success: true },
    });
    expect(await store.get('a')).toEqual(removed);
  });

  it('metadata changes only what is named', async () => {
    const store = await open();
    await store.load([{ id: 'a', creator: 'SP1', title: 't', extra: [1] }]);
    const change: ContentChange = {
      operationType: 'update-metadata',
      updatePayload: { title: 'new', refundable: true },
    };
    expect(await runContentItem({ store, mirror: null, now }, item('a', change), signal)).toMatchObject({
      result: { message: 'Metadata updated: title, refundable' },
    });
    expect(await store.get('a')).toEqual({
      id: 'a',
      creator: 'SP1',
      title: 'new',
      refundable: true,
      extra: [1],
    });
  });

  it('a change counts once, also after a crash and when another came after it', async () => {
    const path = newPath();
    const before = await open(path);
    await before.load([{ id: 'a', creator: 'SP1' }]);
    const first = item('a', price(1), 'b1:0');
    expect(adoptContentItem({ store: before, mirror: null, now }, first)).toBeNull();
    await runContentItem({ store: before, mirror: null, now }, first, signal);
    await runContentItem({ store: before, mirror: null, now }, item('a', price(2), 'b2:0'), signal);
    await before.close();
    const store = await open(path);
    expect(adoptContentItem({ store, mirror: null, now }, first)).toMatchObject({ success: true });
    expect(await runContentItem({ store, mirror: null, now }, first, signal)).toMatchObject({
      result: { success: true },
    });
    expect(await store.get('a')).toMatchObject({ price: 2 });
  });

  it('many changes of one record at once all count, in order', async () => {
    const store = await open();
    await store.load([{ id: 'a', creator: 'SP1' }]);
    const parts = { store, mirror: null, now };
    const all = Array.from({ length: 100 }, (_, index) => {
      const change: ContentChange =
        index % 2 === 0
          ? price(index)
          : { operationType: 'update-metadata', updatePayload: { title: `t${index}` } };
      return runContentItem(parts, item('a', change, `b:${index}`), signal);
    });
    await Promise.all(all);
    expect(await store.get('a')).toMatchObject({ price: 98, title: 't99' });
  });

  it('a torn end of the log loses no change that was answered', async () => {
    const path = newPath();
    const before = await open(path);
    await before.load([{ id: 'a', creator: 'SP1' }]);
    await runContentItem({ store: before, mirror: null, now }, item('a', price(3)), signal);
    await before.close();
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('{"half of a rec')]));
    expect(await (await open(path)).get('a')).toMatchObject({ price: 3 });
  });

  it('a log that is mostly out of date is rewritten with all that counts', async () => {
    const path = newPath();
    const before = await open(path);
    await before.load([
      { id: 'a', creator: 'SP1' },
      { id: 'b', creator: 'SP1', title: 'x'.repeat(50) },
    ]);
    for (let index = 0; index < 50; index += 1)
      await before.change({ ...item('a', price(index), `b:${index}`), mirrored: index >= 48 });
    for (let index = 0; index < 50; index += 1)
      await before.load([{ id: 'b', creator: 'SP1', price: index }]);
    await before.close();
    const size = statSync(path).size;
    const rewritten = await open(path, 10);
    expect(statSync(path).size).toBeLessThan(size / 2);
    await rewritten.close();
    for (const limit of [10, 10_000]) {
      const store = await open(path, limit);
      expect(await store.get('a')).toMatchObject({ price: 49 });
      expect(await store.get('b')).toEqual({ id: 'b', creator: 'SP1', price: 49 });
      expect(store.jobs().map(({ token }) => token)).toEqual(['b:48', 'b:49']);
      expect(store.isApplied('b:0')).toBe(true);
    }
  });

  it('a store that cannot be written is no failure of the item', async () => {
    const store = await open();
    await store.load([{ id: 'a', creator: 'SP1' }]);
    await store.close();
    expect(await runContentItem({ store, mirror: null, now }, item('a', price(1)), signal)).toMatchObject({
      kind: 'storage',
    });
    expect(
      await runContentItem({ store, mirror: null, now }, item('a', price(1)), AbortSignal.abort()),
    ).toEqual({
      kind: 'stopped',
    });
  });
});

/** A mirror with a ledger of its own, that is down or refuses when told to. */
class Ledger implements ContentMirror {
  readonly sent: MirrorJob[] = [];
  readonly taken: string[] = [];
  state: 'up' | 'down' | 'refusing' = 'up';

  send(job: MirrorJob): Promise<MirrorEnd> {
    this.sent.push(job);
    if (this.state === 'up') this.taken.push(job.token);
    if (this.state === 'up') return Promise.resolve({ kind: 'mirrored' });
    return Promise.resolve({ kind: this.state === 'down' ? 'down' : 'rejected', reason: this.state });
  }
}

async function withLedger(path?: string) {
  const store = await open(path);
  const ledger = new Ledger();
  const clock = { ms: 0 };
  const mirror = new MirrorQueue({ store, mirror: ledger, monotonicMs: () => clock.ms });
  return { store, ledger, clock, mirror, parts: { store, mirror, now } };
}

describe('the mirror', () => {
  it('that is down never blocks or undoes: items succeed with a warning and are queued', async () => {
    const { store, ledger, mirror, parts } = await withLedger();
    await store.load(Array.from({ length: 100 }, (_, id) => ({ id, creator: 'SP1' })));
    ledger.state = 'down';
    for (let id = 0; id < 100; id += 1) {
      const end = await runContentItem(parts, item(id, price(5)), signal);
      expect(end).toMatchObject({
        result: { success: true, warning: 'Not mirrored yet (down); queued for mirror retry' },
      });
    }
    expect(await store.get(99)).toMatchObject({ price: 5 });
    expect(mirror.length).toBe(100);
    // Asked once, then left in peace.
    expect(ledger.sent).toHaveLength(1);

    expect(await mirror.retry(signal)).toMatchObject({ tried: 1, mirrored: 0, left: 100 });
    ledger.state = 'up';
    expect(await mirror.retry(signal)).toEqual({ tried: 100, mirrored: 100, left: 0, errors: [] });
    expect(new Set(ledger.taken).size).toBe(100);
    expect(mirror.length).toBe(0);
  });

  it('is asked again after its rest, and gets the changes of a record in order', async () => {
    const { store, ledger, clock, parts } = await withLedger();
    await store.load([{ id: 'a', creator: 'SP1' }]);
    ledger.state = 'down';
    await runContentItem(parts, item('a', price(1), 'b:1'), signal);
    ledger.state = 'up';
    await runContentItem(parts, item('a', price(2), 'b:2'), signal);
    expect(ledger.taken).toEqual([]);
    clock.ms = 30_000;
    expect(await runContentItem(parts, item('a', remove, 'b:3'), signal)).not.toHaveProperty(
      'result.warning',
    );
    expect(ledger.taken).toEqual(['b:1', 'b:2', 'b:3']);
    expect(store.jobs()).toEqual([]);
  });

  it('never gets an older price after a newer one', async () => {
    const { store, ledger, mirror, parts } = await withLedger();
    await store.load([{ id: 'a', creator: 'SP1' }]);
    ledger.state = 'refusing';
    await runContentItem(parts, item('a', price(1), 'b:1'), signal);
    ledger.send = (job) => {
      if (job.token !== 'b:1') ledger.taken.push(job.token);
      return Promise.resolve(job.token === 'b:1' ? { kind: 'rejected', reason: 'no' } : { kind: 'mirrored' });
    };
    await runContentItem(parts, item('a', price(2), 'b:2'), signal);
    expect(ledger.taken).toEqual(['b:2']);
    expect(await mirror.retry(signal)).toEqual({ tried: 0, mirrored: 0, left: 0, errors: [] });
  });

  it('is owed what a crash cut off', async () => {
    const path = newPath();
    const first = await withLedger(path);
    await first.store.load([{ id: 'a', creator: 'SP1' }]);
    await first.store.change({ ...item('a', price(1), 'b:1'), mirrored: true });
    await first.store.close();
    const { mirror, ledger, parts } = await withLedger(path);
    expect(adoptContentItem(parts, item('a', price(1), 'b:1'))).toMatchObject({
      success: true,
      warning: expect.stringContaining('queued for mirror retry'),
    });
    expect(await mirror.retry(signal)).toMatchObject({ mirrored: 1, left: 0 });
    expect(ledger.taken).toEqual(['b:1']);
  });
});

it('a log that refuses is tried again only when it is asked whether it can be written, and what that leaves means nothing', async () => {
  const path = newPath();
  let isFull = false;
  const openLog: typeof openAppendLog = async (file, onRecord, options) => {
    const log = await openAppendLog(file, onRecord, options);
    return {
      get end() {
        return log.end;
      },
      read: (offset) => log.read(offset),
      readMany: (offsets) => log.readMany(offsets),
      close: () => log.close(),
      append: (payloads) =>
        isFull ? Promise.reject(new BridgeError('disk_full', 'the disk is full')) : log.append(payloads),
    };
  };
  const store = await openContentStore({ openLog, path, now });
  await store.load([{ id: 'a', creator: 'SP1', price: 1 }]);
  expect(await store.probe()).toBeNull();
  isFull = true;
  const end = await runContentItem({ store, mirror: null, now }, item('a', price(5)), signal);
  expect(end).toMatchObject({ kind: 'storage' });
  expect(await store.probe()).toBe('the disk is full');
  isFull = false;
  expect(await store.probe()).toBeNull();
  await store.close();
  const reopened = await open(path);
  expect(reopened.count).toBe(1);
  expect(await reopened.get('a')).toMatchObject({ price: 1 });
});
