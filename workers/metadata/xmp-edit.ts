/** Makes the XMP of an output from the XMP of its source: what the new file contradicts is set right or taken out. */
import type { PrepareOptions } from './types.ts';
import { placeRegions } from './xmp-regions.ts';
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

export type XmpOptions = Required<Omit<PrepareOptions, 'policy' | 'orientation'>> &
  Pick<PrepareOptions, 'orientation'>;
export type EditedXmp = { xmp: Buffer | null; warnings: string[] };

const MAX_XMP = 32 * 1024 * 1024;
const profileNames = { srgb: 'sRGB', 'display-p3': 'Display P3', 'adobe-rgb': 'Adobe RGB (1998)' } as const;

export function keepXmp(source: Buffer | null, options: XmpOptions): EditedXmp {
  if (source === null) return { xmp: null, warnings: [] };
  const packet = source.length > MAX_XMP ? '' : toXmpText(source);
  if (!packet.includes('rdf:RDF'))
    return { xmp: null, warnings: ['The XMP data is damaged and was not kept.'] };
  const { width, height, colour, software, orientation = 1 } = options;
  const changes: [XmpProperty, string][] = [
    [['tiff', 'Orientation'], '1'],
    [['tiff', 'ImageWidth'], String(width)],
    [['tiff', 'ImageLength'], String(height)],
    [['exif', 'PixelXDimension'], String(width)],
    [['exif', 'PixelYDimension'], String(height)],
    [['exif', 'ColorSpace'], colour === 'srgb' ? '1' : '65535'],
    [['tiff', 'Software'], software],
    [['xmp', 'CreatorTool'], software],
    // Settings that were waiting in the source are not to be applied by the next program to a developed photo.
    [['cameraRaw', 'AlreadyApplied'], 'True'],
  ];
  if (colour !== 'other') changes.push([['photoshop', 'ICCProfile'], profileNames[colour]]);
  const edited = changes.reduce((text, [property, value]) => setIfPresent(text, property, value), packet);
  const placed = placeRegions(withoutLostParts(edited), { orientation, width, height });
  return { xmp: toXmpPacket(placed), warnings: [] };
}

/**
 * Takes out what points to parts of the source file that an output never has (extension, videos, credentials), or shows
 * the photo as it was (thumbnails, pictures and depth maps in text). Of a gain map the container tells anew.
 */
function withoutLostParts(text: string): string {
  let result = text;
  for (const property of lostProperties) result = removeProperty(result, property);
  for (const [namespace, start] of lostNames) result = removeNamed(result, namespace, start);
  const provenance = simpleValue(result, ['terms', 'provenance']) ?? '';
  return provenance.startsWith('self#') ? removeProperty(result, ['terms', 'provenance']) : result;
}

const lostProperties: readonly XmpProperty[] = [
  ['xmp', 'Thumbnails'],
  ['note', 'HasExtendedXMP'],
  ['container', 'Directory'],
];
const lostNames = [
  ['gainMap', ''],
  ['camera', 'MicroVideo'],
  ['camera', 'MotionPhoto'],
  ['depth', ''],
  ['image', ''],
  ['device', ''],
] as const;

/** What says whose the photo is and what may be done with it. XMP specification part 1, 8.3 and 8.5. */
const rightsProperties: readonly { property: XmpProperty; array: 'Alt' | 'Seq' | 'Bag' | null }[] = [
  { property: ['dc', 'rights'], array: 'Alt' },
  { property: ['dc', 'creator'], array: 'Seq' },
  { property: ['rights', 'Marked'], array: null },
  { property: ['rights', 'WebStatement'], array: null },
  { property: ['rights', 'UsageTerms'], array: 'Alt' },
  { property: ['rights', 'Owner'], array: 'Bag' },
];

/** A fresh packet with rights and creator only; null when the source has neither. */
export function copyrightXmp(source: Buffer | null): Buffer | null {
  const text = source === null || source.length > MAX_XMP ? '' : toXmpText(source);
  const kept = rightsProperties.map(({ property, array }) => {
    const items = listValues(text, property);
    const [namespace, name] = property;
    const prefix = namespace === 'rights' ? 'xmpRights' : namespace;
    if (items.length === 0) return '';
    const values = items.map((item) => {
      const language = array === 'Alt' ? ` xml:lang="${item.language ?? 'x-default'}"` : '';
      return `<rdf:li${language}>${item.text}</rdf:li>`;
    });
    const content = array === null ? items[0]?.text : `<rdf:${array}>${values.join('')}</rdf:${array}>`;
    return `<${prefix}:${name}>${content}</${prefix}:${name}>`;
  });
  if (kept.every((property) => property === '')) return null;
  const names = `xmlns:dc="${xmpNamespace.dc}" xmlns:xmpRights="${xmpNamespace.rights}"`;
  return toXmpPacket(wrap(`<rdf:Description rdf:about="" ${names}>${kept.join('')}</rdf:Description>`));
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

/** A packet that only says "the rest is in the extension `guid`" (XMP specification part 3, 1.1.3.1), and `more`. */
export function extensionHolder(guid: string, more = ''): Buffer {
  const note = `xmlns:xmpNote="${xmpNamespace.note}" xmpNote:HasExtendedXMP="${guid}"`;
  return toXmpPacket(wrap(`<rdf:Description rdf:about="" ${note}/>${more}`));
}

/** The packet with one description more; a new one where there is none, or none that could take it. */
export function withDescription(packet: Buffer | null, description: string): Buffer {
  const text = packet === null ? '' : toXmpText(packet);
  const at = text.lastIndexOf('</rdf:RDF>');
  return toXmpPacket(at < 0 ? wrap(description) : text.slice(0, at) + description + text.slice(at));
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
