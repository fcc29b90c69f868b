/** Ten thousand generated requests: the guard lets in exactly what an oracle written from the specification lets in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRequest, createGuardRules } from '../../../bridge/http/guard.ts';
import { isLetIn, PORT, type Variant, variants } from './guard-oracle.ts';

const rules = createGuardRules({ port: PORT, allowedHosts: [], allowedOrigins: [] });

function isAccepted({ target, method, headers }: Variant): boolean {
  return checkRequest({ target, method, rawHeaders: headers.flat() }, rules).refusal === null;
}

describe('the guard', () => {
  it('lets in exactly what the list says, of 10,000 variants of host, origin, target and fetch site', () => {
    const seen = { in: 0, out: 0 };
    const accepted = new Set<string>();
    fc.assert(
      fc.property(variants, (variant) => {
        const expected = isLetIn(variant, PORT);
        seen[expected ? 'in' : 'out'] += 1;
        if (expected) accepted.add(JSON.stringify(variant));
        expect(isAccepted(variant)).toBe(expected);
      }),
      { numRuns: 10_000 },
    );
    // Both answers are common, or this would prove nothing.
    expect(Math.min(seen.in, seen.out)).toBeGreaterThan(500);
    expect(accepted.size).toBeGreaterThan(50);
  });
});
