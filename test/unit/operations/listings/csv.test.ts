import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import { patchCsvInventory, readCsvInventory } from '../../../../bridge/operations/listings/csv-inventory.ts';

const header = listingColumns.join(',');
const line = (id: string, status: string) =>
  `${id},a.jpg,"A ""good"", truck","two\r\nlines",9,tags,,,${status}`;

describe('an inventory in CSV', () => {
  it('is read with quotes, line breaks in cells and missing cells at the end', async () => {
    const bytes = Buffer.from(`${header}\r\n${line('A', 'pending')}\r\n\r\nB,b.jpg\r\n`);
    const rows = await readCsvInventory(bytes);
    expect(rows.map(({ row, record }) => [row, record.bucket_truck_id, record.posting_status])).toEqual([
      [2, 'A', 'pending'],
      [4, 'B', ''],
    ]);
    expect(rows[0]!.record).toMatchObject({ title: 'A "good", truck', description: 'two\r\nlines' });
  });

  it.each([
    ['a byte order mark', '\ufeff', ',', '\r\n'],
    ['semicolons', '', ';', '\n'],
    ['tabs and old Mac line ends', '', '\t', '\r'],
    ['a line that names the delimiter', 'sep=;\r\n', ';', '\r\n'],
  ])('keeps %s and changes only status cells', async (_, head, delimiter, end) => {
    const cells = (status: string) => [
      'A',
      'a.jpg',
      `"x${delimiter}y"`,
      ' kept as is ',
      '9',
      '""',
      'ä',
      '',
      status,
    ];
    const text = (status: string) =>
      head + [listingColumns.join(delimiter), cells(status).join(delimiter), 'last line'].join(end);
    const edit = { row: 2, id: 'A', text: 'Posted 2026-11-22' };
    const { bytes, missed } = await patchCsvInventory(Buffer.from(text('')), [edit]);
    expect(missed).toEqual([]);
    expect(bytes.toString()).toBe(text('Posted 2026-11-22'));
  });

  it('quotes a text that needs it, and one whose cell was quoted', async () => {
    const bytes = Buffer.from(`${header}\n${line('A', '')}\n${line('B', '"pending"')}\n`);
    const { bytes: after } = await patchCsvInventory(bytes, [
      { row: 2, id: 'A', text: 'Error: a, "b"' },
      { row: 3, id: 'B', text: 'Posted 2026-11-22' },
    ]);
    expect(after.toString()).toBe(
      `${header}\n${line('A', '"Error: a, ""b"""')}\n${line('B', '"Posted 2026-11-22"')}\n`,
    );
  });

  it('fills up a row that is too short', async () => {
    const { bytes } = await patchCsvInventory(Buffer.from(`${header}\nA,b`), [
      { row: 2, id: 'A', text: 'Error: x' },
    ]);
    expect(bytes.toString()).toBe(`${header}\nA,b,,,,,,,Error: x`);
  });

  it('keeps a file of Windows-1252 as it is', async () => {
    const bytes = Buffer.from(`${header}\nA,b,caf\xe9,,,,,,\n`, 'latin1');
    expect((await readCsvInventory(bytes))[0]!.record.title).toBe('café');
    const { bytes: after } = await patchCsvInventory(bytes, [{ row: 2, id: 'A', text: 'Error: é → x' }]);
    expect(after.toString('latin1')).toBe(`${header}\nA,b,caf\xe9,,,,,,Error: \xe9 ? x\n`);
  });

  it('names every missing column', async () => {
    await expect(readCsvInventory(Buffer.from('bucket_truck_id,title,Price \n'))).rejects.toThrow(
      'lacks the columns image_filename, description, tags, fuel_type, equipment_type, posting_status',
    );
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffa,b', 'utf16le'), 'UTF-16'],
    ['an open quote', Buffer.from(`${header}\n"A,b`), 'never closed'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['blank lines', Buffer.from('\n\n,,\n'), 'empty'],
  ])('refuses %s', async (_, bytes, reason) => {
    await expect(readCsvInventory(bytes)).rejects.toThrow(reason);
  });

  it('finds a record that moved by its id, and reports one that is gone or not to be told apart', async () => {
    const bytes = Buffer.from(
      `${header}\n${line('B', '')}\n${line('A', '')}\n${line('C', '')}\n${line('C', '')}\n`,
    );
    const gone = [
      { row: 9, id: 'C', text: 'x' },
      { row: 2, id: 'D', text: 'x' },
    ];
    const { bytes: after, missed } = await patchCsvInventory(bytes, [
      { row: 2, id: 'A', text: 'Error: x' },
      ...gone,
    ]);
    expect(missed).toEqual(gone);
    expect((await readCsvInventory(after)).map(({ record }) => record.posting_status)).toEqual([
      '',
      'Error: x',
      '',
      '',
    ]);
  });

  it('reads back what it wrote and changes no other cell, whatever the cells hold', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'é', '😀') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }),
        cell,
        async (rows, status) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const file = [
            header,
            ...rows.map(([a, b], index) => `R${index},i,${quoted(a)},${quoted(b)},,,,,${quoted(b)}`),
          ];
          const before = Buffer.from(file.join('\r\n'));
          const { bytes } = await patchCsvInventory(before, [
            { row: 2, id: 'R0', text: `Error: ${status}.` },
          ]);
          const [was, is] = [await readCsvInventory(before), await readCsvInventory(bytes)];
          expect(is[0]!.record).toEqual({ ...was[0]!.record, posting_status: `Error: ${status}.` });
          expect(is.slice(1)).toEqual(was.slice(1));
        },
      ),
      { numRuns: 100 },
    );
  });
});
