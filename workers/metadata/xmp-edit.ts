/** Makes the XMP of an output from the XMP of its source: what the new file contradicts is set right or taken out. */
import type { PrepareOptions } from './types.ts';
import {
  listValues,
  removeNamed,
  removeProperty,
  setIfPresent,
  simpleValue,
  toXmpPacket,
  toXmpText,
  type XmpProperty,
  xmpNamespace,
} from './xmp-text.ts';

export type EditedXmp = { xmp: Buffer | null; warnings: string[] };

const MAX_XMP = 32 * 1024 * 1024;
const profileNames = { srgb: 'sRGB', 'display-p3': 'Display P3', 'adobe-rgb': 'Adobe RGB (1998)' } as const;

export function keepXmp(source: Buffer | null, options: Required<Omit<PrepareOptions, 'policy'>>): EditedXmp {
  if (source === null) return { xmp: null, warnings: [] };
  const packet = source.length > MAX_XMP ? '' : toXmpText(source);
  if (!packet.includes('rdf:RDF'))
    return { xmp: null, warnings: ['The XMP data is damaged and was not kept.'] };
  const { width, height, colour, software } = options;
  const changes: [XmpProperty, string][] = [
    [['tiff', 'Orientation'], '1'],
    [['tiff', 'ImageWidth'], String(width)],
    [['tiff', 'ImageLength'], String(height)],
    [['exif', 'PixelXDimension'], String(width)],
    [['exif', 'PixelYDimension'], String(height)],
    [['exif', 'ColorSpace'], colour === 'srgb' ? '1' : '65535'],
    [['tiff', 'Software'], software],
    [['xmp', 'CreatorTool'], software],
  ];
  if (colour !== 'other') changes.push([['photoshop', 'ICCProfile'], profileNames[colour]]);
  const edited = changes.reduce((text, [property, value]) => setIfPresent(text, property, value), packet);
  return { xmp: toXmpPacket(withoutLostParts(edited)), warnings: [] };
}

/** Takes out what points to parts of the source file that an output never has: thumbnail, gain map, motion, extension. */
function withoutLostParts(text: string): string {
  let result = removeProperty(text, ['xmp', 'Thumbnails']);
  result = removeProperty(result, ['note', 'HasExtendedXMP']);
  result = removeProperty(result, ['container', 'Directory']);
  result = removeNamed(result, 'gainMap', '');
  return removeNamed(removeNamed(result, 'camera', 'MicroVideo'), 'camera', 'MotionPhoto');
}

/** A fresh packet with rights and creator only; null when the source has neither. */
export function copyrightXmp(source: Buffer | null): Buffer | null {
  const text = source === null || source.length > MAX_XMP ? '' : toXmpText(source);
  const rights = listValues(text, ['dc', 'rights']).map(
    (item) => `<rdf:li xml:lang="${item.language ?? 'x-default'}">${item.text}</rdf:li>`,
  );
  const creators = listValues(text, ['dc', 'creator']).map((item) => `<rdf:li>${item.text}</rdf:li>`);
  if (rights.length + creators.length === 0) return null;
  const properties = [
    rights.length === 0 ? '' : `<dc:rights><rdf:Alt>${rights.join('')}</rdf:Alt></dc:rights>`,
    creators.length === 0 ? '' : `<dc:creator><rdf:Seq>${creators.join('')}</rdf:Seq></dc:creator>`,
  ];
  return toXmpPacket(
    wrap(
      `<rdf:Description rdf:about="" xmlns:dc="${xmpNamespace.dc}">${properties.join('')}</rdf:Description>`,
    ),
  );
}

/** RDF descriptions as a whole packet (latin1 text; the byte-order mark in `begin` is part of the format). */
function wrap(descriptions: string): string {
  const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
  const begin = Buffer.from('\uFEFF', 'utf8').toString('latin1');
  return [
    `<?xpacket begin="${begin}" id="W5M0MpCehiHzreSzNTczkc9d"?>`,
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}">${descriptions}</rdf:RDF></x:xmpmeta>`,
    '<?xpacket end="w"?>',
  ].join('\n');
}

/** The 32 hex digits that name the extension of a JPEG's packet, if it has one. */
export function extensionGuid(packet: Buffer): string | null {
  const guid = simpleValue(toXmpText(packet), ['note', 'HasExtendedXMP']);
  return guid !== undefined && /^[0-9A-Fa-f]{32}$/.test(guid) ? guid : null;
}

/** A packet that only says "the rest is in the extension `guid`" (XMP specification part 3, 1.1.3.1). */
export function extensionHolder(guid: string): Buffer {
  const note = `xmlns:xmpNote="${xmpNamespace.note}" xmpNote:HasExtendedXMP="${guid}"`;
  return toXmpPacket(wrap(`<rdf:Description rdf:about="" ${note}/>`));
}

/** Both parts as one packet; null when the extension relies on names declared outside its descriptions. */
export function mergeExtension(packet: Buffer, extension: Buffer): Buffer | null {
  const main = toXmpText(packet);
  const extra = toXmpText(extension);
  const head = /<rdf:RDF(\s[^<>]*)?>/.exec(extra);
  const end = extra.lastIndexOf('</rdf:RDF>');
  const insertAt = main.lastIndexOf('</rdf:RDF>');
  if (head === null || end < head.index + head[0].length || insertAt < 0) return null;
  const outside = extra.slice(0, head.index) + head[0];
  if ([...outside.matchAll(/xmlns:([\w-]{1,40})/g)].some(([, prefix]) => prefix !== 'rdf' && prefix !== 'x'))
    return null;
  const descriptions = extra.slice(head.index + head[0].length, end);
  return toXmpPacket(main.slice(0, insertAt) + descriptions + main.slice(insertAt));
}
