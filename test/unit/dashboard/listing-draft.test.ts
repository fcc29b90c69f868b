import { describe, expect, it } from 'vitest';
import { BridgeProblem } from '../../../bridge/client/index.ts';
import {
  emptyListingDraft,
  toListingRefusal,
  toListingsRequest,
} from '../../../bridge/dashboard/app/state/listing-draft.ts';

const refuse = (code: string, detail: string, more: Record<string, unknown> = {}) =>
  toListingRefusal(
    new BridgeProblem({ type: '', title: '', status: 422, detail, error: detail, code, ...more }),
  ).fields;

describe('the request of listings', () => {
  it('leaves out what was left empty and sends numbers as numbers', () => {
    const draft = {
      ...emptyListingDraft,
      file: ' /a.csv ',
      poster: 'http://p',
      imagesDir: '/i',
      saveEvery: '25',
    };
    expect(toListingsRequest(draft)).toEqual({
      operation: 'listings',
      file: '/a.csv',
      config: {
        mode: 'new',
        poster: 'http://p',
        poster_format: 'json',
        images_dir: '/i',
        save_every: 25,
        concurrent: 1,
        dry_run: false,
      },
    });
  });

  it('that is refused says so at the field that is wrong', () => {
    expect(refuse('bad_request', 'config.poster: must begin with http', { field: 'config.poster' })).toEqual({
      poster: 'config.poster: must begin with http',
    });
    expect(refuse('invalid_path', '/sheet.csv does not exist')).toHaveProperty('file');
    expect(refuse('unprocessable', 'The inventory cannot be read: it has no sheet "B"')).toHaveProperty(
      'sheet',
    );
    expect(refuse('conflict', 'a.xlsx is open in LibreOffice')).toHaveProperty('file');
  });
});
