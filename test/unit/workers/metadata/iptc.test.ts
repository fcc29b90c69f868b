import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyrightIptc, toIim, toPhotoshopBlock } from '../../../../workers/metadata/iptc.ts';
import { damaged, iimDataset } from './blocks.ts';

const iim = Buffer.concat([
  iimDataset(1, 90, '\x1b%G'),
  iimDataset(2, 0, '\0\x04'),
  iimDataset(2, 25, 'keyword'),
  iimDataset(2, 80, 'Ann Author'),
  iimDataset(2, 116, '© Ann'),
]);

describe('IPTC records', () => {
  it('are found bare, and inside Photoshop resources', () => {
    expect(toIim(iim)).toEqual(iim);
    expect(toIim(toPhotoshopBlock(iim))).toEqual(iim);
    const other = Buffer.from('8BIM\x03\xed\x03abc\0\0\0\x03xyz\0', 'latin1');
    expect(toIim(Buffer.concat([other, toPhotoshopBlock(iim).subarray(14)]))).toEqual(iim);
  });

  it('lose the padding behind them', () => {
    expect(toIim(Buffer.concat([iim, Buffer.alloc(3)]))).toEqual(iim);
  });

  it('end where a record is cut short', () => {
    expect(toIim(iim.subarray(0, iim.length - 1))).toEqual(iim.subarray(0, iim.lastIndexOf(0x1c)));
  });

  it('are null where there are none', () => {
    expect(toIim(Buffer.from('Photoshop 3.0\0'))).toBeNull();
    expect(toIim(Buffer.alloc(0))).toBeNull();
  });

  it('keep by-line, copyright notice and their character set under the copyright policy', () => {
    const kept = copyrightIptc(iim);
    expect(kept?.includes('Ann Author')).toBe(true);
    expect(kept?.includes('© Ann')).toBe(true);
    expect(kept?.includes('%G')).toBe(true);
    expect(kept?.includes('keyword')).toBe(false);
    expect(copyrightIptc(iimDataset(2, 25, 'keyword'))).toBeNull();
  });

  it('never throw when damaged', () => {
    fc.assert(
      fc.property(fc.oneof(damaged(iim), damaged(toPhotoshopBlock(iim))), (block) => {
        const found = toIim(block);
        if (found !== null) copyrightIptc(found);
      }),
      { numRuns: 500 },
    );
  });
});
