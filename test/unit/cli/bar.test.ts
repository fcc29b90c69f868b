import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNews, renderBar, renderBars, renderClosing, renderLine } from '../../../bridge/cli/bar.ts';
import { toBatchesExitCode } from '../../../bridge/cli/exit-codes.ts';
import { toTable } from '../../../bridge/cli/table.ts';
import { createTerminal, type Paint } from '../../../bridge/cli/terminal.ts';
import { widthOf } from '../../../bridge/cli/text-width.ts';
import { parseDuration, toDuration, toSize } from '../../../bridge/cli/wording.ts';
import { createStatus } from '../../helpers/statuses.ts';

const plain: Paint = (_colour, text) => text;
const halfway = createStatus({
  processed_count: 45,
  failed_count: 5,
  progress_percent: 50,
  pending_count: 48,
  in_flight_count: 2,
  eta_seconds: 90,
  photos_per_minute: 33.4,
});

describe('bar', () => {
  it('shows share, counts, failures, time left and rate', () => {
    const bar = renderBar(halfway, 100, plain);
    expect(bar).toBe(`${'█'.repeat(20)}${'░'.repeat(20)}  50.0 %  50/100  5 failed  1–2 min left  33/min`);
  });

  it('gives the reason of a hold of all batches once', () => {
    const hold = { owner: 'safe_mode', reason: 'safe mode', since: '2026-01-01T00:00:00.000Z' };
    const backoff = { limit: 0, capacity: 2, reason: 'safe mode' };
    expect(renderLine({ ...halfway, holds: [hold], backoff }).split('safe mode')).toHaveLength(2);
    const slowed = { ...backoff, limit: 1, reason: 'the machine is busy' };
    expect(renderLine({ ...halfway, holds: [hold], backoff: slowed })).toContain(
      '1 of 2: the machine is busy',
    );
  });

  it('names the state of a batch that does not run, and what a pause still waits for', () => {
    expect(renderBar({ ...halfway, status: 'paused' }, 100, plain)).toContain('paused (2 in flight finish)');
    expect(renderBar({ ...halfway, status: 'paused', in_flight_count: 0 }, 100, plain)).toContain(
      '  paused  ',
    );
  });

  it('says why a running batch is held back', () => {
    const holds = [{ owner: 'storage', reason: 'output folder is full', since: '' }];
    expect(renderBar({ ...halfway, holds }, 120, plain)).toContain('held: output folder is full');
  });

  it('never is wider than the terminal', () => {
    const statuses = fc.record({
      columns: fc.integer({ min: 30, max: 200 }),
      settled: fc.integer({ min: 0, max: 1_000_000 }),
      total: fc.integer({ min: 1_000_000, max: 1_000_000 }),
      eta: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
      reason: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme-ascii' }),
    });
    fc.assert(
      fc.property(statuses, ({ columns, settled, total, eta, reason }) => {
        const batch = createStatus({
          total_photos: total,
          processed_count: settled,
          progress_percent: (100 * settled) / total,
          eta_seconds: eta,
          holds: [{ owner: 'cpu', reason, since: '' }],
        });
        expect(renderBar(batch, columns, plain).length).toBeLessThan(columns);
      }),
    );
  });

  it('is filled only when everything is settled', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (processed_count) => {
        const batch = createStatus({ total_photos: 1000, processed_count, progress_percent: 0 });
        expect(renderBar(batch, 80, plain).includes('░')).toBe(processed_count < 1000);
      }),
    );
  });
});

