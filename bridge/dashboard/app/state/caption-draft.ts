/** Captions being put together on the page, and the request that publishes them. Values go to the daemon as they were typed. */
import type { StartRequest } from '../../../client/index.ts';
import type { CaptionRow } from './caption-file.ts';
import { orNumber } from './draft.ts';
import { type FieldRefusal, toFieldRefusal } from './refusal.ts';

export type CaptionDraft = {
  text: string;
  /** Of the file it was read from. */
  fileName: string | null;
  limit: string;
  concurrent: string;
  batchSize: string;
  verifyDelay: string;
  rollback: boolean;
  dryRun: boolean;
};

export const emptyCaptionDraft: CaptionDraft = {
  text: '',
  fileName: null,
  limit: '',
  concurrent: '2',
  batchSize: '5',
  verifyDelay: '2',
  rollback: true,
  dryRun: false,
};

export function toCaptionsRequest(draft: CaptionDraft, rows: readonly CaptionRow[]): StartRequest {
  const typed = {
    limit: draft.limit,
    concurrent: draft.concurrent,
    batch_size: draft.batchSize,
    verify_delay_s: draft.verifyDelay,
  };
  const given = Object.entries(typed).filter(([, value]) => value.trim() !== '');
  return {
    operation: 'captions',
    items: [...rows],
    config: {
      ...Object.fromEntries(given.map(([key, value]) => [key, orNumber(value)])),
      rollback: draft.rollback,
      dry_run: draft.dryRun,
    },
  };
}

export type CaptionField = 'captions' | 'limit' | 'concurrent' | 'batchSize' | 'verifyDelay';

const fieldOf: readonly (readonly [RegExp, CaptionField])[] = [
  [/^config\.limit/, 'limit'],
  [/^config\.concurrent/, 'concurrent'],
  [/^config\.batch_size/, 'batchSize'],
  [/^config\.verify_delay_s/, 'verifyDelay'],
  [/^(items|captions|item \d+|no approved caption)/, 'captions'],
];

export function toCaptionRefusal(thrown: unknown): FieldRefusal<CaptionField> {
  return toFieldRefusal(thrown, { fieldOf });
}
