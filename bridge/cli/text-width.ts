/**
 * How wide text is on a terminal, and text made to fit. Pure. The tables behind it (wide characters of East Asia, emoji of
 * several code points, marks without a width) change with Unicode: `string-width` keeps them.
 */
import stringWidth from 'string-width';

const ELLIPSIS = '…';
const PLAIN = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Controls, and the marks that turn the direction of what follows: a file name must not move the cursor or pass for another. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Columns that `text` takes; escape sequences take none. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** One line that only shows itself: a line break is seen as `␊`. */
export function toPrintable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, toPicture);
}

function toPicture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

/** At most `width` columns, cut at its end. */
export function fitEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width < 1 ? '' : takeStart(text, width - 1) + ELLIPSIS;
}

/** At most `width` columns, cut in the middle: of a path both its root and its name are worth seeing, the name more. */
export function fitMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const end = Math.ceil(((width - 1) * 2) / 3);
  return takeStart(text, width - 1 - end) + ELLIPSIS + takeEnd(text, end);
}

/** Followed by spaces up to `width` columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function takeStart(text: string, width: number): string {
  return take(split(text), width).join('');
}

function takeEnd(text: string, width: number): string {
  return take(split(text).reverse(), width).reverse().join('');
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function take(parts: readonly string[], width: number): string[] {
  let left = width;
  const taken: string[] = [];
  for (const part of parts) {
    left -= widthOf(part);
    if (left < 0) break;
    taken.push(part);
  }
  return taken;
}
