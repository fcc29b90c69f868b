/** Names of output files from a template, safe on Linux, macOS and Windows. Pure: looks at no disk. */
import { basename, dirname, extname } from 'node:path';
import type { OutputFormat } from '../../contract/index.ts';

export const extensions: Record<OutputFormat, string> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  tiff: 'tif',
  avif: 'avif',
};

/** Bytes of UTF-8 a name may have, with room for `-99999` and the extension under the 255 that file systems allow. */
const MAX_BYTES = 200;

export type NameParts = {
  sourcePath: string;
  photoId: number;
  /** Place in the batch, from 1. */
  seq: number;
  batchId: string;
  preset: string;
  blend: number;
  suffix: string;
  /** Modification time of the source; only read when the template asks for a date or time. */
  modified?: Date;
};

export function needsDate(template: string): boolean {
  return template.includes('{date}') || template.includes('{time}');
}

/** Name without extension. Unknown tokens stay as they are. */
export function fillTemplate(template: string, parts: NameParts): string {
  const tokens: Record<string, string> = {
    name: basename(parts.sourcePath, extname(parts.sourcePath)),
    ext: extname(parts.sourcePath).slice(1),
    id: String(parts.photoId),
    seq: String(parts.seq).padStart(4, '0'),
    date: parts.modified === undefined ? '' : localDate(parts.modified),
    time: parts.modified === undefined ? '' : localTime(parts.modified),
    preset: parts.preset,
    blend: String(parts.blend),
    batch: parts.batchId,
    folder: basename(dirname(parts.sourcePath)),
    suffix: parts.suffix,
  };
  const filled = template.replace(/\{(\w+)\}/g, (token, name: string) => tokens[name] ?? token);
  return toSafeName(filled);
}

/** `name.ext`, or `name-2.ext` and so on. */
export function numbered(name: string, attempt: number, format: OutputFormat): string {
  return `${attempt <= 1 ? name : `${name}-${attempt}`}.${extensions[format]}`;
}

export function tempNameOf(batchId: string, item: number, attempt: number): string {
  return `.pb-${batchId}-${item}-${attempt}.tmp`;
}

// Characters Windows refuses, path separators of every system, control characters, and those that turn the direction of writing: with
// them a name can show another ending than it has.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const forbidden = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
/** Windows passes over blanks before the first dot. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;

/** Source: Microsoft, "Naming Files, Paths, and Namespaces". */
export function toSafeName(name: string): string {
  let safe = name
    .replace(forbidden, '_')
    .replace(/^[. ]+/, '_')
    .replace(/[. ]+$/, '');
  if (reserved.test(safe)) safe = `_${safe}`;
  safe = cut(safe.toWellFormed());
  return safe === '' ? 'photo' : safe;
}

/** At most MAX_BYTES of UTF-8, and units of UTF-16 when taken apart (HFS+ counts those), never through a character. */
function cut(name: string): string {
  let kept = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Math.max(Buffer.byteLength(character), character.normalize('NFD').length);
    if (bytes > MAX_BYTES) break;
    kept += character;
  }
  return kept === name ? name : kept.replace(/[. ]+$/, '');
}

function localDate(date: Date): string {
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
}

function localTime(date: Date): string {
  return [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())].join('-');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