describe('bars of several batches', () => {
  const captions = {
    ...halfway,
    batch_id: 'batch_ba9876543210',
    operation: 'captions' as const,
    total_photos: 7,
  };

  it('stand in columns: id, bar, share, counts, what is to be said', () => {
    const backoff = { limit: 1, capacity: 8, reason: 'another program uses 91 % CPU' };
    const lines = renderBars(
      [
        { ...halfway, backoff },
        { ...captions, status: 'paused' },
      ],
      140,
      plain,
    );
    expect(lines).toEqual([
      `batch_0123456789ab  ${'█'.repeat(12)}${'░'.repeat(12)}  50.0 %  50/100  5 failed  1–2 min left  33/min  1 of 8: another program uses 91 % CPU`,
      `batch_ba9876543210  ${'█'.repeat(24)}  50.0 %    50/7  paused (2 in flight finish)  5 failed`,
    ]);
  });

  it('fit any terminal, with any words of others in them', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.array(word, { maxLength: 5 }), (columns, reasons) => {
        const batches = reasons.map((reason) =>
          createStatus({
            holds: [{ owner: 'client:x', reason, since: '' }],
            eta_seconds: 70,
            processed_count: 30,
          }),
        );
        for (const line of [
          ...renderBars(batches, columns, plain),
          ...batches.map((each) => renderBar(each, columns, plain)),
        ]) {
          expect(widthOf(line)).toBeLessThan(columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  it('speak of items where a batch develops no photos', () => {
    expect(
      renderClosing({
        ...captions,
        status: 'completed',
        failed_count: 0,
        pending_count: 0,
        processed_count: 1,
      }),
    ).toBe('batch_ba9876543210 completed. 1 item processed.');
  });
});

describe('exit code of several', () => {
  const done = createStatus({ status: 'completed', processed_count: 100 });
  const some = createStatus({ status: 'completed', processed_count: 99, failed_count: 1 });
  const all = createStatus({ status: 'failed', failed_count: 100 });
  const cancelled = createStatus({ status: 'cancelled' });
  it.each([
    [[], 0],
    [[done, done], 0],
    [[done, some], 6],
    [[done, all], 6],
    [[all, all], 7],
    [[all, cancelled], 1],
  ])('is as of one batch of all their items', (batches, code) => {
    expect(toBatchesExitCode(batches)).toBe(code);
  });
});

describe('plain lines', () => {
  it('say the same in one line', () => {
    expect(renderLine(halfway)).toBe(
      'batch_0123456789ab  running  50/100  50 %  5 failed  1–2 min left  33/min',
    );
  });

  it('are only worth it when counts, state or holds changed', () => {
    expect(isNews(null, halfway)).toBe(true);
    expect(isNews(halfway, { ...halfway, eta_seconds: 80, seq: 9 })).toBe(false);
    expect(isNews(halfway, { ...halfway, processed_count: 46 })).toBe(true);
    expect(isNews(halfway, { ...halfway, status: 'paused' })).toBe(true);
    expect(isNews(halfway, { ...halfway, holds: [{ owner: 'cpu', reason: 'busy', since: '' }] })).toBe(true);
  });

  it('close with what became of all photos', () => {
    const ended = {
      ...halfway,
      status: 'cancelled' as const,
      failure_codes: { damaged_image: 4, timeout: 1 },
    };
    expect(renderClosing({ ...ended, pending_count: 50 })).toBe(
      'batch_0123456789ab cancelled. 45 photos processed, 5 failed (4 damaged_image, 1 timeout), 50 not done.',
    );
  });
});

describe('terminal', () => {
  const collect = (isTTY: boolean, env: Record<string, string>) => {
    const written: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => void written.push(text) };
    return { written, terminal: createTerminal({ stdout: stream, stderr: stream, env }) };
  };

  it('colours only for people, and never against NO_COLOR', () => {
    expect(collect(true, {}).terminal.paint('red', 'x')).toBe('\u001b[31mx\u001b[0m');
    expect(collect(true, { NO_COLOR: '1' }).terminal.paint('red', 'x')).toBe('x');
    expect(collect(false, {}).terminal.paint('red', 'x')).toBe('x');
  });

  it('starts a new line after a live one', () => {
    const { written, terminal } = collect(true, {});
    terminal.redraw('bar');
    terminal.line('done');
    expect(written.join('')).toBe('\rbar\u001b[K\ndone\n');
  });
});

describe('wording', () => {
  it('says times and sizes as people do', () => {
    expect([0, 59.4, 60, 3599, 7620].map(toDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '59 min 59 s',
      '2 h 07 min',
    ]);
    expect([812, 3_400_000].map(toSize)).toEqual(['812 B', '3.4 MB']);
  });

  it('reads spans of time and nothing else', () => {
    expect(['90', '30m', '1.5h', '1d', '1h30m', '2 h 5 min'].map(parseDuration)).toEqual([
      90, 1800, 5400, 86_400, 5400, 7500,
    ]);
    expect(['soon', '', '1h soon', 'h', '3 weeks', '1h30'].map(parseDuration)).toEqual(Array(6).fill(null));
  });

  it('aligns columns', () => {
    expect(
      toTable([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });
});
