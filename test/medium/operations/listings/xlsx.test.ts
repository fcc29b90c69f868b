import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import { openInventory } from '../../../../bridge/operations/listings/inventory.ts';
import {
  patchXlsxInventory,
  readXlsxInventory,
} from '../../../../bridge/operations/listings/xlsx-inventory.ts';
import { readZipDirectory } from '../../../../bridge/operations/listings/zip-directory.ts';
import { ZipPackage } from '../../../../bridge/operations/listings/zip-package.ts';
import { buildPackage, type Part, toWorkbookParts } from './package-builder.ts';
import { makeWorkbook, python, rawParts, see } from './workbooks.ts';

describe.skipIf(python === undefined)(
  'a workbook with charts, formulas, validations, conditional formats and frozen panes',
  () => {
    it('comes back with only status cells changed', async () => {
      const path = join(mkdtempSync(join(tmpdir(), 'book-')), 'inventory.xlsx');
      makeWorkbook(path, 25);
      const before = readFileSync(path);
      const seen = see(path);
      const inventory = await openInventory(path);
      expect(inventory.rows).toHaveLength(25);
      expect(inventory.rows[0]).toEqual({
        row: 2,
        record: {
          bucket_truck_id: 'BT001',
          image_filename: 'a.jpg',
          title: 'Truck <&> 1',
          description: 'A fine truck, é€ 😀',
          price: '12501.5',
          tags: 'truck',
          fuel_type: 'diesel',
          equipment_type: 'lift',
          posting_status: '',
        },
      });
      const texts = new Map(
        [0, 1, 3, 24].map((index) => [index, index === 3 ? 'Error: <b> & "x" é' : 'Posted 2026-11-22']),
      );
      for (const [index, text] of texts) inventory.setStatus(inventory.rows[index]!, text);
      expect(await inventory.save()).toEqual({ ok: true, written: true, missed: [] });

      const after = readFileSync(path);
      const [was, is] = [rawParts(before), rawParts(after)];
      expect([...is.keys()]).toEqual([...was.keys()]);
      expect([...is.keys()].filter((name) => was.get(name) !== is.get(name))).toEqual([
        'xl/worksheets/sheet2.xml',
      ]);
      expect(await sheetWithout(after, texts)).toBe(await sheetWithout(before, texts));

      for (const [index, text] of texts) {
        const cells = seen.sheets.Inventory!.cells;
        const name = `I${index + 2}`;
        cells[name] = [text, ...(cells[name] ?? cells.I5!).slice(1)];
      }
      expect(see(path)).toEqual(seen);
      expect(readFileSync(`${path}.bak`).equals(before)).toBe(true);
      expect(spawnSync('unzip', ['-tq', path]).status ?? 0).toBe(0);
    });

    /** The sheet's XML with the written cells taken out. */
    async function sheetWithout(bytes: Buffer, texts: ReadonlyMap<number, string>): Promise<string> {
      let xml = (await new ZipPackage(bytes).read('xl/worksheets/sheet2.xml')).toString();
      for (const index of texts.keys())
        xml = xml.replace(new RegExp(`<c r="I${index + 2}"(?:[^>]*/>|.*?</c>)`), '');
      return xml;
    }
  },
);

const header = `<row r="1">${listingColumns.map((name) => `<c t="inlineStr"><is><t>${name}</t></is></c>`).join('')}</row>`;
const sheetOf = (rows: string, head = ''): string =>
  `<worksheet>${head}<sheetData>${header}${rows}</sheetData></worksheet>`;
const text = (bytes: Buffer): Promise<string> =>
  new ZipPackage(bytes).read('xl/worksheets/sheet1.xml').then((part) => part.toString());
const edit = (row: number, id: string) => ({ row, id, text: 'Posted 2026-11-22' });
const written = (reference: string, rest = '') =>
  `<c r="${reference}"${rest} t="inlineStr"><is><t>Posted 2026-11-22</t></is></c>`;

