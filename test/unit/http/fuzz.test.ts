import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const ID = 'batch_0123456789ab';
const routes = [
  '/batch/start',
  '/batch/plan',
  '/batch/merge',
  '/batch/recover',
  '/batch/cleanup',
  '/photos',
  '/photos/1/preview',
  ...['pause', 'resume', 'cancel', 'retry-failed', 'priority', 'hold'].map(
    (action) => `/batch/${ID}/${action}`,
  ),
];
const keys = [
  'photo_ids',
  'photos',
  'select',
  'path',
  'config',
  'priority',
  'days_old',
  'mode',
  'until',
  'paths',
  'folder',
  'codes',
  'client',
  'batch_ids',
  'preset',
  'operation',
  '__proto__',
  'constructor',
  '',
];
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, 1, -1, 1.5, 'x', '', true, 'soft', 'develop', ID),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 4 }),
})).any;
const text = fc.oneof(
  value.map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
);

describe('any body at any route', () => {
  it('is accepted or refused as a problem, never a failure, and changes nothing when refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), text, async (path, body) => {
        const { services, batches, calls, events } = createStandIn();
        batches.addBatch(ID, 1);
        const before = events.seq;
        const request = new Request(`http://localhost:5100${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        const response = await createApp(services).fetch(request);
        expect(response.status === 501 || response.status < 500).toBe(true);
        if (response.status < 300) return;
        expect(await response.json()).toMatchObject({ status: response.status, error: expect.any(String) });
        if (response.status === 400) expect([calls, events.seq]).toEqual([[], before]);
      }),
      { numRuns: 600 },
    );
  });
});
