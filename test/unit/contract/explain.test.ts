import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  addPhotosBodySchema,
  batchListQuerySchema,
  clientFrameSchema,
  explainIssues,
  previewBodySchema,
  settingsSchema,
  toNearest,
} from '../../../bridge/contract/index.ts';

function explain(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return explainIssues(error?.issues ?? [], { schema, value, whole: 'the body' }).map(
    ({ message }) => message,
  );
}

describe('explaining what a schema refused', () => {
  it.each<[z.ZodType, unknown, string[]]>([
    [addPhotosBodySchema, {}, ['paths is required']],
    [addPhotosBodySchema, { folder: 7 }, ['folder must be text; got 7']],
    [addPhotosBodySchema, 'x', ['the body must be a JSON object; got "x"']],
    [
      clientFrameSchema,
      { type: 'pin' },
      ['type must be one of "ping", "register", "subscribe", "unsubscribe"; got "pin"'],
    ],
    [batchListQuerySchema, { limit: '0' }, ['limit must be at least 1; got "0"']],
    [
      previewBodySchema,
      { preset: { hsl: { re: {} } } },
      ['unknown key "re" in preset.hsl; did you mean "red"?'],
    ],
    [settingsSchema, { limits: { bodymb: 3 } }, ['unknown key "bodymb" in limits; did you mean "body_mb"?']],
    [settingsSchema, { limits: { body_mb: 0 } }, ['limits.body_mb must be above 0; got 0']],
  ])('%# names field, demand and value', (schema, value, messages) => {
    expect(explain(schema, value)).toEqual(messages);
  });

  it('shows only the head of a long value', () => {
    const [message] = explain(batchListQuerySchema, { status: 'x'.repeat(10_000) });
    expect(message?.length).toBeLessThan(300);
  });
});

describe('the nearest word', () => {
  it('is found for a slip and not for another word', () => {
    expect(toNearest('photoids', ['photo_ids', 'photos'])).toBe('photo_ids');
    expect(toNearest('WhiteLayer_v3', ['WhiteLayer_v4', 'Sepia'])).toBe('WhiteLayer_v4');
    expect(toNearest('colour', ['monochrome', 'blend'])).toBeNull();
    expect(toNearest('x', [])).toBeNull();
  });
});