describe('the sheet of a workbook', () => {
  it('is read with shared, formatted and spoken strings, numbers, truth values and escapes', async () => {
    const shared =
      '<sst><si><t>A-1</t></si><si><r><t>one </t></r><r><rPr/><t xml:space="preserve">two</t></r><rPh><t>no</t></rPh></si>' +
      '<si/><si><t>a_x000D_b&#233;&#x20AC;<![CDATA[<&amp;>]]></t></si></sst>';
    const row =
      '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>2</v></c><c r="C3" t="s"><v>1</v></c><c r="D3" t="s"><v>3</v></c>' +
      '<c r="E3" s="4"><v>1.25E4</v></c><c r="F3" t="b"><v>1</v></c><c r="G3" t="str"><f>"x"</f><v>x</v></c><!-- <c r="I3"> --><c r="H3"/></row>';
    const bytes = buildPackage(toWorkbookParts(sheetOf(row), shared));
    expect(await readXlsxInventory(bytes)).toEqual([
      {
        row: 3,
        record: {
          bucket_truck_id: 'A-1',
          image_filename: '',
          title: 'one two',
          description: 'a\rbé€<&amp;>',
          price: '1.25E4',
          tags: 'TRUE',
          fuel_type: 'x',
          equipment_type: '',
          posting_status: '',
        },
      },
    ]);
  });

  it.each([
    [
      'an empty cell keeps its format',
      '<c r="A2"><v>7</v></c><c r="I2" s="5"/>',
      `<c r="A2"><v>7</v></c>${written('I2', ' s="5"')}`,
    ],
    [
      'a shared string goes with its type and metadata',
      '<c r="A2"><v>7</v></c><c r="I2" t="s" s="5" vm="1"><v>0</v></c><c r="J2"><f>I2</f></c>',
      `<c r="A2"><v>7</v></c>${written('I2', ' s="5"')}<c r="J2"><f>I2</f></c>`,
    ],
    [
      'a missing cell comes in its place',
      '<c r="A2"><v>7</v></c><c r="J2"/>',
      `<c r="A2"><v>7</v></c>${written('I2', ' s="8"')}<c r="J2"/>`,
    ],
    [
      'a missing last cell comes last',
      '<c r="A2"><v>7</v></c>',
      `<c r="A2"><v>7</v></c>${written('I2', ' s="8"')}`,
    ],
  ])('%s', async (_, cells, expected) => {
    const head = '<cols><col min="1" max="3" style="2"/><col min="9" max="9" style="8"/></cols>';
    const sheet = (inside: string, spans: string) =>
      sheetOf(`<row r="2" spans="1:${spans}" ht="15">${inside}</row>`, head);
    const wide = cells.includes('I2') ? '8' : '9';
    const { bytes } = await patchXlsxInventory(buildPackage(toWorkbookParts(sheet(cells, '8'))), [
      edit(2, '7'),
    ]);
    expect(await text(bytes)).toBe(sheet(expected, wide));
  });

  it('may use a prefix, no references and single quotes', async () => {
    const cell = (value: string) => `<x:c t='str'><x:v>${value}</x:v></x:c>`;
    const sheet = (status: string) =>
      `<?xml version='1.0' encoding='utf-8'?><x:worksheet xmlns:x='m'><x:sheetData><x:row>${listingColumns.map(cell).join('')}</x:row>` +
      `<x:row>${cell('A')}${status}</x:row></x:sheetData></x:worksheet>`;
    const { bytes } = await patchXlsxInventory(buildPackage(toWorkbookParts(sheet(''))), [edit(2, 'A')]);
    expect(await text(bytes)).toBe(
      sheet('<x:c r="I2" t="inlineStr"><x:is><x:t>Posted 2026-11-22</x:t></x:is></x:c>'),
    );
  });

  it('stays as it is where the status stands there already', async () => {
    const row = '<row r="2"><c r="A2"><v>7</v></c><c r="I2" t="str"><v>Posted 2026-11-22</v></c></row>';
    const before = buildPackage(toWorkbookParts(sheetOf(row)));
    expect((await patchXlsxInventory(before, [edit(2, '7')])).bytes.equals(before)).toBe(true);
  });

  it('keeps a text literal that looks like an escape', async () => {
    const before = buildPackage(toWorkbookParts(sheetOf('<row r="2"><c r="A2"><v>7</v></c></row>')));
    const { bytes } = await patchXlsxInventory(before, [{ row: 2, id: '7', text: 'Error: _x0041_ <&>' }]);
    expect(await text(bytes)).toContain('<t>Error: _x005F_x0041_ &lt;&amp;&gt;</t>');
    expect((await readXlsxInventory(bytes))[0]!.record.posting_status).toBe('Error: _x0041_ <&>');
  });

  it('is refused when a status is a formula', async () => {
    const row = '<row r="2"><c r="A2"><v>7</v></c><c r="I2"><f>A2</f><v>7</v></c></row>';
    await expect(readXlsxInventory(buildPackage(toWorkbookParts(sheetOf(row))))).rejects.toThrow(
      'I2 is a formula',
    );
  });

  it('is chosen by name, and a missing column is named', async () => {
    const bytes = buildPackage(toWorkbookParts(sheetOf('').replace('>tags<', '>tag<')));
    await expect(readXlsxInventory(bytes)).rejects.toThrow('lacks the column tags');
    await expect(readXlsxInventory(bytes, { sheet: 'C' })).rejects.toThrow('no sheet "C"');
    expect(await readXlsxInventory(buildPackage(toWorkbookParts(sheetOf(''))), { sheet: 'A & B' })).toEqual(
      [],
    );
  });
});

