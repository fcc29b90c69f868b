import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ColumnRule, toTable } from '../../../bridge/cli/table.ts';
import { createTerminal } from '../../../bridge/cli/terminal.ts';
import { fitEnd, fitMiddle, toPrintable, widthOf } from '../../../bridge/cli/text-width.ts';

describe('width of text', () => {
  it.each([
    ['plain', 5],
    ['日本語', 6],
    ['한글', 4],
    ['👩‍👩‍👧‍👦', 2],
    ['🇩🇪', 2],
    ['é', 1],
    ['█░…', 3],
    ['\u001b[31mred\u001b[0m', 3],
  ])('of %j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('cuts between whole characters, never wider than allowed', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 30 }), (long, width) => {
        const given = toPrintable(long);
        for (const fitted of [fitEnd(given, width), fitMiddle(given, width)]) {
          expect(widthOf(fitted)).toBeLessThanOrEqual(width);
          if (widthOf(given) <= width) expect(fitted).toBe(given);
        }
      }),
    );
    expect(fitEnd('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦…');
    expect(fitMiddle('/photos/2026/trip/IMG_0001.jpg', 20)).toBe('/photo…/IMG_0001.jpg');
  });

  it('shows what would move the cursor or turn the text as a picture of it', () => {
    expect(toPrintable('a\nb\u001b[2Jc\u202ed\u009be')).toBe('a␊b␛[2Jc\ufffdd\ufffde');
  });
});

describe('tables', () => {
  const rules: (ColumnRule | null)[] = [null, { cut: 'middle', min: 6 }, { cut: 'end', min: 4, drop: 1 }];

  it('are as wide as they come where nobody looks', () => {
    const rows = [
      ['1', 'x'.repeat(300), 'end'],
      ['22', '日本', ''],
    ];
    expect(toTable(rows)).toEqual([`1   ${'x'.repeat(300)}  end`, '22  日本']);
  });

  it('keep columns in line behind wide characters', () => {
    expect(
      toTable([
        ['日本', 'a'],
        ['xyz', 'b'],
        ['🙂', 'c'],
      ]),
    ).toEqual(['日本  a', 'xyz   b', '🙂    c']);
  });

  it('shrink what may shrink, then leave out what may go, the ids whole', () => {
    const rows = [['batch_0123456789ab', '/a/very/long/path/to/some/photo.jpg', 'a long story about it']];
    expect(toTable(rows, { width: 60, rules })).toEqual([
      expect.stringMatching(/^batch_0123456789ab {2}\S+photo\.jpg {2}a long sto/),
    ]);
    expect(toTable(rows, { width: 28, rules })).toEqual([
      expect.stringMatching(/^batch_0123456789ab {2}\S*…\S*jpg$/),
    ]);
  });

  it('never wrap, whatever is in them and however narrow it is', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 50 });
    const row = fc.tuple(fc.stringMatching(/^[a-z_0-9]{1,18}$/), cell, cell).map((cells) => [...cells]);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 120 }), (rows, width) => {
        for (const line of toTable(rows, { width, rules })) {
          expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe('live lines', () => {
  function createScreen(columns: number) {
    const out = {
      text: '',
      columns,
      isTTY: true,
      write(text: string) {
        out.text += text;
      },
    };
    return { out, terminal: createTerminal({ stdout: out, stderr: out, env: {} }) };
  }

  it('are drawn over the ones before', () => {
    const { out, terminal } = createScreen(80);
    terminal.draw(['one', 'two']);
    out.text = '';
    terminal.draw(['three']);
    expect(out.text).toBe('\u001b[1A\rthree\u001b[K\u001b[J');
  });

  it('are found again when the terminal has become narrower and broken them', () => {
    const { out, terminal } = createScreen(80);
    terminal.draw(['x'.repeat(70), 'y'.repeat(70)]);
    out.columns = 40;
    out.text = '';
    terminal.draw(['z']);
    expect(out.text).toBe('\u001b[3A\rz\u001b[K\u001b[J');
  });
});
