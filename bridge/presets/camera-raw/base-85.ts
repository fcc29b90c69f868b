/** The text form of binary tables in Adobe's XMP files. */

// Adobe DNG SDK 1.7.1, dng_big_table.cpp: like Z85 (ZeroMQ RFC 32), with an alphabet that needs no escapes in XMP; the least
// digit comes first, groups of five give four bytes little-endian, k digits at the end give k - 1.
const ALPHABET = `0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?\`'|()[]{}@%$#`;
const BASE = 85;

const digits = new Map([...ALPHABET].map((character, digit) => [character, digit]));

/** Characters that are no digits (line breaks) are passed over. */
export function decodeBase85(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((text.length * 4) / 5) + 4);
  let length = 0;
  let phase = 0;
  let value = 0;
  for (const character of text) {
    const digit = digits.get(character);
    if (digit === undefined) continue;
    value += digit * BASE ** phase;
    phase += 1;
    if (phase < 5) continue;
    bytes.writeUInt32LE(value % 2 ** 32, length);
    length += 4;
    phase = 0;
    value = 0;
  }
  for (let rest = 0; rest < phase - 1; rest++) {
    bytes[length + rest] = Math.floor(value / 256 ** rest) % 256;
  }
  return bytes.subarray(0, length + Math.max(0, phase - 1));
}
