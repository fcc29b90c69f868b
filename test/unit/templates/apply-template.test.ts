import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startBodySchema, templateNameSchema, templateStartSchema } from '../../../bridge/contract/index.ts';
import { parseStartBody } from '../../../bridge/http/start-body.ts';
import { applyTemplate } from '../../../bridge/templates/apply-template.ts';

describe('a start by template', () => {
  it('keeps what the request says and adds what only the template says', () => {
    const start = { priority: 8, session_id: 4, on_unknown: 'fail_item' } as const;
    expect(applyTemplate({ template: 't', photo_ids: [1], priority: 2, session_id: null }, start)).toEqual({
      photo_ids: [1],
      priority: 2,
      session_id: null,
      on_unknown: 'fail_item',
    });
  });

  it('merges config and its output by key', () => {
    const start = { config: { preset: 'Soft', blend: 40, output: { format: 'webp', quality: 70 } } };
    const body = { photo_ids: [1], config: { blend: 60, output: { quality: 95, long_edge: 800 } } };
    expect(applyTemplate(body, start).config).toEqual({
      preset: 'Soft',
      blend: 60,
      output: { format: 'webp', quality: 95, long_edge: 800 },
    });
    expect(applyTemplate({ config: { preset: 'Hard' } }, start).config).toEqual({
      ...start.config,
      preset: 'Hard',
    });
  });

  it('replaces whole what is no object, an inline preset, and a config of null', () => {
    const start = {
      config: { preset: { exposure: 1 }, output: { format: 'png' } },
      run_window: { from: '01:00', to: '02:00', time_zone: 'UTC' },
    };
    expect(applyTemplate({ config: null }, start).config).toBeNull();
    expect(applyTemplate({ config: { output: null } }, start).config).toEqual({
      ...start.config,
      output: null,
    });
    expect(applyTemplate({ config: { preset: { contrast: 2 } } }, start)).toMatchObject({
      config: { preset: { contrast: 2 } },
    });
    const window = { from: '03:00', to: '04:00' };
    expect(applyTemplate({ run_window: window }, start).run_window).toEqual(window);
  });

  it('changes neither the body nor the template', () => {
    const freeze = <T extends object>(value: T): T => {
      for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) freeze(each);
      return Object.freeze(value);
    };
    const start = freeze({ config: { output: { quality: 1 } } });
    applyTemplate(freeze({ config: { blend: 1, output: { format: 'png' } } }), start);
    expect(start).toEqual({ config: { output: { quality: 1 } } });
  });

  it('equals the start by hand whenever template and request share out its keys', () => {
    const part = (values: fc.Arbitrary<unknown>, ...names: string[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, values])), { requiredKeys: [] });
    const config = fc.record(
      {
        preset: fc.string({ minLength: 1 }),
        blend: fc.nat(100),
        output: part(fc.nat(90), 'quality', 'long_edge', 'width'),
      },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        config,
        priority: fc.integer({ min: 1, max: 10 }),
        session_id: fc.nat(),
        on_unknown: fc.constant('fail_item'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, fc.infiniteStream(fc.boolean()), (whole, coins) => {
        const flip = () => coins.next().value;
        const [ours, theirs] = share(whole, flip);
        const templates = {
          resolve: () => ({ name: 't', description: null, operation: null, saved_at: null, start: theirs }),
        };
        const parse = (value: unknown) => parseStartBody(value, { maxPhotos: 9, templates });
        const byTemplate = parse({ ...ours, photo_ids: [1], template: 't' });
        expect(byTemplate).toEqual(parse({ ...whole, photo_ids: [1] }));
      }),
    );
  });
});

type Part = Record<string, unknown>;

/** Each key to one of two, those of objects each by itself. */
function share(whole: Part, flip: () => boolean): [Part, Part] {
  const both: [Part, Part] = [{}, {}];
  for (const [key, value] of Object.entries(whole)) {
    if (typeof value === 'object' && value !== null) {
      for (const [index, half] of share(value as Part, flip).entries()) both[index]![key] = half;
    } else both[flip() ? 0 : 1][key] = value;
  }
  return both;
}

describe('what a template may say', () => {
  it('is every key of a start body but those of the one start, and none of them has a default', () => {
    const start = {
      session_id: 1,
      config: null,
      operation: 'develop',
      priority: 3,
      start_at: '2099-01-01T00:00:00Z',
      depends_on: [],
      on_unknown: 'fail',
      run_window: { from: '01:00', to: '02:00' },
    };
    expect(templateStartSchema.parse(start)).toEqual(start);
    expect(templateStartSchema.parse({})).toEqual({});
    const known = Object.keys(startBodySchema.shape);
    const refused = known.filter((key) =>
      templateStartSchema
        .safeParse({ [key]: undefined })
        .error?.issues.some(({ code }) => code === 'unrecognized_keys'),
    );
    const sources = ['photo_ids', 'photos', 'select', 'items', 'file', 'template'];
    expect(refused).toEqual(known.filter((key) => sources.includes(key)));
    expect(refused).toContain('photo_ids');
    for (const key of ['template', 'items', 'file', 'prioritty'])
      expect(templateStartSchema.safeParse({ [key]: 'x' }).success).toBe(false);
  });

  it('is checked like a start body', () => {
    for (const wrong of [
      { priority: 11 },
      { config: [] },
      { run_window: { from: '1' } },
      { on_unknown: 'x' },
    ])
      expect(templateStartSchema.safeParse(wrong).success).toBe(false);
  });

  it.each([
    ['Web, 2048 px / sRGB (größer)', true],
    ['.hidden', true],
    ['...', true],
    ['', false],
    ['.', false],
    ['..', false],
    [' x', false],
    ['x\n', false],
    ['a\u0000b', false],
    ['a\u2028b', false],
    ['\ud800', false],
    ['x'.repeat(256), false],
  ])('the name %j is one: %j', (name, isOne) => {
    expect(templateNameSchema.safeParse(name).success).toBe(isOne);
  });
});
