import { describe, expect, it } from 'vitest';
import { blameFor } from '../../../bridge/batch/host-deaths.ts';
import { ItemTable } from '../../../bridge/batch/item-table.ts';
import type { LostEnd } from '../../../bridge/batch/ports.ts';

const kill: LostEnd = { kind: 'lost', reason: 'SIGKILL', cause: 'kill' };
const items = () => new ItemTable(new Float64Array([1, 2, 3]));

describe('blame for a host death', () => {
  it('never falls on a photo whose host was killed beside others, however often', () => {
    const table = items();
    for (let round = 0; round < 100; round += 1) {
      expect(blameFor(table, { index: 0, alone: false, end: kill })).toEqual({
        kind: 'suspect',
        isCrash: false,
        waitMs: 0,
      });
    }
  });

  it('for kills of a photo alone waits ever longer, and ends at the tenth without counting a crash', () => {
    const table = items();
    const waits: number[] = [];
    for (;;) {
      const blame = blameFor(table, { index: 0, alone: true, end: kill });
      expect(blame.isCrash).toBe(false);
      if (blame.kind === 'guilty') {
        expect(blame.failure).toMatchObject({ code: 'decoder_crash', retryable: false });
        expect(blame.failure.message).toContain('retry-failed tries it again');
        break;
      }
      waits.push(blame.waitMs / 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
  });

  it('starts anew when the photo was done or is asked for again', () => {
    const table = items();
    for (let round = 0; round < 9; round += 1) blameFor(table, { index: 0, alone: true, end: kill });
    table.take();
    table.settle(0, 'failed', 1, 'decoder_crash');
    table.reopen(0);
    expect(blameFor(table, { index: 0, alone: true, end: kill })).toMatchObject({ waitMs: 1000 });
  });
});
