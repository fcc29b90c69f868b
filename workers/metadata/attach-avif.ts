/**
 * Puts EXIF and XMP items and a colour profile into an AVIF: its item tables are written anew, the metadata go to the
 * end of the file. ISO/IEC 23008-12 (HEIF), 6.5.5 and annex A; MIAF 23000-22.
 */
import { lost, unchanged } from './attach-warnings.ts';
import { associate, type ItemLocation, readLocations, writeLocations } from './avif-items.ts';
import { type Box, box, readBoxes, u16, u32 } from './isobmff.ts';
import { fittingProfile } from './profiles.ts';
import type { AttachInput, AttachResult } from './types.ts';

const MAX_OFFSET = 2 ** 31;
const MAX_COUNT = 65_000;

type Item = { type: 'Exif' | 'mime'; data: Buffer };
type NewItem = Item & { id: number };
/** The children of `meta` that change. */
type Tables = {
  children: Box[];
  locations: ItemLocation[];
  information: Buffer;
  primary: number;
  properties: Box[];
  associations: Buffer;
};

export function attachToAvif({ encoded, blocks, icc }: AttachInput): AttachResult {
  const boxes = readBoxes(encoded);
  const meta = boxes?.find(({ type }) => type === 'meta');
  const tables = meta && readTables(meta);
  if (meta === undefined || !tables || !hasRoom(tables)) return unchanged(encoded);
  const warnings: string[] = [];
  const profile = fittingProfile(icc, isMonochrome(tables));
  if (profile === null && icc !== null) warnings.push(lost.profile);
  if (blocks.iptc !== null) warnings.push(lost.iptc);
  const items = newItems(blocks, Math.max(0, ...tables.locations.map(({ id }) => id)));
  const write = (shift: number, end: number) =>
    writeMeta(tables, { items, profile, shift, moved: meta.end, end });
  const size = write(0, 0)?.length;
  if (size === undefined) return unchanged(encoded);
  const shift = size - (meta.end - meta.start);
  const grown = write(shift, encoded.length + shift + 8);
  if (grown === null) return unchanged(encoded);
  const data = items.length === 0 ? [] : [box('mdat', ...items.map((item) => item.data))];
  return { pieces: [encoded.subarray(0, meta.start), grown, encoded.subarray(meta.end), ...data], warnings };
}

/** False for numbers that no field could hold any more once the tables have grown: only a damaged file has them. */
function hasRoom({ locations, information }: Tables): boolean {
  const numbers = locations.flatMap(({ base, extents }) => extents.map(({ offset }) => base + offset));
  const counts = [information.readUInt16BE(4), ...locations.map(({ id }) => id)];
  return numbers.every((offset) => offset < MAX_OFFSET) && counts.every((count) => count < MAX_COUNT);
}

function newItems(blocks: AttachInput['blocks'], lastId: number): NewItem[] {
  const items: Item[] = [];
  // The four bytes say how far into the item the TIFF header lies.
  if (blocks.exif !== null) items.push({ type: 'Exif', data: Buffer.concat([u32(0), blocks.exif]) });
  if (blocks.xmp !== null) items.push({ type: 'mime', data: blocks.xmp });
  return items.map((item, i) => ({ ...item, id: lastId + 1 + i }));
}

function readTables(meta: Box): Tables | null {
  const children = readBoxes(meta.payload.subarray(4));
  const payload = (type: string) => children?.find((child) => child.type === type)?.payload;
  const iloc = payload('iloc');
  const iinf = payload('iinf');
  const pitm = payload('pitm');
  const iprp = payload('iprp');
  if (!children || !iloc || !iinf || !pitm || !iprp || iinf.length < 6 || pitm.length < 6) return null;
  const locations = readLocations(iloc);
  const parts = readBoxes(iprp);
  const properties = parts?.find(({ type }) => type === 'ipco');
  const associations = parts?.find(({ type }) => type === 'ipma');
  const propertyBoxes = properties && readBoxes(properties.payload);
  // Version 0 of these has 16-bit counts and ids: all that an encoder needs for one photo.
  const isPlain = iinf[0] === 0 && pitm[0] === 0 && parts?.length === 2;
  const reference = payload('iref');
  if (!locations || !propertyBoxes || !associations || !isPlain || (reference && reference[0] !== 0))
    return null;
  return {
    children,
    locations,
    information: iinf,
    primary: pitm.readUInt16BE(4),
    properties: propertyBoxes,
    associations: associations.payload,
  };
}

