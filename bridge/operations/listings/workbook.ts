/** Finds the sheets of a workbook and the parts they need, inside the package only: external targets are never followed. */
import { posix } from 'node:path';
import { toUnreadable } from './limits.ts';
import { readSharedStrings, type SharedStrings } from './shared-strings.ts';
import { attribute, scanTags, toXmlText } from './xml-scan.ts';
import { ZipPackage } from './zip-package.ts';

/** `part`: its name in the package. */
export type WorkbookSheet = { name: string; part: string };

export type Workbook = {
  zip: ZipPackage;
  /** Worksheets only, in the order of their tabs. */
  sheets: readonly WorkbookSheet[];
  shared: SharedStrings;
};

type Relation = { id: string; kind: string; part: string };

/** Rejects with BridgeError `unprocessable`. */
export async function openWorkbook(bytes: Buffer): Promise<Workbook> {
  const zip = new ZipPackage(bytes);
  if (zip.names.some((name) => name.toLowerCase().startsWith('_xmlsignatures/')))
    throw toUnreadable('it is digitally signed, and a change would break the signature');
  const main = (await readRelations(zip, '')).find(({ kind }) => kind === 'officeDocument')?.part;
  if (main === undefined) throw toUnreadable('it is no XLSX workbook');
  const relations = await readRelations(zip, main);
  const byId = new Map(relations.map((relation) => [relation.id, relation]));
  const xml = toXmlText(await zip.read(main), main);
  const sheets: WorkbookSheet[] = [];
  for (const { name, kind, attributes } of scanTags(xml)) {
    if (name !== 'sheet' || kind === 'close') continue;
    const relation = byId.get(relationId(attributes) ?? '');
    if (relation?.kind !== 'worksheet') continue;
    sheets.push({ name: attribute(attributes, 'name') ?? '', part: relation.part });
  }
  const strings = relations.find(({ kind }) => kind === 'sharedStrings')?.part;
  return { zip, sheets, shared: await loadShared(zip, strings) };
}

async function loadShared(zip: ZipPackage, part: string | undefined): Promise<SharedStrings> {
  if (part === undefined || !zip.has(part)) return () => '';
  return readSharedStrings(toXmlText(await zip.read(part), part));
}

/** The prefix of the relationships' namespace is the writer's choice. */
function relationId(attributes: string): string | undefined {
  return /\b[\w.-]+:id\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1];
}

/** Of a part, or of the package (`''`). */
async function readRelations(zip: ZipPackage, part: string): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!zip.has(name)) return [];
  const xml = toXmlText(await zip.read(name), name);
  const found: Relation[] = [];
  for (const { name: tag, attributes } of scanTags(xml)) {
    const target = attribute(attributes, 'Target');
    if (tag !== 'Relationship' || target === undefined) continue;
    if (attribute(attributes, 'TargetMode') === 'External') continue;
    const kind = (attribute(attributes, 'Type') ?? '').split('/').at(-1) ?? '';
    found.push({ id: attribute(attributes, 'Id') ?? '', kind, part: resolvePart(folder, target) });
  }
  return found;
}

function resolvePart(folder: string, target: string): string {
  const path = posix.normalize(target.startsWith('/') ? target : posix.join('/', folder, target));
  return path.slice(1);
}
