/** Packs the bytes of a profile's table the way XMP files carry them. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?`'|()[]{}@%$#";

export function encodeBase85(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const group = [...bytes.subarray(at, at + 4)];
    let value = group.reduce((sum, byte, index) => sum + byte * 256 ** index, 0);
    for (let digit = 0; digit <= group.length; digit++) {
      text += ALPHABET[value % 85];
      value = Math.floor(value / 85);
    }
  }
  return text;
}

export function packTable(bytes: Buffer): { digest: string; text: string } {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  const digest = createHash('md5').update(bytes).digest('hex').toUpperCase();
  return { digest, text: encodeBase85(Buffer.concat([length, deflateSync(bytes)])) };
}
