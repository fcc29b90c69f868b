/**
 * Finds and changes properties of an XMP packet as text, one character per byte (latin1), so that everything not
 * touched stays byte for byte. Not an XML parser; every search is linear in the packet.
 */

export const xmpNamespace = {
  dc: 'http://purl.org/dc/elements/1.1/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  rights: 'http://ns.adobe.com/xap/1.0/rights/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  note: 'http://ns.adobe.com/xmp/note/',
  gainMap: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  camera: 'http://ns.google.com/photos/1.0/camera/',
  container: 'http://ns.google.com/photos/1.0/container/',
  containerItem: 'http://ns.google.com/photos/1.0/container/item/',
  depth: 'http://ns.google.com/photos/1.0/depthmap/',
  image: 'http://ns.google.com/photos/1.0/image/',
  device: 'http://ns.google.com/photos/dd/1.0/device/',
  regions: 'http://www.metadataworkinggroup.com/schemas/regions/',
  area: 'http://ns.adobe.com/xmp/sType/Area#',
  dimensions: 'http://ns.adobe.com/xap/1.0/sType/Dimensions#',
  people: 'http://ns.microsoft.com/photo/1.2/t/Region#',
  cameraRaw: 'http://ns.adobe.com/camera-raw-settings/1.0/',
  terms: 'http://purl.org/dc/terms/',
} as const;
export type XmpNamespace = keyof typeof xmpNamespace;
export type XmpProperty = readonly [namespace: XmpNamespace, name: string];

const prefixPattern = /xmlns:([A-Za-z_][\w-]{0,40})\s{0,8}=\s{0,8}["']([^"'<>]{1,80})["']/g;

/** A packet as text: UTF-16 turned into UTF-8, byte-order mark, NULs and the padding at the end left out. */
export function toXmpText(packet: Buffer): string {
  const decoded = fromUtf16(packet) ?? packet;
  const text = decoded.toString('latin1');
  const start = text.indexOf('<');
  const end = text.lastIndexOf('>');
  if (start < 0 || end < start) return '';
  const body = text.slice(start, end + 1);
  const trailer = body.lastIndexOf('<?xpacket end');
  return trailer < 0 ? body : `${body.slice(0, trailer).trimEnd()}\n${body.slice(trailer)}`;
}

