/** Takes the Camera Raw settings out of an XMP packet: RDF in its many spellings to names and values. Understands no setting. */

import { refuse } from '../camera-raw/refuse.ts';
import type { CrsSettings, CrsValue } from '../camera-raw/settings.ts';
import type { XmlElement } from './parse-xml.ts';

// XMP Specification Part 1 (ISO 16684-1), section 7: how properties, structures and arrays are written in RDF.
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XMP_META = 'adobe:ns:meta/';
const CRS = 'http://ns.adobe.com/camera-raw-settings/1.0/';
const XML = 'http://www.w3.org/XML/1998/namespace';

/** All `crs:` properties of all descriptions of the packet; of one that stands twice the last counts. */
export function readPacket(root: XmlElement): CrsSettings {
  const rdf = findRdf(root);
  const settings = new Map<string, CrsValue>();
  for (const description of rdf.children) {
    if (is(description, RDF, 'Description')) addProperties(settings, description);
  }
  return settings;
}

function findRdf(root: XmlElement): XmlElement {
  if (is(root, RDF, 'RDF')) return root;
  const inside = is(root, XMP_META, 'xmpmeta') || is(root, XMP_META, 'xapmeta') ? root.children : [];
  const rdf = inside.find((child) => is(child, RDF, 'RDF'));
  if (rdf === undefined) throw refuse(`line ${root.line}: not an XMP file: there is no rdf:RDF in it`);
  return rdf;
}

/** Attributes and elements alike; other namespaces are none of our business. */
function addProperties(settings: Map<string, CrsValue>, element: XmlElement): void {
  for (const { uri, local, value } of element.attributes) if (uri === CRS) settings.set(local, value);
  for (const child of element.children) if (child.uri === CRS) settings.set(child.local, toValue(child));
}

/** Of a property element or an `rdf:li`. */
function toValue(element: XmlElement): CrsValue {
  const array = element.children.find(({ uri, local }) => uri === RDF && /^(Seq|Bag|Alt)$/.test(local));
  if (array !== undefined) return toArrayValue(array);
  const inner = element.children.find((child) => is(child, RDF, 'Description'));
  if (inner !== undefined) return toStructure(inner);
  const isStructure =
    element.children.some(({ uri }) => uri === CRS) || element.attributes.some(({ uri }) => uri === CRS);
  return isStructure ? toStructure(element) : element.text;
}

function toStructure(element: XmlElement): CrsSettings {
  const members = new Map<string, CrsValue>();
  addProperties(members, element);
  return members;
}

/** An `rdf:Alt` is one text in several languages: the default one, else the first. */
function toArrayValue(array: XmlElement): CrsValue {
  const items = array.children.filter((child) => is(child, RDF, 'li'));
  if (array.local !== 'Alt') return items.map(toValue);
  const isDefault = (item: XmlElement) =>
    item.attributes.some(({ uri, local, value }) => uri === XML && local === 'lang' && value === 'x-default');
  const chosen = items.find(isDefault) ?? items[0];
  return chosen === undefined ? '' : toValue(chosen);
}

function is(element: XmlElement, uri: string, local: string): boolean {
  return element.uri === uri && element.local === local;
}
