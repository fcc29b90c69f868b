import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followLines, readLastLines } from '../../../bridge/cli/log-file.ts';
import { createDaemonLog } from '../../../bridge/log.ts';
import { RotatingFile, toRotatedPath } from '../../../bridge/logging/rotating-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'pb-rotate-'));
  path = join(folder, 'bridge.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (number: number) => readFileSync(toRotatedPath(path, number), 'utf8');
const linesOf = (numbers: readonly number[]) =>
  numbers.flatMap((number) => read(number).split('\n').slice(0, -1));
const toLine = (number: number) => `line ${number} ${'x'.repeat(number % 40)}`;

describe('a rotating file', () => {
  it('keeps every line whole and in order, no file above its size, and no more files than asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ maxBytes: fc.integer({ min: 60, max: 500 }), keep: fc.integer({ min: 0, max: 4 }) }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }),
        async (limits, bursts) => {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
          const file = new RotatingFile(path, () => limits);
          let count = 0;
          for (const burst of bursts) {
            for (let left = burst; left > 0; left--) file.write(`${toLine(count++)}\n`);
            await file.flush();
          }
          await file.close();
          const names = readdirSync(folder);
          expect(names.length).toBeLessThanOrEqual(limits.keep + 1);
          for (const name of names)
            expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(limits.maxBytes);
          const numbers = names.map((_, index) => names.length - 1 - index);
          const kept = linesOf(numbers);
          const all = Array.from({ length: count }, (_, index) => toLine(index));
          expect(kept).toEqual(all.slice(all.length - kept.length));
          if (names.length <= limits.keep) expect(kept).toEqual(all);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on with what an earlier run left, and follows changed limits', async () => {
    writeFileSync(path, 'old\n'.repeat(20));
    for (const number of [1, 2, 5]) writeFileSync(toRotatedPath(path, number), `aside ${number}\n`);
    writeFileSync(join(folder, 'bridge.x.log'), 'not ours');
    let limits = { maxBytes: 100, keep: 5 };
    const file = new RotatingFile(path, () => limits);
    file.write('short\n');
    await file.flush();
    expect(read(0)).toBe(`${'old\n'.repeat(20)}short\n`);
    file.write(`${'y'.repeat(30)}\n`);
    await file.flush();
    expect([read(1), read(2), read(3)]).toEqual([`${'old\n'.repeat(20)}short\n`, 'aside 1\n', 'aside 2\n']);
    limits = { maxBytes: 20, keep: 1 };
    file.write('z\n');
    await file.close();
    expect(readdirSync(folder).sort()).toEqual(['bridge.1.log', 'bridge.log', 'bridge.x.log']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is made anew when somebody moves it away or removes it', async () => {
    const file = new RotatingFile(path, () => ({ maxBytes: 1e6, keep: 1 }));
    file.write('one\n');
    await file.flush();
    renameSync(path, join(folder, 'moved'));
    const isBack = async () => {
      file.write('two\n');
      await file.flush();
      return readdirSync(folder).includes('bridge.log');
    };
    await expect.poll(isBack, { timeout: 10_000 }).toBe(true);
    unlinkSync(path);
    await file.close();
  });

  it('keeps the lines while it cannot be written, counts those above its memory, and writes on', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    const file = new RotatingFile(path, () => ({ maxBytes: 1e7, keep: 1 }));
    const long = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 1500; count++) file.write(long);
    await file.flush();
    unlinkSync(folder);
    mkdirSync(folder);
    file.write('dropped, too: the memory is full\n');
    await file.flush();
    file.write('after\n');
    await file.close();
    const lines = read(0).split('\n').slice(0, -1);
    expect(lines.filter((line) => line.startsWith('x')).length).toBe(1024);
    expect(JSON.parse(lines[1024] ?? '')).toMatchObject({
      level: 40,
      lines: 477,
      msg: 'log lines were lost',
    });
    expect(lines.at(-1)).toBe('after');
  });

  it('is nothing to the daemon on a disk that takes no byte', async () => {
    const file = new RotatingFile('/dev/full', () => ({ maxBytes: 1e6, keep: 1 }));
    for (let count = 0; count < 100; count++) {
      file.write('line\n');
      await file.flush();
    }
    await file.close();
    file.flushSync();
  });
});

describe('following the log', () => {
  it('misses no line and repeats none, however often the file is put aside', async () => {
    const file = new RotatingFile(path, () => ({ maxBytes: 300, keep: 50 }));
    file.write(`${toLine(0)}\n`);
    await file.flush();
    const last = await readLastLines(path, 10);
    expect(last?.lines).toEqual([toLine(0)]);
    const stop = new AbortController();
    const seen: string[] = [];
    const total = 600;
    const follow = (async () => {
      for await (const line of followLines(path, last!.place, stop.signal)) {
        seen.push(line);
        if (seen.length === total) stop.abort();
      }
    })();
    for (let count = 1; count <= total; count++) {
      file.write(`${toLine(count)}\n`);
      // Now and then the reader gets a look, now and then several files go by between two looks.
      if (count % 7 === 0) await file.flush();
      if (count % 200 === 0) await expect.poll(() => seen.length).toBe(count);
    }
    await file.close();
    await follow;
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => toLine(index + 1)));
  });

  it('begins with the last lines, over several files', async () => {
    writeFileSync(path, 'e\nf\n');
    writeFileSync(toRotatedPath(path, 1), 'c\nd\n');
    writeFileSync(toRotatedPath(path, 2), 'a\nb\n');
    for (const [count, lines] of [
      [1, 'f'],
      [2, 'ef'],
      [3, 'def'],
      [5, 'bcdef'],
      [9, 'abcdef'],
      [0, ''],
    ] as const)
      expect((await readLastLines(path, count))?.lines.join('')).toBe(lines);
  });
});

describe('the log of the daemon', () => {
  it('follows its settings while it runs, and holds no secret', async () => {
    const { log, configure, close } = createDaemonLog({ level: 'info', max_mb: 0.01, keep: 2 }, path, {
      isTerminal: false,
      isColoured: false,
    });
    log.debug('unseen');
    log.info({ path: '/ws?token=hunter2hunter2' }, 'seen');
    configure({ level: 'error', max_mb: 0.01, keep: 1 });
    log.info('unseen');
    configure({ level: 'info', max_mb: 0.01, keep: 1 });
    for (let count = 0; count < 500; count++) log.info({ count, text: 'x'.repeat(40) }, 'many');
    await close();
    expect(readdirSync(folder).sort()).toEqual(['bridge.1.log', 'bridge.log']);
    expect(read(1) + read(0)).not.toMatch(/unseen|hunter2/);
    expect(JSON.parse(read(0).trim().split('\n').at(-1) ?? '')).toMatchObject({ count: 499 });
  });
});
