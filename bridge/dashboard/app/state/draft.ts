/** The batch being put together on the page, and the request that makes it. Values go to the daemon as they were typed. */
import type { StartRequest } from '../../../client/index.ts';
import { type FieldRefusal, toFieldRefusal } from './refusal.ts';

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
    ...(draft.quality === '' ? {} : { quality: orNumber(draft.quality) }),
    ...(draft.outputFolder === '' ? {} : { folder: draft.outputFolder }),
    ...(draft.longEdge === '' ? {} : { long_edge: orNumber(draft.longEdge) }),
    on_conflict: draft.onConflict,
  };
  return {
    photo_ids: [...photoIds],
    config: { ...(draft.preset === null ? {} : { preset: draft.preset, blend: draft.blend }), output },
    priority: Number(draft.priority),
  };
}

/** What is no number stays text: the daemon then says of the field what it must be. */
export function orNumber(text: string): number | string {
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

export type Refusal = FieldRefusal<FieldName>;

/** Puts the daemon's sentences at the fields of a new batch. */
export function toRefusal(thrown: unknown): Refusal {
  return toFieldRefusal(thrown, { fieldOf, fieldOfCode });
}
