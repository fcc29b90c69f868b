/** A run over an inventory being put together on the page, and the request that starts it. Values go out as they were typed. */
import type { StartRequest } from '../../../client/index.ts';
import { orNumber } from './draft.ts';
import { type FieldRefusal, toFieldRefusal } from './refusal.ts';

export type ListingDraft = {
  file: string;
  sheet: string;
  mode: string;
  poster: string;
  posterFormat: string;
  imagesDir: string;
  saveEvery: string;
  concurrent: string;
  dryRun: boolean;
};

export const emptyListingDraft: ListingDraft = {
  file: '',
  sheet: '',
  mode: 'new',
  poster: '',
  posterFormat: 'json',
  imagesDir: '',
  saveEvery: '10%',
  concurrent: '1',
  dryRun: false,
};

export function toListingsRequest(draft: ListingDraft): StartRequest {
  const optional = {
    sheet: draft.sheet.trim(),
    save_every: draft.saveEvery.trim(),
    concurrent: draft.concurrent.trim(),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== '');
  return {
    operation: 'listings',
    file: draft.file.trim(),
    config: {
      mode: draft.mode,
      poster: draft.poster.trim(),
      poster_format: draft.posterFormat,
      images_dir: draft.imagesDir.trim(),
      ...Object.fromEntries(given.map(([key, value]) => [key, key === 'sheet' ? value : orNumber(value)])),
      dry_run: draft.dryRun,
    },
  };
}

export type ListingField = 'file' | 'sheet' | 'poster' | 'imagesDir' | 'saveEvery' | 'concurrent';

const fieldOf: readonly (readonly [RegExp, ListingField])[] = [
  [/^config\.poster/, 'poster'],
  [/^config\.images_dir/, 'imagesDir'],
  [/^config\.save_every/, 'saveEvery'],
  [/^config\.concurrent/, 'concurrent'],
  [/^config\.sheet/, 'sheet'],
  [/has no sheet "/, 'sheet'],
  [/^(file|The inventory|No records)/, 'file'],
];
const fieldOfCode = {
  invalid_path: 'file',
  forbidden_path: 'file',
  unprocessable: 'file',
  conflict: 'file',
} as const;

export function toListingRefusal(thrown: unknown): FieldRefusal<ListingField> {
  return toFieldRefusal(thrown, { fieldOf, fieldOfCode });
}
