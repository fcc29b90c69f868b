import { describe, expect, it } from 'vitest';
import type { ItemDetails, ItemResult } from '../../../bridge/client/index.ts';
import { toItemRow } from '../../../bridge/dashboard/app/words/item-row.ts';
import { toLook, toLookWords } from '../../../bridge/dashboard/app/words/look.ts';
import { toSettings } from '../../../bridge/dashboard/app/words/settings.ts';

const toItem = (status: ItemResult['status'], details: ItemDetails, message?: string) =>
  ({
    status,
    details,
    warnings: [],
    ...(message && { failure: { code: 'not_verified', message, stage: 'run', retryable: false } }),
  }) as unknown as ItemResult;

describe('a caption', () => {
  it('says what became of it in its post', () => {
    const said = [
      toItem('processed', { post_id: '1', outcome: 'published', verified: true }),
      toItem('processed', { post_id: '1', outcome: 'unchanged', verified: false }),
      toItem('skipped', { post_id: '1', outcome: 'planned', verified: false }),
      toItem('failed', { post_id: '1', outcome: 'rolled_back', verified: false, rolled_back: true }, 'gone'),
      toItem('failed', { post_id: '1', outcome: 'failed', rolled_back: false }, 'gone'),
      toItem('pending', {}),
    ].map((item) => toItemRow(item, 'captions'));
    expect(said.map(({ state }) => state)).toEqual([
      'Published, verified',
      'Was there already',
      'Would be published',
      'Put back as it was',
      'It was done, but could not be seen afterwards',
      'Waiting',
    ]);
    expect(said.map(({ tone }) => tone)).toEqual(['good', 'good', 'plain', 'bad', 'bad', 'plain']);
    expect(said.map(({ group }) => group)).toEqual(['1', '1', '1', '1', '1', null]);
    expect(said[3]?.note).toBe('gone');
  });
});

describe('a row of an inventory', () => {
  it('shows its status as it stands in the file, its reason once, and its ad only when a browser may open it', () => {
    const posted = { status_update: 'Posted 2026-11-22', message: 'Posted', ad_url: 'https://x.example/1' };
    expect(toItemRow(toItem('processed', posted), 'listings')).toEqual({
      group: null,
      state: 'Posted 2026-11-22',
      tone: 'good',
      note: null,
      link: 'https://x.example/1',
    });
    for (const ad_url of ['javascript:alert(1)', 'data:text/html,x', 'no address', '', null])
      expect(toItemRow(toItem('processed', { ...posted, ad_url }), 'listings').link).toBeNull();
    const refused = toItem(
      'failed',
      { status_update: 'Error: no thanks', message: 'no thanks' },
      'no thanks',
    );
    expect(toItemRow(refused, 'listings')).toMatchObject({ state: 'Error: no thanks', note: null });
  });
});

describe('what a batch was started with', () => {
  it('has its look, by name or sent whole', () => {
    expect(toLookWords(toLook({ preset: 'Warm', blend: 70 }))).toBe('Warm at 70 %');
    expect(toLookWords(toLook({ preset: { name: 'Mine' } as never }))).toBe('Mine at 100 %');
    expect(toLookWords(toLook({ preset: {} }))).toBe('A preset of its own at 100 %');
    expect(toLookWords(toLook({ preset: null }))).toBe('No preset');
  });

  it('reads as lines, sections taken apart', () => {
    expect(
      toSettings({
        preset: { name: 'Mine', exposure: 1 },
        output: { on_conflict: 'skip' },
        dry_run: true,
        sheet: null,
      }),
    ).toEqual([
      ['Preset', 'Mine'],
      ['Output: on conflict', 'skip'],
      ['Dry run', 'yes'],
    ]);
  });
});
