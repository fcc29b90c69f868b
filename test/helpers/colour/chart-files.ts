/** Writes charts as PNG and TIFF files byte by byte, so that no image library has a say in what they hold. */
import { crc32, deflateSync } from 'node:zlib';

/** One pixel a patch, rows filled from the left; values 0..255 or 0..65535 as `depth` says. */
export type Chart = {
  model: 'rgb' | 'rgba' | 'grey' | 'cmyk';
  depth: 8 | 16;
  width: number;
  patches: readonly (readonly number[])[];
  icc: Buffer | null;
};

/** The samples in rows of whole length: the last patch fills what is left. */
function samples(
  { width, patches, depth }: Chart,
  endian: 'big' | 'little',
): { rows: Buffer[]; height: number } {
  const height = Math.ceil(patches.length / width);
  const bytes = depth / 8;
  const channels = patches[0]!.length;
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(width * channels * bytes);
    for (let x = 0; x < width; x++) {
      const patch = patches[Math.min(y * width + x, patches.length - 1)]!;
      patch.forEach((value, channel) => {
        const at = (x * channels + channel) * bytes;
        if (bytes === 1) row.writeUInt8(value, at);
        else if (endian === 'big') row.writeUInt16BE(value, at);
        else row.writeUInt16LE(value, at);
      });
    }
    return row;
  });
  return { rows, height };
}

const pngType = { grey: 0, rgb: 2, rgba: 6 } as const;

/** ISO/IEC 15948: filter 0 throughout. CMYK has no PNG. */
export function toPng(chart: Chart): Buffer {
  if (chart.model === 'cmyk') throw new Error('PNG has no CMYK');
  const { rows, height } = samples(chart, 'big');
  const head = { width: chart.width, height, depth: chart.depth, type: pngType[chart.model] };
  return assemblePng(head, rows, chart.icc === null ? [] : [iccChunk(chart.icc)]);
}

/** A palette picture of 1 to 8 bits a pixel: `indexes` row by row, `palette` as R G B. */
export function toPalettePng(options: {
  width: number;
  bits: 1 | 2 | 4 | 8;
  indexes: readonly number[];
  palette: readonly (readonly number[])[] | null;
  icc: Buffer | null;
}): Buffer {
  const { width, bits, indexes, palette, icc } = options;
  const height = indexes.length / width;
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(Math.ceil((width * bits) / 8));
    for (let x = 0; x < width; x++) {
      const at = Math.floor((x * bits) / 8);
      row[at]! |= indexes[y * width + x]! << (8 - bits - ((x * bits) % 8));
    }
    return row;
  });
  const chunks = icc === null ? [] : [iccChunk(icc)];
  if (palette !== null) chunks.push(chunk('PLTE', Buffer.from(palette.flat())));
  return assemblePng({ width, height, depth: bits, type: palette === null ? 0 : 3 }, rows, chunks);
}

type PngHead = { width: number; height: number; depth: number; type: number };

function assemblePng(
  { width, height, depth, type }: PngHead,
  rows: readonly Buffer[],
  extra: Buffer[],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, type], 8);
  const data = deflateSync(Buffer.concat(rows.flatMap((row) => [Buffer.alloc(1), row])));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const [first, last] = [chunk('IHDR', head), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, first, ...extra, chunk('IDAT', data), last]);
}

function iccChunk(icc: Buffer): Buffer {
  return chunk('iCCP', Buffer.concat([Buffer.from('chart\0\0', 'latin1'), deflateSync(icc)]));
}

function chunk(name: string, data: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(name, 'latin1'), data, Buffer.alloc(4)]);
  framed.writeUInt32BE(data.length, 0);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
  return framed;
}

const photometric = { grey: 1, rgb: 2, rgba: 2, cmyk: 5 } as const;

/** TIFF 6.0, little-endian, one uncompressed strip; the profile in tag 34675. */
export function toTiff(chart: Chart): Buffer {
  const { rows, height } = samples(chart, 'little');
  const data = Buffer.concat(rows);
  const channels = chart.patches[0]!.length;
  const bits = Buffer.alloc(2 * channels);
  for (let channel = 0; channel < channels; channel++) bits.writeUInt16LE(chart.depth, 2 * channel);
  const fields: TiffField[] = [
    { tag: 256, value: chart.width },
    { tag: 257, value: height },
    channels === 1 ? { tag: 258, value: chart.depth } : { tag: 258, type: 3, block: bits },
    { tag: 259, value: 1 },
    { tag: 262, value: photometric[chart.model] },
    { tag: 273, type: 4, block: data },
    { tag: 277, value: channels },
    { tag: 278, value: height },
    { tag: 279, value: data.length },
  ];
  if (chart.model === 'cmyk') fields.push({ tag: 332, value: 1 });
  if (chart.model === 'rgba') fields.push({ tag: 338, value: 2 });
  if (chart.icc !== null) fields.push({ tag: 34675, type: 7, block: chart.icc });
  return assembleTiff(fields);
}

type TiffField = { tag: number; value: number } | { tag: number; type: 3 | 4 | 7; block: Buffer };

function assembleTiff(fields: readonly TiffField[]): Buffer {
  const head = Buffer.alloc(8 + 2 + 12 * fields.length + 4);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(fields.length, 8);
  const blocks: Buffer[] = [];
  let end = head.length;
  fields.forEach((field, index) => {
    const at = 10 + 12 * index;
    head.writeUInt16LE(field.tag, at);
    head.writeUInt16LE('block' in field ? field.type : 4, at + 2);
    if (!('block' in field)) {
      head.writeUInt32LE(1, at + 4);
      head.writeUInt32LE(field.value, at + 8);
      return;
    }
    // The strip's own field is one number, its place; the others count their elements.
    const size = field.type === 3 ? 2 : 1;
    head.writeUInt32LE(field.type === 4 ? 1 : field.block.length / size, at + 4);
    head.writeUInt32LE(end, at + 8);
    const padded = Buffer.concat([field.block, Buffer.alloc(field.block.length % 2)]);
    blocks.push(padded);
    end += padded.length;
  });
  return Buffer.concat([head, ...blocks]);
}