export function toXmpPacket(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function fromUtf16(packet: Buffer): Buffer | null {
  const wide = packet.subarray(0, packet.length - (packet.length % 2));
  const a = wide[0];
  const b = wide[1];
  const isLittle = (a === 0xff && b === 0xfe) || (a === 0x3c && b === 0);
  const isBig = (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c);
  if (!isLittle && !isBig) return null;
  const little = isLittle ? wide : Buffer.from(wide).swap16();
  return Buffer.from(little.toString('utf16le').replace(/^\uFEFF/, ''), 'utf8');
}

/** The prefixes a packet binds to a namespace. */
export function prefixesOf(text: string, namespace: XmpNamespace): string[] {
  const found = new Set<string>();
  for (const [, prefix, uri] of text.matchAll(prefixPattern)) {
    if (prefix !== undefined && uri === xmpNamespace[namespace]) found.add(prefix);
  }
  return [...found].slice(0, 4);
}

/** Sets a simple property where the packet has it, as attribute or element. `value` must need no XML escapes. */
export function setIfPresent(text: string, [namespace, name]: XmpProperty, value: string): string {
  let result = text;
  for (const prefix of prefixesOf(text, namespace)) {
    result = result
      .replace(attributePattern(`${prefix}:${name}`), (_match, head: string) => `${head}"${value}"`)
      .replace(
        new RegExp(`(<${prefix}:${name}(?:\\s[^<>]{0,200})?>)[^<]*(</${prefix}:${name}\\s*>)`, 'g'),
        (_match, open: string, close: string) => `${open}${value}${close}`,
      );
  }
  return result;
}

function attributePattern(qualifiedName: string): RegExp {
  return new RegExp(`(\\s${qualifiedName}\\s{0,8}=\\s{0,8})(?:"[^"<]*"|'[^'<]*')`, 'g');
}

/** Takes a property out, as attribute or as element with all it holds. */
export function removeProperty(text: string, [namespace, name]: XmpProperty): string {
  let result = text;
  for (const prefix of prefixesOf(text, namespace)) {
    result = result.replace(attributePattern(`${prefix}:${name}`), '');
    result = removeElements(result, `${prefix}:${name}`);
  }
  return result;
}

/** Takes out every attribute and element of a namespace whose name begins with `start`. */
export function removeNamed(text: string, namespace: XmpNamespace, start: string): string {
  const names = new Set<string>();
  for (const prefix of prefixesOf(text, namespace)) {
    const pattern = new RegExp(`[\\s<]${prefix}:(${start}\\w{0,60})[\\s=>/]`, 'g');
    for (const [, name] of text.matchAll(pattern)) if (name !== undefined && names.size < 50) names.add(name);
  }
  return [...names].reduce((result, name) => removeProperty(result, [namespace, name]), text);
}

/** Is there an attribute or element of this name? */
export function hasNamed(text: string, namespace: XmpNamespace, name: string): boolean {
  return prefixesOf(text, namespace).some((prefix) =>
    new RegExp(`[\\s<]${prefix}:${name}[\\s=>/]`).test(text),
  );
}

function removeElements(text: string, qualifiedName: string): string {
  const kept: string[] = [];
  let from = 0;
  for (const element of elements(text, qualifiedName)) {
    kept.push(text.slice(from, element.start));
    from = element.end;
  }
  return kept.length === 0 ? text : kept.join('') + text.slice(from);
}

type Element = { start: number; end: number; attributes: string; content: string };

/** The elements of a name, none inside another; one without an end is not found. */
export function* elements(text: string, qualifiedName: string): Generator<Element> {
  const opening = `<${qualifiedName}`;
  const closing = `</${qualifiedName}>`;
  let from = 0;
  for (;;) {
    const start = text.indexOf(opening, from);
    if (start < 0) return;
    const headEnd = text.indexOf('>', start);
    if (headEnd < 0) return;
    from = start + opening.length;
    if (!/[\s/>]/.test(text.charAt(from))) continue;
    const isEmpty = text.charAt(headEnd - 1) === '/';
    const attributes = text.slice(from, isEmpty ? headEnd - 1 : headEnd);
    if (isEmpty) {
      from = headEnd + 1;
      yield { start, end: from, attributes, content: '' };
      continue;
    }
    const close = text.indexOf(closing, headEnd);
    if (close < 0) return;
    from = close + closing.length;
    yield { start, end: from, attributes, content: text.slice(headEnd + 1, close) };
  }
}

/** The value of a simple property, still escaped as in the packet; undefined when there is none. */
export function simpleValue(text: string, [namespace, name]: XmpProperty): string | undefined {
  for (const prefix of prefixesOf(text, namespace)) {
    const attribute = attributePattern(`${prefix}:${name}`).exec(text);
    if (attribute !== null) return attribute[0].slice((attribute[1] ?? '').length + 1, -1);
    for (const { content } of elements(text, `${prefix}:${name}`)) {
      if (!content.includes('<')) return content.trim();
    }
  }
  return undefined;
}

/** The items of an array property (`rdf:li`), or its one simple value; still escaped as in the packet. */
export function listValues(
  text: string,
  [namespace, name]: XmpProperty,
): { text: string; language?: string }[] {
  for (const prefix of prefixesOf(text, namespace)) {
    for (const { content } of elements(text, `${prefix}:${name}`)) {
      const items = [...elements(content, 'rdf:li')]
        .slice(0, 100)
        .filter((item) => !item.content.includes('<'));
      if (items.length === 0) continue;
      return items.map((item) => {
        const language = /xml:lang\s{0,8}=\s{0,8}["']([\w-]{1,40})["']/.exec(item.attributes)?.[1];
        return { text: item.content.trim(), ...(language !== undefined && { language }) };
      });
    }
  }
  const simple = simpleValue(text, [namespace, name]);
  return simple === undefined || simple === '' ? [] : [{ text: simple }];
}
