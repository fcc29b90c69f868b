/** The batch being put together on the page, and the request that makes it. Values go to the daemon as they were typed. */
import { BridgeProblem, type StartRequest } from '../../../client/index.ts';

export type Draft = {
  source: 'folder' | 'files';
  folder: string;
  glob: string;
  /** One path a line. */
  files: string;
  preset: string | null;
  blend: number;
  format: string;
  quality: string;
  outputFolder: string;
  longEdge: string;
  onConflict: string;
  priority: string;
};

export const emptyDraft: Draft = {
  source: 'folder',
  folder: '',
  glob: '',
  files: '',
  preset: null,
  blend: 100,
  format: 'jpeg',
  quality: '90',
  outputFolder: '',
  longEdge: '',
  onConflict: 'unique',
  priority: '5',
};

/** Typed by the user, so the schema's types are for the daemon to hold it against. */
export function toStartRequest(draft: Draft, photoIds: readonly number[]): StartRequest {
  const output = {
    format: draft.format,
    ...(draft.quality === '' ? {} : { quality: toNumber(draft.quality) }),
    ...(draft.outputFolder === '' ? {} : { folder: draft.outputFolder }),
    ...(draft.longEdge === '' ? {} : { long_edge: toNumber(draft.longEdge) }),
    on_conflict: draft.onConflict,
  };
  return {
    photo_ids: [...photoIds],
    config: { ...(draft.preset === null ? {} : { preset: draft.preset, blend: draft.blend }), output },
    priority: Number(draft.priority),
  };
}

/** What is no number stays text: the daemon then says of the field what it must be. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

export type FieldName = 'photos' | 'preset' | 'quality' | 'outputFolder' | 'longEdge' | 'priority' | 'format';

const fieldOf: readonly (readonly [RegExp, FieldName])[] = [
  [/^config\.output\.quality/, 'quality'],
  [/^config\.output\.folder/, 'outputFolder'],
  [/^config\.output\.long_edge/, 'longEdge'],
  [/^config\.output\.format/, 'format'],
  [/^config\.(preset|blend)/, 'preset'],
  [/^priority/, 'priority'],
  [/^(photo_ids|photos|select|folder|paths|glob)/, 'photos'],
];
const fieldOfCode: Readonly<Record<string, FieldName>> = {
  unknown_preset: 'preset',
  preset_invalid: 'preset',
  preset_not_found: 'preset',
  output_not_writable: 'outputFolder',
  unknown_photo_ids: 'photos',
  invalid_path: 'photos',
};

export type Refusal = { fields: Partial<Record<FieldName, string>>; rest: string | null };

/** Puts the daemon's sentences where they belong; what names no field we have goes to the top. */
export function toRefusal(thrown: unknown): Refusal {
  if (!(thrown instanceof BridgeProblem)) return { fields: {}, rest: String(thrown) };
  if (thrown.status === 0) return { fields: {}, rest: 'The daemon does not answer.' };
  const listed = toErrors(thrown.problem);
  const fields: Refusal['fields'] = {};
  const rest: string[] = [];
  for (const { field, message } of listed) {
    const name = findField(field) ?? findField(message) ?? fieldOfCode[thrown.code];
    if (name === undefined) rest.push(message);
    else fields[name] ??= message;
  }
  return { fields, rest: rest.length === 0 ? null : rest.join('; ') };
}

function findField(text: string): FieldName | undefined {
  return fieldOf.find(([pattern]) => pattern.test(text))?.[1];
}

function toErrors(
  problem: Record<string, unknown> & { detail: string },
): { field: string; message: string }[] {
  const { errors, field, detail } = problem;
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.map((entry: { field?: unknown; message?: unknown }) => ({
      field: String(entry.field ?? ''),
      message: String(entry.message ?? ''),
    }));
  }
  return [{ field: typeof field === 'string' ? field : '', message: detail }];
}