/** `pixi` lists the bits of each channel of the picture. */
function isMonochrome({ properties }: Tables): boolean {
  return properties.find(({ type }) => type === 'pixi')?.payload[4] === 1;
}

/** `shift`: what to add to offsets from `moved` on. `end`: where the first new item's data will lie. */
type Change = {
  items: readonly NewItem[];
  profile: Buffer | null;
  shift: number;
  moved: number;
  end: number;
};

function writeMeta(tables: Tables, change: Change): Buffer | null {
  const properties = change.profile === null ? [] : writeProperties(tables, change.profile);
  if (properties === null) return null;
  const references = change.items.map(({ id }) => box('cdsc', u16(id), u16(1), u16(tables.primary)));
  const children = tables.children.map((child) => {
    if (child.type === 'iloc')
      return writeLocations([...moveLocations(tables.locations, change), ...place(change)]);
    if (child.type === 'iinf') return writeInformation(tables.information, change.items);
    if (child.type === 'iref') return box('iref', child.payload, ...references);
    if (child.type === 'iprp' && change.profile !== null) return box('iprp', ...properties);
    return box(child.type, child.payload);
  });
  const hasReferences = tables.children.some(({ type }) => type === 'iref') || references.length === 0;
  return box('meta', u32(0), ...children, ...(hasReferences ? [] : [box('iref', u32(0), ...references)]));
}

function moveLocations(locations: readonly ItemLocation[], { shift, moved }: Change): ItemLocation[] {
  return locations.map((item) => ({
    ...item,
    base: 0,
    extents: item.extents.map(({ offset, length }) => {
      const at = item.base + offset;
      return { offset: item.construction === 0 && at >= moved ? at + shift : at, length };
    }),
  }));
}

function place({ items, end }: Change): ItemLocation[] {
  let at = end;
  return items.map(({ id, data }) => {
    const extents = [{ offset: at, length: data.length }];
    at += data.length;
    return { id, construction: 0, dataReference: 0, base: 0, extents };
  });
}

function writeInformation(payload: Buffer, items: readonly NewItem[]): Buffer {
  const entries = items.map(({ id, type }) => {
    const name = type === 'mime' ? '\0application/rdf+xml\0' : '\0';
    return box('infe', Buffer.from([2, 0, 0, 0]), u16(id), u16(0), Buffer.from(type + name, 'latin1'));
  });
  const count = u16(payload.readUInt16BE(4) + items.length);
  return box('iinf', payload.subarray(0, 4), count, payload.subarray(6), ...entries);
}

/** The contents of `iprp` with the profile as a property of the primary item, in the place of one it already has. */
function writeProperties(tables: Tables, profile: Buffer): Buffer[] | null {
  const colour = box('colr', Buffer.from('prof', 'latin1'), profile);
  const isProfile = ({ type, payload }: Box) =>
    type === 'colr' && payload.toString('latin1', 0, 4) === 'prof';
  const kept = tables.properties.map((property) =>
    isProfile(property) ? colour : box(property.type, property.payload),
  );
  if (tables.properties.some(isProfile)) return [box('ipco', ...kept), box('ipma', tables.associations)];
  const associations = associate(tables.associations, tables.primary, kept.length + 1);
  return associations && [box('ipco', ...kept, colour), box('ipma', associations)];
}
