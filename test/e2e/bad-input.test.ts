/** Whatever is wrong with a request: the right status, a problem document with `error`, and nothing has changed. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { badRequests, type Case, config, json } from './bad-requests.ts';
import { type Answer, createFolder, exchange, makePhotos, registerPhotos, waitForEnd } from './support.ts';

let daemon: TestDaemon;
let batchId: string;
let photoId: number;
let folder: string;

beforeAll(async () => {
  daemon = await spawnDaemon({ settings: { limits: { body_mb: 0.05, start_body_mb: 0.1 } } });
  folder = await createFolder();
  const [path = '', text = join(folder, 'text.jpg')] = await makePhotos(folder, 1);
  await writeFile(text, 'no photo at all');
  [photoId = 0] = await registerPhotos(daemon.client, [path]);
  const started = await daemon.client.batches.start({
    photo_ids: [photoId],
    start_at: '2099-01-01T00:00:00Z',
  });
  batchId = started.batch_id;
  const done = await daemon.client.batches.start({ photo_ids: [photoId] });
  await waitForEnd(daemon.client, done.batch_id);
});
afterAll(() => daemon.stop());

/** All that a refused request must not change. */
async function stateNow() {
  const [batches, photos, presets] = await Promise.all([
    daemon.client.batches.list(),
    daemon.client.photos.list(),
    daemon.client.presets.list(),
  ]);
  return JSON.stringify({ batches, photos, presets });
}

async function send({ method, path, body, headers }: Case): Promise<Answer> {
  const fill = (text: string) =>
    text.replaceAll('BATCH', batchId).replaceAll('PHOTO', String(photoId)).replaceAll('FOLDER', folder);
  return exchange(daemon.url + fill(path), {
    method,
    headers: headers ?? (body === undefined ? {} : json),
    ...(body === undefined ? {} : { body: fill(body) }),
  });
}

function expectProblem(answer: Answer, { status, code, says }: Case): void {
  expect([answer.status, answer.body.error]).toEqual([status, expect.stringMatching(/^\S.*\S$/s)]);
  expect(answer.type).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: answer.body.error,
    code: expect.stringMatching(/^[a-z_]+$/),
    instance: expect.stringMatching(/^\//),
  });
  if (code !== undefined) expect(answer.body.code).toBe(code);
  if (says !== undefined) expect(answer.body.error).toMatch(says);
}

describe.each(badRequests)('bad %s', (_name, cases) => {
  it.each(cases.map((one) => [one.method, one.path.slice(0, 60), one.what, one] as const))(
    '%s %s with %s is refused and changes nothing',
    async (_method, _path, _what, one) => {
      const before = await stateNow();
      expectProblem(await send(one), one);
      expect(await stateNow()).toBe(before);
    },
  );
});

describe('a folder that cannot be written to', () => {
  it.runIf(process.getuid?.() !== 0)('is refused before anything starts', async () => {
    const locked = join(folder, 'locked');
    await mkdir(locked);
    await chmod(locked, 0o500);
    const wish = config('', `{"output": {"folder": ${JSON.stringify(locked)}}}`, 422, {
      code: 'output_not_writable',
    });
    expectProblem(await send(wish), wish);
  });
});
