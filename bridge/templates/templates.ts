/** The templates of one folder, a file each, held in memory. Applies none and knows no batch. */
import { createHash } from 'node:crypto';
import { foldName, type SaveTemplateBody, type Template, toHint, toSuggestions } from '../contract/index.ts';
import { BridgeError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TemplateApi, TemplateFiles } from './api.ts';
import { parseTemplate, toTemplateText } from './parse-template.ts';

export type TemplatesOptions = { files: TemplateFiles; iso: () => string; log: Log };

/** Of one file. */
export const MAX_TEMPLATE_BYTES = 1024 * 1024;
export const MAX_TEMPLATES = 1000;
const MAX_SLUG = 40;

type Entry = { file: string; template: Template };
/** By the folded name: two names that differ only in case are one. */
type Entries = Map<string, Entry>;

/** Reads the files that are there; what cannot be used is logged and left out. */
export async function openTemplates({ files, iso, log }: TemplatesOptions): Promise<TemplateApi> {
  const entries = await loadEntries(files, log);
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time: of two of one name the later one holds, on disk as in memory. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = last.then(change, change);
    last = turn;
    return turn;
  };
  const find = (name: string, code: 'template_not_found' | 'unknown_template'): Entry => {
    const entry = entries.get(foldName(name));
    if (entry === undefined) throw unknownTemplate(entries, name, code);
    return entry;
  };
  return {
    list: () =>
      [...entries.values()]
        .map(({ template: { start: _start, ...summary } }) => summary)
        .sort((a, b) => a.name.localeCompare(b.name, 'en')),
    get: (name) => find(name, 'template_not_found').template,
    resolve: (name) => find(name, 'unknown_template').template,
    save: (body) =>
      inTurn(async () => {
        const before = entries.get(foldName(body.name));
        const entry = toEntry({ entries, before, body, iso });
        await files.save(entry.file, toTemplateText(entry.template));
        entries.set(foldName(body.name), entry);
        return { template: entry.template, replaced: before !== undefined };
      }),
    remove: (name) =>
      inTurn(async () => {
        const { file, template } = find(name, 'template_not_found');
        await files.remove(file);
        entries.delete(foldName(name));
        return template;
      }),
  };
}

async function loadEntries(files: TemplateFiles, log: Log): Promise<Entries> {
  const entries: Entries = new Map();
  for (const found of await files.load()) {
    const { file } = found;
    if ('problem' in found) {
      log.warn({ file, problem: found.problem }, 'template file not read');
      continue;
    }
    try {
      const template = parseTemplate(found.text, file);
      const first = entries.get(foldName(template.name));
      if (first === undefined) entries.set(foldName(template.name), { file, template });
      else log.warn({ file, name: template.name, other: first.file }, 'template file left out: name taken');
    } catch (thrown) {
      const problem = toError(thrown).message;
      log.warn({ file, problem, moved_to: files.setAside(file, problem) }, 'template file refused');
    }
  }
  return entries;
}

type Saving = { entries: Entries; before: Entry | undefined; body: SaveTemplateBody; iso: () => string };

function toEntry({ entries, before, body, iso }: Saving): Entry {
  const { name, description = null, start, if_exists } = body;
  if (before !== undefined && if_exists === 'refuse') {
    const sentence = `there is a template "${before.template.name}"; set if_exists to "replace", or take another name`;
    throw new BridgeError('conflict', sentence, { name: before.template.name });
  }
  if (before === undefined && entries.size >= MAX_TEMPLATES) {
    throw new BridgeError('unprocessable', `there are ${MAX_TEMPLATES} templates; remove one first`);
  }
  const template = { name, description, operation: start.operation ?? null, saved_at: iso(), start };
  if (Buffer.byteLength(toTemplateText(template)) > MAX_TEMPLATE_BYTES) {
    const sentence = `start is too large: a template may have ${MAX_TEMPLATE_BYTES} bytes; keep its preset in the presets folder and name it`;
    throw new BridgeError('unprocessable', sentence, { field: 'start' });
  }
  return { file: before?.file ?? toFileName(name), template };
}

/** Readable, safe on every system, and another one for every folded name. */
function toFileName(name: string): string {
  const slug = name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, MAX_SLUG);
  return `${slug}-${createHash('sha256').update(foldName(name)).digest('hex').slice(0, 12)}.json`;
}

function unknownTemplate(
  entries: Entries,
  name: string,
  code: 'template_not_found' | 'unknown_template',
): BridgeError {
  const names = [...entries.values()].map(({ template }) => template.name);
  const suggestions = toSuggestions(name, names);
  return new BridgeError(code, `no template is named "${name}"${toHint(suggestions)}`, { suggestions });
}
