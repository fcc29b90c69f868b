/** Decodes the table of hues (Adobe's "look table") that a profile carries inside its XMP file, to the form native presets have it in. */
import { type HueTable, MAX_HUE_TABLE_ENTRIES } from '../../contract/index.ts';
import { unpackTable } from './big-table.ts';
import { refuse } from './refuse.ts';

// Adobe DNG SDK 1.7.1, dng_big_table.cpp: little-endian type 0, version 1 or 2, divisions of hue, saturation and value, three 32-bit floats
// an entry (saturation innermost, value outermost), the encoding of value, and in version 2 the least and largest amount as doubles.
const TABLE_TYPE = 0;
const HEADER = 20;
const ENTRY = 12;
const MOST_BYTES = HEADER + MAX_HUE_TABLE_ENTRIES * ENTRY + 28;
const encodings = ['linear', 'srgb'] as const;

export type HueTableFile = {
  table: Omit<HueTable, 'name' | 'amount'>;
  /** Factors the table was made for. */
  minAmount: number;
  maxAmount: number;
};

/** Throws BridgeError `preset_invalid`. */
export function decodeHueTable(text: string, digest: string): HueTableFile {
  const bytes = unpackTable(text, digest, MOST_BYTES);
  const [type, version, hues = 0, saturations = 0, values = 0] = [0, 4, 8, 12, 16].map((at) =>
    bytes.readUInt32LE(at),
  );
  if (type !== TABLE_TYPE || (version !== 1 && version !== 2)) {
    throw refuse('the table of hues of the profile is of an unknown kind');
  }
  const entries = hues * saturations * values;
  const tail = HEADER + entries * ENTRY;
  const isWhole =
    entries >= 1 && entries <= MAX_HUE_TABLE_ENTRIES && bytes.length >= tail + (version === 2 ? 20 : 4);
  if (!isWhole) throw refuse('the table of hues of the profile is damaged: its size is wrong');
  const encoding = encodings[bytes.readUInt32LE(tail)];
  if (encoding === undefined) throw refuse('the table of hues of the profile is for an unknown encoding');
  const samples = bytes.subarray(HEADER, tail);
  for (let at = 0; at < samples.length; at += 4) {
    if (!Number.isFinite(samples.readFloatLE(at))) {
      throw refuse('the table of hues of the profile is damaged: not all of it are numbers');
    }
  }
  const [minAmount, maxAmount] =
    version === 2 ? [bytes.readDoubleLE(tail + 4), bytes.readDoubleLE(tail + 12)] : [1, 1];
  return {
    table: { encoding, hues, saturations, values, samples: samples.toString('base64') },
    minAmount: Number.isFinite(minAmount) ? minAmount : 1,
    maxAmount: Number.isFinite(maxAmount) ? maxAmount : 1,
  };
}
