import { constants } from 'node:fs';
import { mkdtemp, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AppendLogOptions, openAppendLog } from '../../../bridge/store/append-log.ts';
import type { ByteRange } from '../../../bridge/store/record-scanner.ts';
import { createFaultyDisk } from './faulty-disk.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'append-log-'));
});

async function replayed(path: string, options: AppendLogOptions = {}): Promise<unknown[]> {
  const seen: unknown[] = [];
  const log = await openAppendLog(path, (payload) => seen.push(payload), options);
  await log.close();
  return seen;
}

describe('append log', () => {
  it('gives back in order, after opening again, what it acknowledged', async () => {
    const path = join(folder, 'deep', 'a.log');
    const log = await openAppendLog(path, () => {});
    const offsets = (
      await Promise.all([log.append([1, { a: 'ü\n' }]), log.append([[]]), log.append([])])
    ).flat();
    expect(await Promise.all(offsets.map((offset) => log.read(offset)))).toEqual([1, { a: 'ü\n' }, []]);
    await log.close();
    expect(await replayed(path)).toEqual([1, { a: 'ü\n' }, []]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'deep'))).mode & 0o777).toBe(0o700);
  });

  it('replays only what lies behind the place it is told to begin at', async () => {
    const path = join(folder, 'a.log');
    const log = await openAppendLog(path, () => {});
    await log.append(['old']);
    const from = log.end;
    await log.append(['new']);
    await log.close();
    expect(await replayed(path, { from })).toEqual(['new']);
  });

  it('answers undefined for an offset where no record begins, and reads records of any length', async () => {
    const log = await openAppendLog(join(folder, 'a.log'), () => {});
    const long = 'x'.repeat(300_000);
    const [first, second] = await log.append([long, 'y']);
    expect(await log.read(first!)).toBe(long);
    expect(await log.read(second!)).toBe('y');
    expect(await log.read(first! + 1)).toBeUndefined();
    expect(await log.read(log.end.offset)).toBeUndefined();
    expect(await log.read(1e9)).toBeUndefined();
    await log.close();
  });

  it('cuts a torn tail at any byte to the last whole record, tells of it, and goes on', async () => {
    const path = join(folder, 'a.log');
    const log = await openAppendLog(path, () => {});
    const ends: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      await log.append([{ index }]);
      ends.push(log.end.offset);
    }
    await log.close();
    const bytes = await readFile(path);
    for (let length = 0; length <= bytes.length; length += 1) {
      await writeFile(path, bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length;
      const told: ByteRange[] = [];
      const keep = async (_path: string, range: ByteRange) => void told.push(range);
      const again = await openAppendLog(path, () => {}, { onDamage: keep });
      const good = ends[whole - 1] ?? 0;
      expect(told).toEqual(good === length ? [] : [{ start: good, end: length }]);
      expect((await stat(path)).size).toBe(good);
      await again.append(['after']);
      await again.close();
      expect(await replayed(path)).toEqual([
        ...Array.from({ length: whole }, (_, index) => ({ index })),
        'after',
      ]);
    }
  });

  it('survives any flipped bit: what lies before is kept, what lies behind is found again', async () => {
    const path = join(folder, 'a.log');
    const log = await openAppendLog(path, () => {});
    const offsets = await log.append([{ n: 0 }, { n: 1, text: 'PB1 10 deadbeef' }, { n: 2 }, { n: 3 }]);
    await log.close();
    const bytes = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at] = flipped[at]! ^ (1 << bit);
        await writeFile(path, flipped);
        const hit = offsets.filter((offset) => offset <= at).length - 1;
        const expected = [0, 1, 2, 3].filter((n) => n !== hit);
        expect((await replayed(path)).map((payload) => (payload as { n: number }).n)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('needs far fewer syncs than appends when many come at once', async () => {
    const disk = createFaultyDisk();
    const log = await openAppendLog(join(folder, 'a.log'), () => {}, { open: disk.open });
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.append([n])));
    expect(disk.count('datasync')).toBeLessThan(10);
    await log.close();
    expect(await replayed(join(folder, 'a.log'))).toHaveLength(500);
  });

  it('never syncs a file again whose sync failed, refuses that append, and keeps all others', async () => {
    const path = join(folder, 'a.log');
    const disk = createFaultyDisk();
    const log = await openAppendLog(path, () => {}, { open: disk.open });
    await log.append(['kept']);
    disk.failNext('datasync', 'EIO');
    await expect(log.append(['refused'])).rejects.toMatchObject({ code: 'read_only' });
    await log.append(['later']);
    expect(disk.syncsAfterFailure()).toBe(0);
    expect(await log.read(0)).toBe('kept');
    await log.close();
    expect(await replayed(path)).toEqual(['kept', 'later']);
  });

  it('refuses with disk_full when a write finds no space, and works when there is some', async () => {
    const path = join(folder, 'a.log');
    const disk = createFaultyDisk();
    const log = await openAppendLog(path, () => {}, { open: disk.open });
    await log.append(['kept']);
    disk.failNext('write', 'ENOSPC');
    await expect(log.append(['refused'])).rejects.toMatchObject({ code: 'disk_full' });
    await log.append(['later']);
    await log.close();
    expect(await replayed(path)).toEqual(['kept', 'later']);
  });

  it.each(['write', 'datasync'] as const)(
    'has nothing refused in it after a failed %s and a restart',
    async (call) => {
      const path = join(folder, 'a.log');
      const disk = createFaultyDisk();
      const log = await openAppendLog(path, () => {}, { open: disk.open });
      await log.append(['kept']);
      disk.failNext(call, 'EIO');
      await expect(log.append([1, 2, 3, 4])).rejects.toMatchObject({ code: 'read_only' });
      await log.close();
      expect(await replayed(path)).toEqual(['kept']);
    },
  );

  it('refuses to append after close, and finishes what was under way', async () => {
    const path = join(folder, 'a.log');
    const log = await openAppendLog(path, () => {});
    const underWay = log.append(['x']);
    await log.close();
    await underWay;
    await expect(log.append(['y'])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await replayed(path)).toEqual(['x']);
  });

  it('finds records that cross the pieces a long file is read in', async () => {
    const path = join(folder, 'a.log');
    const log = await openAppendLog(path, () => {});
    const payloads = Array.from({ length: 40 }, (_, n) => ({ n, pad: 'p'.repeat(n * 5000) }));
    await log.append(payloads);
    await log.close();
    expect(await replayed(path)).toEqual(payloads);
    await truncate(path, log.end.offset - 1);
    expect(await replayed(path)).toEqual(payloads.slice(0, -1));
  });

  it('opens no folder and no FIFO', async () => {
    const handle = await open(folder, constants.O_RDONLY);
    await handle.close();
    await expect(openAppendLog(folder, () => {})).rejects.toThrow();
  });
});
