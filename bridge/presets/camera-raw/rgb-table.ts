/** Decodes the colour table that a profile carries inside its XMP file, to the form native presets have it in. */
import { type ColourProfile, profileCurves, profilePrimaries } from '../../contract/index.ts';
import { unpackTable } from './big-table.ts';
import { refuse } from './refuse.ts';

// Adobe DNG SDK 1.7.1, dng_big_table.cpp: text (base 85) of a 32-bit length and a zlib stream; in it, little-endian,
// type 1, version 1, dimensions, divisions, samples as differences from the identity (modulo 2^16, red outermost), then
// primaries, curve, gamut as 32-bit numbers and the least and largest amount as doubles; flags may follow.
const TABLE_TYPE = 1;
const TABLE_VERSION = 1;
const HEADER = 16;
const TAIL = 28;
const MOST_DIVISIONS = { 1: 4096, 3: 32 } as const;
const MOST_BYTES = HEADER + 32 ** 3 * 6 + TAIL + 4;

export type RgbTable = {
  profile: Omit<ColourProfile, 'name' | 'amount'>;
  /** Factors the table was made for. */
  minAmount: number;
  maxAmount: number;
};

/** `digest`: the MD5 (hex) that the table is called by, of its bytes. Throws BridgeError `preset_invalid`. */
export function decodeRgbTable(text: string, digest: string): RgbTable {
  const bytes = unpackTable(text, digest, MOST_BYTES);
  const [type, version, dimensions, divisions = 0] = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
  if (type !== TABLE_TYPE || version !== TABLE_VERSION || (dimensions !== 1 && dimensions !== 3)) {
    throw refuse('the table of the profile is of an unknown kind');
  }
  const nodes = divisions ** dimensions;
  const isWhole =
    divisions >= 2 && divisions <= MOST_DIVISIONS[dimensions] && bytes.length >= HEADER + nodes * 6 + TAIL;
  if (!isWhole) throw refuse('the table of the profile is damaged: its size is wrong');
  const tail = bytes.subarray(HEADER + nodes * 6);
  const primaries = profilePrimaries[tail.readUInt32LE(0)];
  const curve = profileCurves[tail.readUInt32LE(4)];
  if (primaries === undefined || curve === undefined)
    throw refuse('the table of the profile is for an unknown colour space');
  const outside = tail.readUInt32LE(8) === 0 ? 'clip' : 'extend';
  const [minAmount, maxAmount] = [tail.readDoubleLE(12), tail.readDoubleLE(20)];
  const samples = readSamples(bytes, dimensions, divisions).toString('base64');
  return {
    profile: { primaries, curve, outside, dimensions, divisions, samples },
    minAmount: Number.isFinite(minAmount) ? minAmount : 0,
    maxAmount: Number.isFinite(maxAmount) ? maxAmount : 1,
  };
}

/** Adds the identity back and turns the order around: the native form has red fastest. */
function readSamples(bytes: Buffer, dimensions: 1 | 3, divisions: number): Buffer {
  const identity = Array.from({ length: divisions }, (_, index) =>
    Math.floor((index * 0xffff + (divisions >> 1)) / (divisions - 1)),
  );
  const nodes = divisions ** dimensions;
  const samples = Buffer.alloc(nodes * 6);
  for (let node = 0; node < nodes; node++) {
    const places =
      dimensions === 1
        ? [node, node, node]
        : [Math.floor(node / divisions ** 2), Math.floor(node / divisions) % divisions, node % divisions];
    const [red = 0, green = 0, blue = 0] = places;
    const to = dimensions === 1 ? node : (blue * divisions + green) * divisions + red;
    for (const channel of [0, 1, 2]) {
      const delta = bytes.readUInt16LE(HEADER + node * 6 + channel * 2);
      samples.writeUInt16LE((delta + (identity[places[channel] ?? 0] ?? 0)) & 0xffff, to * 6 + channel * 2);
    }
  }
  return samples;
}
