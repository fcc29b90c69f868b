/** Unpacks the binary tables that profiles carry inside their XMP files, and checks that they are whole. Knows no kind of table. */
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { decodeBase85 } from './base-85.ts';
import { refuse } from './refuse.ts';

/**
 * Text in base 85 of a 32-bit length and a zlib stream (Adobe DNG SDK 1.7.1, dng_big_table.cpp). `digest`: the MD5 (hex) that the table is
 * called by, of its bytes. Throws BridgeError `preset_invalid`, also for tables of more than `mostBytes`.
 */
export function unpackTable(text: string, digest: string, mostBytes: number): Buffer {
  const bytes = inflate(decodeBase85(text), mostBytes);
  if (createHash('md5').update(bytes).digest('hex') !== digest.toLowerCase()) {
    throw refuse('the table of the profile is damaged: its checksum is wrong');
  }
  return bytes;
}

function inflate(packed: Buffer, mostBytes: number): Buffer {
  try {
    const length = packed.readUInt32LE(0);
    if (length >= LEAST_BYTES && length <= mostBytes) {
      const bytes = inflateSync(packed.subarray(4), { maxOutputLength: mostBytes });
      if (bytes.length === length) return bytes;
    }
  } catch {
    // Said below.
  }
  throw refuse('the table of the profile is damaged: it cannot be unpacked');
}

/** No table has fewer: a header and one entry. */
const LEAST_BYTES = 32;
