/** The guard as it stands in the server: raw requests over a real socket get in exactly when the list says so. */
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { isLetIn, toPort, type Variant, variants } from '../../unit/http/guard-oracle.ts';
import { parseRaw, sendRaw, startServer, stopServers } from './running.ts';

afterEach(stopServers);

const COUNT = 400;
const AT_ONCE = 20;
/** Malformed, not our origin, not our host. */
const refusals = new Set([400, 403, 421]);

function toText({ method, target, headers }: Variant): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`;
}

it('answers exactly the listed ones of 400 variants sent over a real socket', async () => {
  const { port } = await startServer();
  const sample = fc.sample(variants, { numRuns: COUNT, seed: 5100 }).map((variant) => toPort(variant, port));
  const seen = { in: 0, out: 0 };
  for (let at = 0; at < sample.length; at += AT_ONCE) {
    const part = sample.slice(at, at + AT_ONCE);
    const statuses = await Promise.all(
      part.map(async (variant) => parseRaw(await sendRaw(port, toText(variant))).status),
    );
    for (const [index, status] of statuses.entries()) {
      const variant = part[index] as Variant;
      const isExpected = isLetIn(variant, port);
      seen[isExpected ? 'in' : 'out'] += 1;
      expect([variant, status, !refusals.has(status)]).toEqual([variant, status, isExpected]);
      expect(status).not.toBeGreaterThanOrEqual(500);
    }
  }
  expect(Math.min(seen.in, seen.out)).toBeGreaterThan(40);
});
