import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkValues, createShapeCheck } from '../../../bridge/http/json-scan.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const checkShape = (bytes: Uint8Array) => createShapeCheck()(bytes);

describe('looking at JSON before it is parsed', () => {
  it('finds the true depth whatever brackets and quotes strings hold', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 80 }), (inner, levels) => {
        const text = '['.repeat(levels) + inner + ']'.repeat(levels);
        const depth = levels + depthOf(JSON.parse(inner));
        const check = () => checkShape(encode(text));
        if (depth > 64) expect(check).toThrow('deeper than 64');
        else expect(check).not.toThrow();
      }),
    );
  });

  it('says the same wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(80), fc.array(fc.nat(400)), (inner, levels, cuts) => {
        const bytes = encode('['.repeat(levels) + inner + ']'.repeat(levels));
        const places = [0, ...cuts, bytes.length].sort((a, b) => a - b);
        const checkPieces = () => {
          const check = createShapeCheck();
          for (const [index, place] of places.entries()) check(bytes.subarray(places[index - 1] ?? 0, place));
        };
        expect(toCode(checkPieces)).toBe(toCode(() => checkShape(bytes)));
      }),
    );
  });

  it('accepts all JSON that reaches no prototype', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        if (/__proto__|constructor|\\u0000/.test(text)) return;
        expect(() => checkValues(JSON.parse(text))).not.toThrow();
      }),
    );
  });

  it('never hangs on broken text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          checkShape(bytes);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'bad_request' });
        }
      }),
    );
  });

  it('refuses more containers than any batch needs', () => {
    expect(() => checkShape(encode('[],'.repeat(1_100_001)))).toThrow('more than 1100000');
  });
});

function toCode(act: () => void): unknown {
  try {
    act();
    return null;
  } catch (thrown) {
    return (thrown as { code: unknown }).code;
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
