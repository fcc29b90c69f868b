/** Bodies that are wrong a hundred thousand times: refused with a short answer that names the first faults, for little CPU time. */
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const ID = 'batch_0123456789ab';
const COUNT = 200_000;
const many = (text: string) => Array.from({ length: COUNT }, () => text).join(',');
const keys = `{${Array.from({ length: COUNT }, (_, index) => `"k${index}":1`).join(',')}}`;

async function post(path: string, body: string) {
  const { services, batches } = createStandIn();
  batches.addBatch(ID, 1);
  const headers = { 'content-type': 'application/json' };
  const request = new Request(`http://localhost:5100${path}`, { method: 'POST', headers, body });
  const before = process.cpuUsage();
  const response = await createApp(services).fetch(request);
  const text = await response.text();
  const { user, system } = process.cpuUsage(before);
  return { status: response.status, text, cpuMs: (user + system) / 1000 };
}

describe('a body that is wrong many times', () => {
  it.each([
    ['unknown keys', `/batch/${ID}/pause`, keys, /k0.*and 199980 more unknown keys/],
    [
      'wrong photos',
      '/batch/start',
      `{"photos":[{"path":"/a"},${many('{"x":1}')}]}`,
      /photos\[1\]\.path is required/,
    ],
    ['wrong paths', '/photos', `{"paths":["/a",${many('1').slice(0, 90_000)}1]}`, /paths\[1\] must be text/],
    [
      'wrong codes',
      `/batch/${ID}/retry-failed`,
      `{"codes":[${many('"x"')}]}`,
      /codes must be a list of at most/,
    ],
    ['wrong ids', '/batch/start', `{"photo_ids":[${many('"x"')}]}`, /photo_ids\[0\] must be a whole number/],
    [
      'wrong batches',
      '/batch/merge',
      `{"batch_ids":[${many('"x"')}]}`,
      /batch_ids must be a list of at most/,
    ],
  ])('by %s is refused in a few words', async (_what, path, body, words) => {
    const { status, text, cpuMs } = await post(path, body);
    expect(status).toBe(400);
    expect(text).toMatch(words);
    expect(text.length).toBeLessThan(10_000);
    // It was seconds where every fault was put into words.
    expect(cpuMs).toBeLessThan(1500);
  });

  it('by one element is not told that its list is unknown', async () => {
    const { text } = await post('/photos', '{"paths":["/a",1]}');
    expect(JSON.parse(text)).toMatchObject({ field: 'paths[1]', error: 'paths[1] must be text; got 1' });
    const other = await post('/photos', '{"folder":"/a","globb":"*"}');
    expect(JSON.parse(other.text)).toMatchObject({ error: expect.stringContaining('did you mean "glob"?') });
  });
});
