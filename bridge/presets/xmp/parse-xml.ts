/**
 * Reads XML into a tree of elements with resolved namespaces. The one place that touches the XML library; refuses document
 * types, entities of their own and whatever is too deep or too much, and never reads anything beside the text.
 */
import sax, { type SaxParser, type SaxTag } from 'sax';
import { toError } from '../../errors.ts';
import { refuse } from '../camera-raw/refuse.ts';

export type XmlAttribute = { uri: string; local: string; value: string };
export type XmlElement = {
  uri: string;
  local: string;
  attributes: readonly XmlAttribute[];
  children: readonly XmlElement[];
  /** All text directly in it. */
  text: string;
  /** Counted from 1. */
  line: number;
};
type OpenElement = XmlElement & { children: XmlElement[] };

const MAX_DEPTH = 32;
const MAX_ELEMENTS = 50_000;
/** The library looks through all attributes of a tag for each further one. Lightroom writes some 400. */
const MAX_ATTRIBUTES = 1000;
const MAX_ALL_ATTRIBUTES = 20_000;
const CHUNK = 8 * 1024;

// Tables of profiles are attributes of some 300 kB; the size of the file is the bound that counts.
sax.MAX_BUFFER_LENGTH = Number.POSITIVE_INFINITY;

/** The root element. Throws BridgeError `preset_invalid` with one sentence that names the line. */
export function parseXml(text: string): XmlElement {
  if (text.trim() === '') throw refuse('the file is empty');
  refuseControlCharacters(text);
  const parser = sax.parser(true, { xmlns: true, position: true, strictEntities: true });
  const root = buildTree(parser);
  for (let at = 0; at < text.length; at += CHUNK) {
    parser.write(text.slice(at, at + CHUNK));
    if (parser.attribList.length > MAX_ATTRIBUTES) {
      throw refuse(`line ${parser.line + 1}: more than ${MAX_ATTRIBUTES} attributes`);
    }
  }
  parser.close();
  const found = root();
  if (found === null) throw refuse('not an XML file: it has no elements');
  return found;
}

/** Hangs the events of `parser` up; answers what gives the root when all is read. */
function buildTree(parser: SaxParser): () => XmlElement | null {
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let attributes = 0;
  const line = () => parser.line + 1;
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  const refuseDeclaration = () => {
    throw refuse(`line ${line()}: document types and entities of their own are not allowed`);
  };
  parser.onerror = (error) => {
    throw refuse(`line ${line()}: not well-formed XML: ${toReason(error)}`);
  };
  parser.ondoctype = refuseDeclaration;
  parser.onsgmldeclaration = refuseDeclaration;
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onopentag = (tag) => {
    if (open.length >= MAX_DEPTH) throw refuse(`line ${line()}: nested deeper than ${MAX_DEPTH} levels`);
    elements += 1;
    if (elements > MAX_ELEMENTS) throw refuse(`line ${line()}: more than ${MAX_ELEMENTS} elements`);
    attributes += Object.keys(tag.attributes).length;
    if (attributes > MAX_ALL_ATTRIBUTES) {
      throw refuse(`line ${line()}: more than ${MAX_ALL_ATTRIBUTES} attributes in all`);
    }
    const element = toElement(tag, line());
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  };
  parser.onclosetag = () => void open.pop();
  return () => root;
}

function toElement({ uri, local, attributes }: SaxTag, line: number): OpenElement {
  const kept = Object.values(attributes)
    .filter(({ prefix }) => prefix !== 'xmlns')
    .map((attribute) => ({ uri: attribute.uri, local: attribute.local, value: attribute.value }));
  return { uri, local, attributes: kept, children: [], text: '', line };
}

function toReason(error: unknown): string {
  const [first = ''] = toError(error).message.split('\n');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** What XML 1.0 has no place for (section 2.2, production Char). */
function refuseControlCharacters(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  if (at < 0) return;
  const line = text.slice(0, at).split('\n').length;
  const code = text.charCodeAt(at).toString(16).padStart(4, '0');
  throw refuse(`line ${line}: the character U+${code.toUpperCase()} is not allowed in XML`);
}
