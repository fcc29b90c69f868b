/**
 * Finds the HDR gain map of a JPEG and writes what a JPEG with one says of it: Ultra HDR and Adobe's (XMP), ISO 21496-1
 * (binary) and Apple's. Never decodes pixels.
 *
 * A gain map holds, for each place of the picture, the ratio of its HDR to its SDR brightness. It is kept as it is
 * whatever look changes the picture: a ratio goes on top of the developed brightness as it went on top of the old one,
 * so that highlights glow where they did before. Orientation and size follow the picture (`fit-gain-map.ts`).
 */
import { bodiesOf, type JpegHead, jpegMarker, jpegPrefix, readJpegHead } from './jpeg-segments.ts';
import { isPicture, type PictureIndex } from './multi-picture.ts';
import { elements, hasNamed, prefixesOf, simpleValue, toXmpText, xmpNamespace } from './xmp-text.ts';

export type GainMap = {
  /** A whole JPEG: the map's pixels, and in its segments what they mean. */
  jpeg: Buffer;
  /** It is told by XMP in both pictures (Ultra HDR, Adobe). */
  inXmp: boolean;
  /** It is told by binary segments in both pictures (ISO 21496-1, annex C). */
  inIso: boolean;
};

/** What a picture beside the first is for, told by its own segments. */
export type PictureUse = 'gain-map' | 'depth' | 'matte' | 'other';

const appleUses: readonly [mark: string, use: PictureUse][] = [
  ['aux:hdrgainmap', 'gain-map'],
  ['aux:depth', 'depth'],
  ['aux:disparity', 'depth'],
  ['matte', 'matte'],
];
/** An ISO segment of the first picture holds only the version (two 16-bit numbers), that of the map the parameters. */
const ISO_VERSION_BYTES = 4;

export function pictureUse(jpeg: Buffer): PictureUse {
  const told = readGainMap(jpeg);
  if (told !== null) return 'gain-map';
  const xmp = ownXmp(readJpegHead(jpeg));
  return appleUses.find(([mark]) => xmp.includes(mark))?.[1] ?? 'other';
}

/** Null when the JPEG does not say that it is a gain map. */
export function readGainMap(jpeg: Buffer): GainMap | null {
  const head = readJpegHead(jpeg);
  if (head === null) return null;
  const iso = bodiesOf(head, jpegMarker.app2, jpegPrefix.gainMap);
  const xmp = ownXmp(head);
  const inIso = iso.some((body) => body.length > ISO_VERSION_BYTES);
  const inXmp = hasNamed(xmp, 'gainMap', 'GainMapMax');
  const isApple = xmp.includes('aux:hdrgainmap');
  return inIso || inXmp || isApple ? { jpeg, inXmp, inIso } : null;
}

function ownXmp(head: JpegHead | null): string {
  const packet = head && bodiesOf(head, jpegMarker.app1, jpegPrefix.xmp)[0];
  return packet ? toXmpText(packet) : '';
}

export type FoundGainMap = { map: GainMap | null; isDamaged: boolean };

/** What a file with an index of its pictures, or a directory of them in its XMP, has by way of a gain map. */
export function findGainMap(
  file: Buffer,
  head: JpegHead,
  { index, xmp }: { index: PictureIndex | null; xmp: Buffer | null },
): FoundGainMap {
  for (const { start, end } of index?.pictures ?? []) {
    const map = readGainMap(file.subarray(start, end));
    if (map !== null) return { map, isDamaged: false };
  }
  const place = placeInDirectory(file, xmp);
  const listed = place !== null && isPicture(file, head, place);
  const map = listed ? readGainMap(file.subarray(place.start, place.end)) : null;
  return { map, isDamaged: map === null && claimsGainMap(head, xmp) };
}

/** Does the first picture say that a gain map belongs to it? */
function claimsGainMap(head: JpegHead, xmp: Buffer | null): boolean {
  if (bodiesOf(head, jpegMarker.app2, jpegPrefix.gainMap).length > 0) return true;
  const text = xmp === null ? '' : toXmpText(xmp);
  return simpleValue(text, ['gainMap', 'Version']) !== undefined;
}

export type DirectoryItem = { semantic: string; mime: string; length: number };

/** The items of the directory that Google's container keeps in the XMP of the first picture. */
export function readDirectory(xmp: Buffer | null): DirectoryItem[] {
  const text = xmp === null ? '' : toXmpText(xmp);
  const found: DirectoryItem[] = [];
  for (const prefix of prefixesOf(text, 'container')) {
    for (const { content } of elements(text, `${prefix}:Directory`)) {
      for (const item of elements(content, `${prefix}:Item`)) {
        // The values are attributes or elements; the declarations of their names stand further out.
        const declared = prefixesOf(text, 'containerItem');
        const names = declared.map((name) => `xmlns:${name}="${xmpNamespace.containerItem}"`).join(' ');
        const own = `<x ${names} ${item.attributes}>${item.content}</x>`;
        const value = (name: string) => simpleValue(own, ['containerItem', name]) ?? '';
        const length = Number.parseInt(value('Length'), 10);
        found.push({
          semantic: value('Semantic'),
          mime: value('Mime'),
          length: Number.isSafeInteger(length) && length > 0 ? length : 0,
        });
        if (found.length === 64) return found;
      }
    }
  }
  return found;
}

/** The items after the first lie behind one another up to the end of the file. */
function placeInDirectory(file: Buffer, xmp: Buffer | null): { start: number; end: number } | null {
  const items = readDirectory(xmp);
  const at = items.findIndex(({ semantic }) => semantic === 'GainMap');
  if (at < 1) return null;
  const after = items.slice(at + 1).reduce((sum, { length }) => sum + length, 0);
  const end = file.length - after;
  return { start: end - (items[at]?.length ?? 0), end };
}

/** The RDF description with which the XMP of the first picture tells of a map of `bytes`. Ultra HDR 1.1, "XMP attributes". */
export function gainMapDescription(bytes: number): string {
  const item = (attributes: string) =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" ${attributes}/></rdf:li>`;
  return [
    `<rdf:Description rdf:about="" xmlns:hdrgm="${xmpNamespace.gainMap}"`,
    ` xmlns:Container="${xmpNamespace.container}" xmlns:Item="${xmpNamespace.containerItem}" hdrgm:Version="1.0">`,
    '<Container:Directory><rdf:Seq>',
    item('Item:Semantic="Primary"'),
    item(`Item:Semantic="GainMap" Item:Length="${bytes}"`),
    '</rdf:Seq></Container:Directory></rdf:Description>',
  ].join('');
}

/** The payload of the binary segment of the first picture: the versions of the standard (0) that it takes to read it. */
export function isoVersionPayload(): Buffer {
  return Buffer.concat([jpegPrefix.gainMap, Buffer.alloc(ISO_VERSION_BYTES)]);
}
