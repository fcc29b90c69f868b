/**
 * Reads the matrix and tone curves of an ICC profile (ICC.1:2022: header 7.2, tag table 7.3, `XYZ ` 10.31, `curv` 10.6,
 * `para` 10.18). Answers null for profiles of any other make and for damaged ones; never throws.
 */
import type { Curve, RgbSpace } from './rgb-space.ts';

const MAX_TAGS = 200;
const tableTypes: ReadonlySet<string> = new Set(['mft1', 'mft2', 'mAB ']);

/** The space of an RGB matrix profile. Null when the profile works by tables, or is not RGB, or is damaged. */
export function parseMatrixProfile(icc: Buffer): RgbSpace | null {
  const tags = readTags(icc);
  if (tags === null || dataSpace(icc) !== 'RGB ' || tags.has('A2B0')) return null;
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => parseXyz(tags.get(name)));
  const [red, green, blue] = ['rTRC', 'gTRC', 'bTRC'].map((name) => parseCurve(tags.get(name)));
  if (!red || !green || !blue) return null;
  const toXyz: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (const column of columns) {
      const value = column?.[row];
      if (value === undefined) return null;
      toXyz.push(value);
    }
  }
  return { toXyz, linearise: [red, green, blue] };
}

/** The tone curve of a grey profile, or null. */
export function parseGreyProfile(icc: Buffer): Curve | null {
  const tags = readTags(icc);
  return tags !== null && dataSpace(icc) === 'GRAY' ? parseCurve(tags.get('kTRC')) : null;
}

/** The profile's colour model: `RGB `, `GRAY`, `CMYK`, … Empty when it is too short to be one. */
export function dataSpace(icc: Buffer): string {
  return icc.toString('latin1', 16, 20);
}

/** True when the profile holds a way from its colours to the connection space. Of a table only the kind is looked at. */
export function isSoundProfile(icc: Buffer): boolean {
  const table = readTags(icc)?.get('A2B0');
  if (table !== undefined) return tableTypes.has(table.toString('latin1', 0, 4));
  return parseMatrixProfile(icc) !== null || parseGreyProfile(icc) !== null;
}

/** What is in the profile, by the four letters of each tag. Null when header or table of contents make no sense. */
export function readTags(icc: Buffer): Map<string, Buffer> | null {
  if (icc.length < 132 || icc.toString('latin1', 36, 40) !== 'acsp') return null;
  const count = icc.readUInt32BE(128);
  const tags = new Map<string, Buffer>();
  if (count === 0 || count > MAX_TAGS) return null;
  for (let index = 0; index < count; index++) {
    const entry = 132 + index * 12;
    if (entry + 12 > icc.length) return null;
    const offset = icc.readUInt32BE(entry + 4);
    const size = icc.readUInt32BE(entry + 8);
    if (offset + size > icc.length) return null;
    tags.set(icc.toString('latin1', entry, entry + 4), icc.subarray(offset, offset + size));
  }
  return tags;
}

function parseXyz(tag: Buffer | undefined): number[] | null {
  if (tag === undefined || tag.length < 20) return null;
  return [8, 12, 16].map((at) => tag.readInt32BE(at) / 65536);
}

function parseCurve(tag: Buffer | undefined): Curve | null {
  if (tag === undefined || tag.length < 12) return null;
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv') return parseTable(tag);
  return type === 'para' ? parseParametric(tag) : null;
}

function parseTable(tag: Buffer): Curve | null {
  const count = tag.readUInt32BE(8);
  if (count === 0) return (value) => value;
  if (12 + count * 2 > tag.length) return null;
  if (count === 1) {
    const gamma = tag.readUInt16BE(12) / 256;
    return (value) => value ** gamma;
  }
  const entries = Float64Array.from(
    { length: count },
    (_, index) => tag.readUInt16BE(12 + index * 2) / 65535,
  );
  return (value) => {
    const position = Math.min(Math.max(value, 0), 1) * (count - 1);
    const low = Math.min(Math.floor(position), count - 2);
    const from = entries[low] ?? 0;
    return from + ((entries[low + 1] ?? 0) - from) * (position - low);
  };
}

/** Parameters of each function type, in the file's order. */
const parameterCounts = [1, 3, 4, 5, 7];

function parseParametric(tag: Buffer): Curve | null {
  const kind = tag.readUInt16BE(8);
  const count = parameterCounts[kind];
  if (count === undefined || 12 + count * 4 > tag.length) return null;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: count },
    (_, index) => tag.readInt32BE(12 + index * 4) / 65536,
  );
  const power = (value: number) => Math.max(a * value + b, 0) ** g;
  switch (kind) {
    case 0:
      return (value) => value ** g;
    case 1:
      return (value) => (value >= -b / a ? power(value) : 0);
    case 2:
      return (value) => (value >= -b / a ? power(value) + c : c);
    case 3:
      return (value) => (value >= d ? power(value) : c * value);
    default:
      return (value) => (value >= d ? power(value) + e : c * value + f);
  }
}
