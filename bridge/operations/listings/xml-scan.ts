/**
 * Walks over the tags of an XML part as ranges of its bytes, so that one cell can be replaced and all else left alone. The
 * part is held as Latin-1 text: one character a byte. Resolves no entities but the five of XML and numbers; refuses a DOCTYPE.
 */
import { toUnreadable } from './limits.ts';

/** `name` without its prefix; `attributes`: the raw text between name and end of the tag. `start..end`: of the tag. */
export type XmlTag = {
  kind: 'open' | 'close' | 'empty';
  prefix: string;
  name: string;
  attributes: string;
  start: number;
  end: number;
};

const TAG = /<(\/?)(?:([\w.-]+):)?([\w.-]+)([^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*)>/y;

/** Throws BridgeError `unprocessable` for what is no well-formed UTF-8 XML. */
export function toXmlText(bytes: Buffer, part: string): string {
  const head = bytes.toString('latin1', 0, 200);
  const encoding = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  const isKnown = /^(utf-8|us-ascii|ascii)$/i.test(encoding) && bytes[0] !== 0xff && bytes[0] !== 0xfe;
  if (!isKnown) throw toUnreadable(`its part ${part} is not in UTF-8`);
  return bytes.toString('latin1');
}

export function* scanTags(xml: string, from = 0, to = xml.length): Generator<XmlTag> {
  let at = xml.indexOf('<', from);
  while (at !== -1 && at < to) {
    const next = xml.charCodeAt(at + 1);
    if (next === 0x21 || next === 0x3f) {
      at = xml.indexOf('<', skipNonTag(xml, at));
      continue;
    }
    TAG.lastIndex = at;
    const match = TAG.exec(xml);
    if (match === null) throw toUnreadable('its XML is damaged');
    const [whole, slash, prefix = '', name = '', rest = ''] = match;
    const isEmpty = rest.endsWith('/');
    yield {
      kind: slash === '/' ? 'close' : isEmpty ? 'empty' : 'open',
      prefix,
      name,
      attributes: isEmpty ? rest.slice(0, -1) : rest,
      start: at,
      end: at + whole.length,
    };
    at = xml.indexOf('<', at + whole.length);
  }
}

/** Past a comment, a CDATA section or a processing instruction. */
function skipNonTag(xml: string, at: number): number {
  const [mark, end] = xml.startsWith('<!--', at)
    ? [4, '-->']
    : xml.startsWith('<![CDATA[', at)
      ? [9, ']]>']
      : xml.startsWith('<?', at)
        ? [2, '?>']
        : [0, ''];
  if (mark === 0) throw toUnreadable('its XML has a document type');
  const close = xml.indexOf(end, at + mark);
  if (close === -1) throw toUnreadable('its XML is damaged');
  return close + end.length;
}

const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The value of an attribute by its full name, entities resolved. */
export function attribute(attributes: string, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (key === name) return toText(double ?? single ?? '');
  }
  return undefined;
}

export function withoutAttributes(attributes: string, names: readonly string[]): string {
  const kept = attributes.matchAll(ATTRIBUTE).filter(([, key = '']) => !names.includes(key));
  return Array.from(kept, ([whole]) => whole).join(' ');
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Character data between tags: CDATA and comments taken away, entities resolved, UTF-8 decoded. */
export function toText(raw: string): string {
  const resolved = raw.replace(
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|&[^;&\s]{1,10};/g,
    (piece) => {
      if (piece.startsWith('<![')) return piece.slice(9, -3);
      return piece.startsWith('&') ? (toCharacter(piece.slice(1, -1)) ?? piece) : '';
    },
  );
  return Buffer.from(resolved, 'latin1').toString('utf8');
}

/** As UTF-8 in Latin-1 text, as all else. */
function toCharacter(entity: string): string | undefined {
  const match = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(entity);
  if (match === null) return named[entity];
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1') : undefined;
}

/** Text as it may stand between tags, as UTF-8. */
export function toXmlBytes(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