describe('the package of a workbook', () => {
  const row = '<row r="2"><c r="A2"><v>7</v></c></row>';
  const wide = (...sizes: number[]): Buffer => {
    const field = Buffer.alloc(4 + sizes.length * 8);
    field.writeUInt16LE(1, 0);
    field.writeUInt16LE(sizes.length * 8, 2);
    for (const [index, size] of sizes.entries()) field.writeBigUInt64LE(BigInt(size), 4 + index * 8);
    return field;
  };

  it.each<[string, Partial<Part>]>([
    ['streamed parts', { streamed: true }],
    ['stored parts', { stored: true }],
    ['parts with fields of other programs', { extra: Buffer.from('\xfe\xca\x02\x00ab', 'latin1') }],
    ['parts with fields for large sizes', { extra: wide(1, 2) }],
  ])('is rewritten around the one part: %s', async (_, form) => {
    const parts = toWorkbookParts(sheetOf(row)).map((part) => ({ ...part, ...form }));
    const last = { name: 'xl/ümlaut.bin', content: Buffer.alloc(2000, 'xyz'), ...form };
    const before = buildPackage([parts.at(-1)!, ...parts.slice(0, -1), last], 'a comment');
    const { bytes } = await patchXlsxInventory(before, [edit(2, '7')]);
    const [was, is] = [rawParts(before), rawParts(bytes)];
    expect([...is].filter(([name, raw]) => was.get(name) !== raw).map(([name]) => name)).toEqual([
      'xl/worksheets/sheet1.xml',
    ]);
    expect(await text(bytes)).toContain(written('I2'));
    expect(bytes.toString('latin1').endsWith('a comment')).toBe(true);
    // Strict readers look for sizes after the data where this flag says so.
    const part = readZipDirectory(bytes).entries.find(({ name }) => name === 'xl/worksheets/sheet1.xml');
    expect((part?.flags ?? 8) & 8).toBe(0);
    // A second round reads what the first wrote.
    expect((await readXlsxInventory(bytes))[0]!.record.posting_status).toBe('Posted 2026-11-22');
    if (python !== undefined) expectGoodZip(bytes);
  });

  function expectGoodZip(bytes: Buffer): void {
    const path = join(mkdtempSync(join(tmpdir(), 'zip-')), 'a.zip');
    writeFileSync(path, bytes);
    const test = 'import sys,zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)';
    expect(spawnSync(python ?? '', ['-c', test, path]).status).toBe(0);
  }

  const good = toWorkbookParts(sheetOf(row));
  it.each<[string, Buffer, string]>([
    ['no ZIP', Buffer.from('PK\x03\x04 and then text that is long enough'), 'no XLSX workbook'],
    ['half a file', buildPackage(good).subarray(0, 400), 'no XLSX workbook'],
    [
      'an old workbook',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      'old .xls',
    ],
    ['encrypted parts', buildPackage(good.map((part) => ({ ...part, flags: 1 }))), 'password'],
    ['a part twice', buildPackage([...good, { name: 'XL/workbook.xml', content: '' }]), 'twice'],
    [
      'a ratio of more than 100',
      buildPackage([...good, { name: 'b', content: Buffer.alloc(3_000_000) }]),
      '100 times',
    ],
    [
      'a claim of more than 200 MB',
      buildPackage([...good, { name: 'b', content: '', claim: 210 * 1024 * 1024 }]),
      '200 MB',
    ],
    ['a part larger than it claims', buildPackage(good.map((part) => ({ ...part, claim: 5 }))), 'damaged'],
    ['a signature', buildPackage([...good, { name: '_xmlsignatures/a.xml', content: '' }]), 'signed'],
    [
      'a document type',
      buildPackage(toWorkbookParts(`<!DOCTYPE a [<!ENTITY x "y">]>${sheetOf(row)}`)),
      'document type',
    ],
    [
      'UTF-16',
      buildPackage(toWorkbookParts(`<?xml version="1.0" encoding="UTF-16"?>${sheetOf(row)}`)),
      'UTF-8',
    ],
    ['broken XML', buildPackage(toWorkbookParts(sheetOf('<row r="2"><c r="A2></row>'))), 'damaged'],
    ['a workbook without the sheet', buildPackage(good.slice(0, -1)), 'is missing'],
  ])('is refused: %s', async (_, bytes, reason) => {
    await expect(readXlsxInventory(bytes)).rejects.toThrow(reason);
  });

  it('follows no link to the outside', async () => {
    const parts = good.map((part) =>
      part.name === 'xl/_rels/workbook.xml.rels'
        ? { ...part, content: String(part.content).replace('Id="r1"', 'Id="r1" TargetMode="External"') }
        : part,
    );
    await expect(readXlsxInventory(buildPackage(parts))).rejects.toThrow('no sheet');
  });

  it('with 10,000 rows is opened and saved in bounded memory', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'large-')), 'large.xlsx');
    const cell = (name: string, value: string) => `<c r="${name}" t="inlineStr"><is><t>${value}</t></is></c>`;
    const rows = Array.from({ length: 10_000 }, (_, index) => {
      const cells = ['A', 'B', 'C', 'D', 'E', 'F'].map((letter) =>
        cell(`${letter}${index + 2}`, `${letter}-${index} `),
      );
      return `<row r="${index + 2}">${cells.join('')}</row>`;
    });
    writeFileSync(path, buildPackage(toWorkbookParts(sheetOf(rows.join('')))));
    const before = process.memoryUsage().rss;
    const inventory = await openInventory(path);
    let highest = 0;
    for (const [index, row] of inventory.rows.entries()) {
      inventory.setStatus(row, 'Posted 2026-11-22');
      if (index % 2500 === 2499) expect(await inventory.save()).toMatchObject({ ok: true, missed: [] });
      highest = Math.max(highest, process.memoryUsage().rss);
    }
    expect(highest - before).toBeLessThan(250 * 1024 * 1024);
    const again = await openInventory(path);
    expect(again.rows.filter(({ record }) => record.posting_status === 'Posted 2026-11-22')).toHaveLength(
      10_000,
    );
  });
});
