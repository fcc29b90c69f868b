/** Bytes of a preset file to text: UTF-8, or UTF-16 where the first bytes say so. */
import { BridgeError } from '../errors.ts';

/** The byte-order mark is left out. Throws BridgeError `preset_invalid`. */
export function decodeText(bytes: Uint8Array): string {
  const encoding = toEncoding(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const name = encoding === 'utf-8' ? 'UTF-8' : 'UTF-16';
    throw new BridgeError('preset_invalid', `not ${name} text; save the file as UTF-8`);
  }
}

/** A byte-order mark, or a first character (in XML a "<": XML 1.0, appendix F) that is two bytes wide. */
function toEncoding([first = 0, second = 0]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c);
  return isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
}
