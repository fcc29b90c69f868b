import { describe, expect, it } from 'vitest';
import { parseContentConfig, parseContentIds } from '../../../../bridge/operations/content/config.ts';
import { contentIdSchema } from '../../../../bridge/operations/content/record.ts';

describe('the config of a content batch', () => {
  it('says what is changed, never which records or whose', () => {
    const config = {
      operationType: 'update-price',
      creator: ' SP1 ',
      updatePayload: { newPrice: 2, creator: 'SP2', contentIds: ['other'] },
    };
    expect(parseContentIds(['mine'], config)).toEqual(['mine']);
    expect(parseContentConfig(config)).toEqual({
      operationType: 'update-price',
      creator: 'SP1',
      updatePayload: { newPrice: 2 },
    });
  });
});

describe('an id', () => {
  it('is no longer than the engine keeps one whole', () => {
    expect(contentIdSchema.safeParse('x'.repeat(255)).success).toBe(true);
    expect(contentIdSchema.safeParse('x'.repeat(256)).success).toBe(false);
  });
});
