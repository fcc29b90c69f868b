/** The OpenAPI document held against a real daemon: every example is sent, every refusal provoked, every answer checked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createValidator,
  type DocumentedOperation,
  judgeAnswer,
  operationsOf,
  type Validator,
} from '../helpers/api-document.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { listen } from './api-walk-frames.ts';
import {
  bodiesOf,
  type Call,
  type Filling,
  type Got,
  openScene,
  type Scene,
  send,
  states,
  toTarget,
} from './api-walk-scene.ts';
import { createFolder } from './support.ts';

const EXAMPLE_FOLDER = '/home/anna/Pictures/wedding';
const EXAMPLE_BATCH = 'batch_abc123def456';
const OTHER_BATCH = 'batch_0123456789ab';

let scene: Scene;
let validate: Validator;
/** `operationId status` of all answers that came. */
const seen = new Set<string>();

beforeAll(async () => {
  const limits = { body_mb: 0.01, start_body_mb: 0.01 };
  const daemon = await spawnDaemon({ settings: { limits, executor: { nice: 0 } } });
  scene = await openScene(daemon, await createFolder());
  validate = createValidator(scene.document);
  const page = await send(daemon.port, { method: 'GET', path: '/' });
  asset = /\/assets\/([\w.-]+)/.exec(page.body)?.[1];
}, 120_000);
afterAll(async () => {
  await scene?.daemon.stop();
});

const every = (use: (one: DocumentedOperation) => Promise<unknown>) =>
  operationsOf(scene.document).reduce<Promise<unknown>>(
    (before, one) => before.then(() => use(one)),
    Promise.resolve(),
  );

/** Sends it and answers what came. Fails when the document does not say so. */
async function ask(
  one: DocumentedOperation,
  { target, ...call }: Omit<Call, 'path' | 'method'> & { target: string },
) {
  const got = await send(scene.daemon.port, { method: one.method, path: target, ...call });
  const { operationId } = one.operation;
  seen.add(`${operationId} ${got.status}`);
  const wrong = judgeAnswer({ document: scene.document, validate }, one, got);
  if (wrong !== null) throw new Error(`${one.method} ${target} ${call.body ?? ''}\n${wrong}`);
  return got;
}

/** With the batches of the scene in place of those of the examples. */
async function askWith(
  one: DocumentedOperation,
  filling: Filling & { type?: string; body?: string | undefined; other?: string },
) {
  const { type = 'application/json', body, other = '', ...rest } = filling;
  const batch = rest.parameters?.batch_id ?? '';
  const text = body
    ?.replaceAll(EXAMPLE_FOLDER, scene.folder)
    .replaceAll(EXAMPLE_BATCH, batch)
    .replaceAll(OTHER_BATCH, other);
  return await ask(one, {
    target: toTarget(one, rest),
    ...(text === undefined ? {} : { body: text, headers: { 'content-type': type } }),
  });
}

async function succeed(one: DocumentedOperation): Promise<void> {
  const { operationId } = one.operation;
  for (const { type, text } of bodiesOf(one)) {
    const make = scene.batch[states[operationId] ?? 'running'];
    const needsBatch = one.path.includes('{batch_id}') || text?.includes(EXAMPLE_BATCH) === true;
    const batch_id = needsBatch ? await batchFor(one, make) : '';
    const other = text?.includes(OTHER_BATCH) ? await make() : '';
    const parameters = { ...(needsBatch ? { batch_id } : {}) };
    const got = await askWith(one, { parameters, type, body: text, other });
    expect([one.method, one.path, text, got.status]).toEqual([
      one.method,
      one.path,
      text,
      expect.toBeOneOf(successes(one)),
    ]);
  }
}

/** A file of the built dashboard, when it is built: its name is the build's. */
let asset: string | undefined;

async function batchFor({ path }: DocumentedOperation, make: () => Promise<string>): Promise<string> {
  if (!path.startsWith('/api/batches/')) return await make();
  const body = JSON.stringify({ contentIds: ['c-1', 'c-2'], newPrice: 9.99, creator: '0xA11CE' });
  const headers = { 'content-type': 'application/json' };
  const got = await send(scene.daemon.port, {
    method: 'POST',
    path: '/api/batches/batch-update-price',
    headers,
    body,
  });
  return (JSON.parse(got.body) as { batchId: string }).batchId;
}

function successes({ operation }: DocumentedOperation): number[] {
  return Object.keys(operation.responses)
    .map(Number)
    .filter((status) => status >= 200 && status < 300);
}

const isDocumented = ({ operation }: DocumentedOperation, status: number) =>
  String(status) in operation.responses;

