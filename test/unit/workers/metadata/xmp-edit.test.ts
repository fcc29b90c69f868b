import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copyrightXmp,
  extensionGuid,
  keepXmp,
  mergeExtension,
} from '../../../../workers/metadata/xmp-edit.ts';
import { damaged, xmpPacket } from './blocks.ts';

const options = { width: 800, height: 600, colour: 'srgb', software: 'Photo Bridge' } as const;
const keep = (text: string | Buffer) =>
  keepXmp(Buffer.isBuffer(text) ? text : Buffer.from(text, 'utf8'), options).xmp?.toString('utf8') ?? '';

describe('XMP kept', () => {
  it('says orientation 1 where the packet has it as an attribute', () => {
    expect(keep(xmpPacket('tiff:Orientation="6" xmp:Rating="4"'))).toContain(
      'tiff:Orientation="1" xmp:Rating="4"',
    );
    expect(keep(xmpPacket("tiff:Orientation = '8'"))).toContain('tiff:Orientation = "1"');
  });

  it('says orientation 1 where the packet has it as an element', () => {
    const text = keep(xmpPacket('', '<tiff:Orientation>6</tiff:Orientation><tiff:Make>x</tiff:Make>'));
    expect(text).toContain('<tiff:Orientation>1</tiff:Orientation><tiff:Make>x</tiff:Make>');
  });

  it('finds the property under another prefix', () => {
    const packet = xmpPacket('xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="6"');
    expect(keep(packet)).toContain('t:Orientation="1"');
  });

  it('adds no orientation where there is none', () => {
    expect(keep(xmpPacket('xmp:Rating="3"'))).not.toContain('Orientation');
  });

  it('keeps every other byte but the padding', () => {
    const packet = xmpPacket('xmp:Rating="3"', '<dc:title>Ünïcödé &amp; 写真 🎞</dc:title>');
    expect(keep(packet)).toBe(packet.replace(/ {200}/, '\n'));
  });

  it('turns UTF-16 into UTF-8', () => {
    const packet = Buffer.from(
      `\uFEFF${xmpPacket('tiff:Orientation="6"', '<dc:title>写真</dc:title>')}`,
      'utf16le',
    );
    for (const bytes of [packet, Buffer.from(packet).swap16()]) {
      expect(keep(bytes)).toContain('tiff:Orientation="1"');
      expect(keep(bytes)).toContain('写真');
    }
  });

  it('loses what points to a gain map, a video or a thumbnail that the output does not have', () => {
    const text = keep(
      xmpPacket(
        'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" ' +
          'xmlns:Container="http://ns.google.com/photos/1.0/container/" hdrgm:Version="1.0" GCamera:MotionPhoto="1" ' +
          'GCamera:MotionPhotoVersion="1" xmp:Rating="5"',
        '<Container:Directory><rdf:Seq><rdf:li>x</rdf:li></rdf:Seq></Container:Directory>' +
          '<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails><dc:title>t</dc:title>',
      ),
    );
    expect(text).not.toMatch(/hdrgm:Version|GCamera:Motion|Container:Directory>|Thumbnails/);
    expect(text).toContain('xmp:Rating="5"><dc:title>t</dc:title>');
  });

  it('warns when the packet is no RDF', () => {
    expect(keepXmp(Buffer.from('not xml'), options).warnings).toHaveLength(1);
  });
});

describe('XMP under the copyright policy', () => {
  it('has only rights and creators, still escaped', () => {
    const rights =
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">A &amp; B</rdf:li><rdf:li xml:lang="de">©</rdf:li></rdf:Alt></dc:rights>';
    const creator = '<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>';
    const source = Buffer.from(
      xmpPacket('xmp:Rating="4"', `<dc:title>t</dc:title>${rights}${creator}`),
      'utf8',
    );
    const text = copyrightXmp(source)?.toString('utf8') ?? '';
    expect(text).toContain(rights);
    expect(text).toContain(creator);
    expect(text).not.toMatch(/Rating|title/);
  });

  it('is nothing when the source names neither', () => {
    expect(copyrightXmp(Buffer.from(xmpPacket('xmp:Rating="4"')))).toBeNull();
    expect(copyrightXmp(null)).toBeNull();
  });
});

describe('extended XMP', () => {
  const guid = '0123456789ABCDEF0123456789ABCDEF';
  const main = Buffer.from(
    xmpPacket(
      `xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${guid}" xmp:Rating="4"`,
    ),
  );

  it('is found by its GUID and merged into one packet', () => {
    expect(extensionGuid(main)).toBe(guid);
    const extension = Buffer.from(xmpPacket('xmp:Label="red"'));
    const merged = mergeExtension(main, extension) ?? Buffer.alloc(0);
    const text = keep(merged);
    expect(text).toContain('xmp:Rating="4"');
    expect(text).toContain('xmp:Label="red"');
    expect(text).not.toContain('HasExtendedXMP');
    expect(text.match(/<\/rdf:RDF>/g)).toHaveLength(1);
  });

  it('is not merged when it relies on names declared around its descriptions', () => {
    const extension = xmpPacket('').replace('<rdf:RDF ', '<rdf:RDF xmlns:q="urn:q" ');
    expect(mergeExtension(main, Buffer.from(extension))).toBeNull();
  });
});

describe('hostile XMP', () => {
  const base = Buffer.from(
    xmpPacket(
      'tiff:Orientation="6" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"',
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">A</rdf:li></rdf:Alt></dc:rights>',
    ),
  );

  it('never throws', () => {
    const property = fc.property(fc.oneof(damaged(base), fc.uint8Array().map(Buffer.from)), (packet) => {
      keepXmp(packet, options);
      copyrightXmp(packet);
      extensionGuid(packet);
      mergeExtension(packet, packet);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it.each([
    ['unclosed elements', '<tiff:Orientation>'],
    ['unclosed attributes', ' tiff:Orientation="'],
    ['spaces after a name', ` tiff:Orientation${' '.repeat(40)}`],
    ['openings of an array', '<dc:rights ><rdf:li '],
    ['openings of a list', '<xmp:Thumbnails>'],
  ])('takes time in proportion to its length with nothing but %s', (_name, part) => {
    const seconds = (copies: number) => {
      const packet = Buffer.from(
        `${xmpPacket('').replace('</rdf:RDF>', '')}${part.repeat(copies)}</rdf:RDF>`,
      );
      const start = process.cpuUsage();
      keepXmp(packet, options);
      copyrightXmp(packet);
      const used = process.cpuUsage(start);
      return (used.user + used.system) / 1e6;
    };
    seconds(1000);
    const small = seconds(8000);
    // Eight times the input: a square law would take 64 times as long.
    expect(seconds(64_000)).toBeLessThan(24 * Math.max(small, 0.02));
  });
});
