/** Packs workbook parts into a ZIP file by hand, also in ways that only some programs use. */
import { crc32, deflateRawSync } from 'node:zlib';

export type Part = {
  name: string;
  content: string | Buffer;
  stored?: boolean;
  /** Sizes after the data, as programs that stream write them. */
  streamed?: boolean;
  extra?: Buffer;
  flags?: number;
  /** What the directory claims. */
  claim?: number;
};

export function buildPackage(parts: readonly Part[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const content = Buffer.from(part.content);
    const data = part.stored ? content : deflateRawSync(content);
    const name = Buffer.from(part.name);
    const extra = part.extra ?? Buffer.alloc(0);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE((part.flags ?? 0x800) | (part.streamed ? 8 : 0), 2);
    head.writeUInt16LE(part.stored ? 0 : 8, 4);
    head.writeUInt32LE(0x5c6e6a21, 6);
    head.writeUInt32LE(crc32(content), 10);
    head.writeUInt32LE(data.length, 14);
    head.writeUInt32LE(part.claim ?? content.length, 18);
    head.writeUInt16LE(name.length, 22);
    head.writeUInt16LE(extra.length, 24);
    const localHead = Buffer.from(head);
    if (part.streamed) localHead.fill(0, 10, 22);
    const descriptor = part.streamed
      ? Buffer.concat([Buffer.from('PK\x07\x08'), head.subarray(10, 22)])
      : Buffer.alloc(0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), localHead, name, extra, data, descriptor]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), head, tail, name, extra]));
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(Buffer.concat(entries).length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, ...entries, end, Buffer.from(comment)]);
}

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A smallest workbook around one sheet. */
export function toWorkbookParts(sheet: string, shared?: string): Part[] {
  const rels = (list: string): string =>
    `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list}</Relationships>`;
  const rel = (id: string, kind: string, target: string): string =>
    `<Relationship Id="${id}" Type="${relations}/${kind}" Target="${target}"/>`;
  return [
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: '_rels/.rels', content: rels(rel('r1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns:r="${relations}"><sheets><sheet name="A &amp; B" sheetId="1" r:id="r1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: rels(
        rel('r1', 'worksheet', '/xl/worksheets/sheet1.xml') + rel('r2', 'sharedStrings', 'sharedStrings.xml'),
      ),
    },
    ...(shared === undefined ? [] : [{ name: 'xl/sharedStrings.xml', content: shared }]),
    { name: 'xl/worksheets/sheet1.xml', content: sheet },
  ];
}
