import { describe, expect, it } from 'vitest';
import { BridgeProblem } from '../../../bridge/client/index.ts';
import { emptyDraft, toRefusal, toStartRequest } from '../../../bridge/dashboard/app/state/draft.ts';

const refuse = (code: string, detail: string, more: Record<string, unknown> = {}) =>
  toRefusal(
    new BridgeProblem({ type: 'about:blank', title: '', status: 422, detail, error: detail, code, ...more }),
  );

describe('the request of a new batch', () => {
  it('leaves out what was left empty and sends the rest as it was typed', () => {
    expect(toStartRequest(emptyDraft, [1, 2])).toEqual({
      photo_ids: [1, 2],
      config: { output: { format: 'jpeg', quality: 90, on_conflict: 'unique' } },
      priority: 5,
    });
    const draft = { ...emptyDraft, preset: 'Warm', blend: 70, quality: 'much', longEdge: '2000' };
    expect(toStartRequest(draft, [1]).config).toEqual({
      preset: 'Warm',
      blend: 70,
      output: { format: 'jpeg', quality: 'much', long_edge: 2000, on_conflict: 'unique' },
    });
  });
});

describe('a refusal', () => {
  it('is shown at the field it names, however it names it', () => {
    const errors = [
      { field: 'config.output.quality', message: 'too much' },
      { field: 'config.output.long_edge', message: 'too long' },
      { field: 'config.surprise', message: 'unknown key' },
    ];
    expect(refuse('bad_request', 'all of it', { errors })).toEqual({
      fields: { quality: 'too much', longEdge: 'too long' },
      rest: 'unknown key',
    });
    expect(refuse('bad_request', 'config.output.folder must be an absolute path').fields).toEqual({
      outputFolder: 'config.output.folder must be an absolute path',
    });
    expect(refuse('unknown_preset', 'no such preset').fields).toEqual({ preset: 'no such preset' });
    expect(refuse('invalid_path', '/x: no such folder').fields).toEqual({ photos: '/x: no such folder' });
  });

  it('that names none is shown whole', () => {
    expect(refuse('disk_full', 'the disk is full')).toEqual({ fields: {}, rest: 'the disk is full' });
  });
});
