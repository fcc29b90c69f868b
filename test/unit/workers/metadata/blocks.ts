/** Builds metadata blocks for tests, and damages them. */
import fc from 'fast-check';
import { tag } from '../../../../workers/metadata/exif-tags.ts';
import { type ExifTree, writeExifTree } from '../../../../workers/metadata/exif-tree.ts';
import type { ByteOrder } from '../../../../workers/metadata/tiff-structure.ts';
import {
  asciiEntry,
  bytesEntry,
  longEntry,
  Room,
  rationalEntry,
  shortEntry,
  tiffHeader,
  writeIfd,
} from '../../../../workers/metadata/tiff-writer.ts';

export const thumbnail = Buffer.from(`\xff\xd8${'old thumbnail '.repeat(20)}\xff\xd9`, 'latin1');
/** Like Canon's: no signature, offsets from the start of the block. */
export const makerNote = Buffer.from('maker note with offsets of its own '.repeat(4), 'latin1');

/** A camera's block: rotated, with maker notes, position and a thumbnail at its end. */
export function cameraExif(order: ByteOrder, extra: { note?: Buffer; software?: boolean } = {}): Buffer {
  const tree: ExifTree = {
    order,
    ifd0: [
      asciiEntry(0x010f, 'Canon'),
      asciiEntry(0x0110, 'Canon EOS 5D'),
      shortEntry(tag.orientation, 6, order),
      rationalEntry(tag.xResolution, 72, order),
      ...(extra.software === false ? [] : [asciiEntry(tag.software, 'Firmware 1.0')]),
      asciiEntry(tag.artist, 'Ann Author'),
      asciiEntry(tag.copyright, '2024 Ann Author'),
    ],
    exif: [
      asciiEntry(0x9003, '2024:05:06 07:08:09'),
      bytesEntry(tag.makerNote, extra.note ?? makerNote, 7),
      shortEntry(tag.colorSpace, 2, order),
      longEntry(tag.pixelXDimension, 4000, order),
      longEntry(tag.pixelYDimension, 3000, order),
    ],
    gps: [asciiEntry(1, 'N'), rationalEntry(2, 52, order)],
    interop: [asciiEntry(tag.interopIndex, 'R03')],
  };
  const room = new Room(8);
  const first = writeExifTree(room, tree);
  const picture = room.put(thumbnail);
  const second = writeIfd(
    room,
    [longEntry(tag.thumbnailOffset, picture, order), longEntry(tag.thumbnailLength, thumbnail.length, order)],
    order,
  );
  const block = Buffer.concat([tiffHeader(order, first), room.tail()]);
  return linkSecond({ block, first, second, order });
}

/** Writes the offset of the second directory behind the first one's entries. */
function linkSecond(at: { block: Buffer; first: number; second: number; order: ByteOrder }): Buffer {
  const { block, first, second, order } = at;
  const count = order === 'II' ? block.readUInt16LE(first) : block.readUInt16BE(first);
  const link = first + 2 + 12 * count;
  if (order === 'II') block.writeUInt32LE(second, link);
  else block.writeUInt32BE(second, link);
  return block;
}

/** Copies of `original` with bytes and 32-bit words changed and the end cut off. */
export function damaged(original: Buffer): fc.Arbitrary<Buffer> {
  const position = fc.nat({ max: Math.max(0, original.length - 5) });
  const word = fc.oneof(
    fc.constantFrom(0, 1, 8, 0xffffffff, 0x7fffffff, 0x80000000, original.length, original.length - 4),
    fc.nat({ max: original.length * 2 }),
  );
  return fc
    .record({
      bytes: fc.array(fc.tuple(position, fc.nat({ max: 255 })), { maxLength: 12 }),
      words: fc.array(fc.tuple(position, word, fc.boolean()), { maxLength: 6 }),
      length: fc.oneof(fc.constant(original.length), fc.nat({ max: original.length })),
    })
    .map(({ bytes, words, length }) => {
      const copy = Buffer.from(original);
      if (copy.length < 8) return copy;
      for (const [at, value] of bytes) copy.writeUInt8(value, at);
      for (const [at, value, little] of words) {
        if (little) copy.writeUInt32LE(value, at);
        else copy.writeUInt32BE(value, at);
      }
      return copy.subarray(0, length);
    });
}

export const xmpPacket = (attributes: string, elements = ''): string =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">` +
  `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ` +
  `xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ` +
  `xmlns:dc="http://purl.org/dc/elements/1.1/" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta>` +
  `${' '.repeat(200)}<?xpacket end="w"?>`;

export function iimDataset(record: number, dataset: number, text: string): Buffer {
  const value = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([0x1c, record, dataset, value.length >> 8, value.length & 255]), value]);
}
