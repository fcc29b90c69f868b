import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sniffFormat } from '../../../workers/sniff/sniff-format.ts';
import { makeImage } from '../../helpers/images.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const ftyp = (major: string, ...compatible: string[]) => {
  const brands = [major, '\0\0\0\0', ...compatible].join('');
  const head = Buffer.alloc(4);
  head.writeUInt32BE(8 + brands.length);
  return Buffer.concat([head, latin1(`ftyp${brands}`), Buffer.alloc(64)]);
};
const what = (file: Buffer) => {
  const sniffed = sniffFormat(file);
  switch (sniffed.kind) {
    case 'unsupported':
    case 'raw':
      return sniffed.what;
    case 'image':
      return sniffed.format;
    case 'heif':
      return 'a HEIC photo';
    case 'unknown':
      return 'unknown';
  }
};

/** A little-endian TIFF of one directory of short and long values. */
function tiff(entries: [tag: number, value: number][], extra: [tag: number, text: string][] = []): Buffer {
  const count = entries.length + extra.length;
  const file = Buffer.alloc(8 + 2 + count * 12 + 4 + 200);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(count, 8);
  let at = 10;
  let texts = 10 + count * 12 + 4;
  for (const [tag, value] of entries) {
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
    at += 12;
  }
  for (const [tag, text] of extra) {
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(2, at + 2);
    file.writeUInt32LE(text.length + 1, at + 4);
    file.writeUInt32LE(texts, at + 8);
    texts += file.write(text, texts, 'latin1') + 1;
    at += 12;
  }
  return file;
}

describe('sniffing a format', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('knows a %s by its content', async (format) => {
    const file = await makeImage({ width: 16, height: 16, format });
    expect(sniffFormat(file)).toEqual({ kind: 'image', format });
  });

  it.each([
    ['GIF89a', 'a GIF'],
    ['BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x10\0\0\0\x10\0\0\0', 'a BMP image'],
    ['%PDF-1.7', 'a PDF document'],
    ['  <?xml version="1.0"?>\n<svg xmlns="x">', 'an SVG drawing'],
    ['\xff\x0a\0\0', 'a JPEG XL photo'],
    ['8BPS', 'a Photoshop document'],
    ['RIFF\0\0\0\0AVI LIST', 'a video'],
    ['FUJIFILMCCD-RAW ', 'a Fujifilm RAF raw photo'],
    ['II\x1a\0\0\0HEAPCCDR', 'a Canon CRW raw photo'],
    ['IIRO', 'an Olympus ORF raw photo'],
    ['IIU\0', 'a Panasonic RW2 raw photo'],
    ['II*\0\x10\0\0\0CR\x02\0', 'a Canon CR2 raw photo'],
  ])('names what starts with %j', (start, name) => {
    expect(what(latin1(start))).toBe(name);
  });

  it.each([
    [ftyp('avif', 'mif1'), 'avif'],
    [ftyp('mif1', 'avif'), 'avif'],
    [ftyp('avis', 'avif'), 'an animated AVIF'],
    [ftyp('heic', 'mif1'), 'a HEIC photo'],
    [ftyp('mif1', 'heic'), 'a HEIC photo'],
    [ftyp('crx '), 'a Canon CR3 raw photo'],
    [ftyp('qt  '), 'a video'],
    [ftyp('isom', 'mp42'), 'a video'],
  ])('tells ISO media files apart by brand (%#)', (file, name) => {
    expect(what(file)).toBe(name);
  });

  it.each([
    ['a DNG by its version tag', tiff([[50706, 0x401]]), 'a DNG raw photo'],
    ['sensor data', tiff([[262, 32803]], [[271, 'ACME']]), 'a raw photo (ACME)'],
    ['a raw compression', tiff([[259, 34713]], [[271, 'NIKON']]), 'a raw photo (NIKON)'],
    [
      'a preview page with sub-directories',
      tiff(
        [
          [254, 1],
          [330, 8],
        ],
        [[271, 'SONY']],
      ),
      'a raw photo (SONY)',
    ],
    [
      'an ordinary photo of a camera',
      tiff(
        [
          [254, 0],
          [262, 2],
        ],
        [[271, 'SONY']],
      ),
      'tiff',
    ],
  ])('does not take a raw file for a TIFF: %s', (_case, file, name) => {
    expect(what(file)).toBe(name);
  });

  it('knows an animated PNG from a still one', async () => {
    const still = await makeImage({ width: 8, height: 8, format: 'png' });
    const control = Buffer.concat([Buffer.from([0, 0, 0, 8]), latin1('acTL'), Buffer.alloc(12)]);
    const animated = Buffer.concat([still.subarray(0, 33), control, still.subarray(33)]);
    expect(what(animated)).toBe('an animated PNG');
    expect(what(still)).toBe('png');
  });

  it('calls text and emptiness unknown', () => {
    for (const text of ['', '\0', 'hello world', 'BM is how this text starts, it is no bitmap', '<html>']) {
      expect(what(latin1(text))).toBe('unknown');
    }
  });

  it('answers for any bytes, looping directories included', () => {
    const starts = [
      '',
      'II*\0',
      'MM\0*',
      'II+\0',
      '\x89PNG\r\n\x1a\n',
      'RIFF\0\0\0\0WEBPVP8X',
      '\0\0\0\x18ftyp',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        expect(sniffFormat(Buffer.concat([latin1(start), rest])).kind).toMatch(
          /^(image|heif|raw|unsupported|unknown)$/,
        );
      }),
    );
  });
});