describe('the OpenAPI document', { timeout: 240_000 }, () => {
  it('promises nothing of its examples that the daemon does not keep', async () => {
    // Those that make what the others ask for come first.
    const makers = new Set(['loadContent', 'saveTemplate']);
    await every(async (one) => (makers.has(one.operation.operationId) ? succeed(one) : undefined));
    await every(async (one) => {
      const { operationId } = one.operation;
      if (makers.has(operationId) || operationId === 'retryMirror') return;
      if (operationId === 'getAsset') {
        if (asset !== undefined) await askWith(one, { parameters: { name: asset } });
      } else await succeed(one);
    });
  });

  it('names the refusal of what is not there, on every path with a parameter', async () => {
    const missing: Record<string, string> = { batch_id: 'batch_000000000000', photo_id: '99999999' };
    await every(async (one) => {
      if (!isDocumented(one, 404)) return;
      const names = [...one.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      const parameters = Object.fromEntries(names.map((name) => [name, missing[name] ?? 'no-such-thing']));
      const [first] = bodiesOf(one);
      const body = first?.text
        ?.replaceAll(EXAMPLE_BATCH, 'batch_000000000000')
        .replaceAll(OTHER_BATCH, 'batch_000000000001');
      const got = await askWith(one, {
        parameters,
        body,
        ...(first ? { type: first.type || 'application/json' } : {}),
      });
      expect([one.path, got.status]).toEqual([one.path, 404]);
    });
  });

  it('names the refusals of bodies and queries that are wrong in form, type, kind or size', async () => {
    await every(async (one) => {
      const parameters = one.path.includes('{batch_id}') ? { batch_id: await scene.batch.pending() } : {};
      const got: Got[] = [];
      const at = (filling: Filling & { type?: string; body?: string }) =>
        askWith(one, { parameters, ...filling });
      if (one.operation.requestBody !== undefined) {
        got.push(
          await at({ body: '{"no_such_key":1}' }),
          await at({ body: '{"half":' }),
          await at({ body: '"text"' }),
        );
        expect((await at({ body: '{}', type: 'text/plain' })).status).toBe(415);
        expect((await at({ body: `{"long":"${'x'.repeat(20_000)}"}` })).status).toBe(413);
      } else if (isDocumented(one, 400))
        got.push(
          await at({ query: 'no_such_key=1' }),
          await at({ query: 'limit=0&wait_s=x&size=x&timeout_s=x&since=x' }),
        );
      expect(one.operation.requestBody === undefined ? [] : got.map(({ status }) => status)).not.toContain(
        200,
      );
      if (isDocumented(one, 400))
        expect([one.path, got.map(({ status }) => status)]).toEqual([
          one.path,
          expect.arrayContaining([400]),
        ]);
    });
  });

  it('names what each state of a batch refuses', async () => {
    // Only a retry changes one that has ended.
    const ended = { completed: await scene.batch.completed(), failed: await scene.batch.failed() };
    await every(async (one) => {
      const [first] = bodiesOf(one);
      if (!one.path.startsWith('/batch/{batch_id}/') || one.method === 'GET') return;
      const keeps = one.operation.operationId !== 'retryFailed';
      for (const [state, make] of Object.entries(scene.batch)) {
        const kept = keeps ? ended[state as keyof typeof ended] : undefined;
        await askWith(one, { parameters: { batch_id: kept ?? (await make()) }, body: first?.text });
      }
      if (isDocumented(one, 409)) expect([...seen]).toContain(`${one.operation.operationId} 409`);
    });
    const merge = operationsOf(scene.document).find(({ path }) => path === '/batch/merge');
    if (merge === undefined) throw new Error('no merge');
    const body = JSON.stringify({ batch_ids: [await scene.batch.cancelled(), await scene.batch.pending()] });
    expect((await askWith(merge, { body })).status).toBe(409);
  });

  it('names what is understood and cannot be done', async () => {
    const impossible = [
      { photo_ids: [987_654_321] },
      { photo_ids: [1], config: { preset: 'no-such-preset' } },
      { photo_ids: [1], config: { output: { folder: '/proc/nothing' } } },
      { photos: [{ path: '/no/such/photo.jpg' }] },
      { select: { folder: '/no/such/folder' } },
      { template: 'no-such-template', photo_ids: [1] },
      { paths: ['/no/such/photo.jpg'] },
      { folder: '/no/such/folder' },
      { preset: 'no-such-preset' },
      { server: { port: 'many' } },
      {},
    ];
    await every(async (one) => {
      if (!isDocumented(one, 422) || one.path.includes('{batch_id}')) return;
      const parameters = { photo_id: String(scene.damagedId) };
      const bodies =
        one.operation.requestBody === undefined
          ? [undefined]
          : impossible.map((body) => JSON.stringify(body));
      for (const body of bodies) await askWith(one, { parameters, body });
    });
  });

  it('refuses a key that was used for another body', async () => {
    await every(async (one) => {
      if (!JSON.stringify(one.operation).includes('"Idempotency-Key"')) return;
      const [{ text = '{}' } = {}] = bodiesOf(one);
      const example = { ...(JSON.parse(text) as object), creator: undefined };
      const isStart = one.operation.operationId === 'startBatch';
      for (const [place, status] of [200, 422].entries()) {
        const change = isStart ? { priority: place + 1 } : { creator: `creator ${place}` };
        const got = await ask(one, {
          target: toTarget(one, {}),
          body: JSON.stringify({ ...example, ...change }),
          headers: { 'content-type': 'application/json', 'idempotency-key': one.operation.operationId },
        });
        expect([one.path, place, Math.min(got.status, status)]).toEqual([one.path, place, status]);
      }
    });
  });

  it('names the refusals of the guard on every route', async () => {
    await every(async (one) => {
      const target = toTarget(one, {});
      expect((await ask(one, { target, headers: { host: 'example.com' } })).status).toBe(421);
      expect((await ask(one, { target, headers: { origin: 'https://example.com' } })).status).toBe(403);
    });
  });

  it('names every method of every path, in the refusal of the others too', async () => {
    const paths = Object.entries(scene.document.paths);
    for (const [path] of paths) {
      const target = path.replace('{batch_id}', 'batch_000000000000').replace(/\{\w+\}/g, '1');
      // A path without a parameter may also be one with; but `/batch/start` is no batch.
      const toPattern = (other: string) =>
        other.replace(/^\/batch\/\{batch_id\}/, '/batch/batch_[^/]+').replace(/\{\w+\}/g, '[^/]+');
      const own = paths
        .filter(([other]) => new RegExp(`^${toPattern(other)}$`).test(target))
        .flatMap(([, described]) => Object.keys(described).map((method) => method.toUpperCase()));
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !own.includes(one))) {
        const { status, headers, body } = await send(scene.daemon.port, { method, path: target });
        expect([method, path, status]).toEqual([method, path, 405]);
        expect(validate(['components', 'schemas', 'Problem'], JSON.parse(body))).toBe(null);
        const allowed = String(headers.allow)
          .split(', ')
          .filter((one) => one !== 'HEAD');
        expect([path, allowed.sort()]).toEqual([path, [...new Set(own)].sort()]);
      }
    }
  });

  it('names what a client need not read again, and what is there already', async () => {
    await every(async (one) => {
      if (!isDocumented(one, 304)) return;
      const isAsset = one.operation.operationId === 'getAsset';
      if (isAsset && asset === undefined) return;
      const target = toTarget(one, isAsset ? { parameters: { name: asset ?? '' } } : {});
      const { headers } = await ask(one, { target });
      const again = await ask(one, {
        target,
        headers: { 'if-none-match': `"other", ${String(headers.etag)}` },
      });
      expect([target, again.status, again.body]).toEqual([target, 304, '']);
    });
    const save = operationsOf(scene.document).find(
      ({ operation }) => operation.operationId === 'saveTemplate',
    );
    if (save === undefined) throw new Error('no templates');
    await succeed(save);
    const example = JSON.parse(bodiesOf(save)[0]?.text ?? '{}') as object;
    const body = JSON.stringify({ ...example, if_exists: 'refuse' });
    expect((await askWith(save, { body })).status).toBe(409);
  });

  it('has the form of every frame that comes over the WebSocket', async () => {
    const batchId = await scene.batch.running();
    const frames = await listen(`${scene.daemon.url.replace(/^http/, 'ws')}/ws`, async (sendFrame) => {
      const subscribe = {
        type: 'subscribe',
        channels: ['batches', `batch:${batchId}`, 'photos', 'queue'],
        since: 0,
      };
      for (const frame of [{ type: 'ping' }, { type: 'register', client_name: 'walk' }, subscribe]) {
        expect(validate(['components', 'schemas', 'ClientFrame'], frame)).toBe(null);
        sendFrame(frame);
      }
      await scene.daemon.client.batches.pause(batchId);
      sendFrame({ type: 'nonsense' });
    });
    const types = new Set(frames.map(({ type }) => type));
    for (const type of [
      'connection_established',
      'pong',
      'registration_confirmed',
      'batch_snapshot',
      'batch_paused',
      'error',
    ])
      expect([...types]).toContain(type);
    const strange = frames.filter((frame) =>
      ['ServerFrame', 'Event'].every((name) => validate(['components', 'schemas', name], frame) !== null),
    );
    expect(strange).toEqual([]);
  });

  it('documents no answer below 500 that could not be provoked here', () => {
    const documented = operationsOf(scene.document).flatMap(({ operation }) =>
      Object.keys(operation.responses)
        .filter((status) => Number(status) >= 200 && Number(status) < 500)
        .map((status) => `${operation.operationId} ${status}`),
    );
    expect(documented.length).toBeGreaterThan(100);
    // Only with a mirror; with an output folder that vanished; with batches of which nothing is left; with 1000 templates.
    const elsewhere = ['retryMirror 200', 'resumeBatch 422', 'mergeBatches 422', 'saveTemplate 422'];
    const built = asset !== undefined ? [] : ['getAsset 200'];
    expect(documented.filter((one) => !seen.has(one)).sort()).toEqual([...elsewhere, ...built].sort());
  });
});
