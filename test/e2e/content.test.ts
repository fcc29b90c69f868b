/** Content operations from the outside: the seed's routes, the mirror, a crash in the middle. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { ContentOperation } from '../../bridge/contract/index.ts';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';

const creator = 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7';

async function call(daemon: TestDaemon, path: string, body?: unknown, type = 'application/json') {
  const given = typeof body === 'string' ? body : JSON.stringify(body);
  const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': type }, body: given };
  const response = await fetch(new URL(path, daemon.url), init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function load(daemon: TestDaemon, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `content-${index + 1}`);
  await daemon.client.content.load(ids.map((id) => ({ id, creator, title: `Title of ${id}`, price: 1 })));
  return ids;
}

async function settle(daemon: TestDaemon, batchId: string): Promise<ContentOperation> {
  for (;;) {
    const operation = await daemon.client.content.operation(batchId);
    if (operation.status !== 'pending' && operation.status !== 'processing') return operation;
    await daemon.client.batches.status(batchId, { wait_s: 5 });
  }
}

/** A ledger that really keeps what it is told, once a key, and can be down or hang. */
async function createLedger() {
  const changes: Record<string, unknown>[] = [];
  const keys = new Set<unknown>();
  const state = { down: false, hang: false, requests: 0 };
  const server = createServer((request, response) => {
    state.requests += 1;
    if (state.hang) return;
    if (state.down) return void response.writeHead(503).end();
    void readJson(request).then((change) => {
      if (!keys.has(request.headers['idempotency-key'])) changes.push(change);
      keys.add(request.headers['idempotency-key']);
      response.writeHead(200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/changes`, changes, state };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}

it('updates prices, counts an unknown and a foreign record as failed alone, and shows the operation', async () => {
  const daemon = await spawnDaemon();
  const ids = await load(daemon, 2);
  await daemon.client.content.load([{ id: 'foreign', creator: 'SP-other', price: 5 }]);
  const accepted = await call(daemon, '/api/batches/batch-update-price', {
    contentIds: [...ids, 'nobody', 'foreign'],
    newPrice: 0,
    creator,
  });
  expect(accepted).toMatchObject({
    status: 201,
    body: { message: 'Batch price update initiated', status: 'pending', totalItems: 4 },
  });
  const operation = await settle(daemon, String(accepted.body.batchId));
  expect(operation).toMatchObject({
    creator,
    operationType: 'update-price',
    status: 'completed',
    totalItems: 4,
    contentIds: [...ids, 'nobody', 'foreign'],
    updatePayload: { newPrice: 0 },
    successCount: 2,
    failureCount: 2,
  });
  const notFound = { success: false, error: 'Content not found or not owned by creator' };
  expect(operation.results).toMatchObject([
    { contentId: ids[0], success: true, message: 'Price updated to 0 STX' },
    { contentId: ids[1], success: true },
    { contentId: 'nobody', ...notFound },
    { contentId: 'foreign', ...notFound },
  ]);
  const csv = await fetch(`${daemon.url}/batch/${operation.batchId}/results.csv`);
  const [header, first] = (await csv.text()).split('\r\n');
  expect(header?.split(',')).toContain('message');
  expect(first).toMatch(/^1,content-1,.*,Price updated to 0 STX$/);
  expect(await daemon.client.content.record('foreign')).toMatchObject({ price: 5 });
  expect(await daemon.client.content.record(ids[0] ?? '')).toMatchObject({ price: 0 });
});

it('ends completed also when every item failed, and retries the failed ones once they are there', async () => {
  const daemon = await spawnDaemon();
  const { batchId } = await daemon.client.content.remove({ contentIds: ['later'], creator });
  expect(await settle(daemon, batchId)).toMatchObject({ status: 'completed', failureCount: 1 });
  await daemon.client.content.load([{ id: 'later', creator }]);
  await daemon.client.batches.retryFailed(batchId);
  expect(await settle(daemon, batchId)).toMatchObject({
    status: 'completed',
    successCount: 1,
    failureCount: 0,
  });
  expect(await daemon.client.content.record('later')).toMatchObject({
    isRemoved: true,
    removalReason: 'Batch removal by creator',
  });
});

it('refuses in the seed’s order and words, with the problem beside the message', async () => {
  const daemon = await spawnDaemon();
  const refusals: [string, unknown, Record<string, unknown>][] = [
    ['price', {}, { message: 'contentIds must be a non-empty array' }],
    ['price', { contentIds: Array(101).fill('a'), creator }, { message: 'Batch size limited to 100 items' }],
    ['price', { contentIds: ['a'], newPrice: -1 }, { message: 'Valid newPrice is required' }],
    ['price', { contentIds: ['a'], newPrice: 1 }, { message: 'Creator address is required' }],
    [
      'metadata',
      { contentIds: ['a'], updates: {}, creator },
      {
        message: 'updates object with at least one field is required',
      },
    ],
    [
      'metadata',
      { contentIds: ['a'], updates: { price: 1 }, creator },
      {
        message: 'Invalid fields in update payload',
        invalidFields: ['price'],
        allowedFields: [
          'title',
          'description',
          'contentType',
          'tokenGating',
          'refundable',
          'refundWindowDays',
        ],
      },
    ],
  ];
  const routes = { price: 'batch-update-price', metadata: 'batch-update-metadata' };
  for (const [kind, body, expected] of refusals) {
    const answer = await call(daemon, `/api/batches/${routes[kind as keyof typeof routes]}`, body);
    expect(answer).toMatchObject({ status: 400, body: { ...expected, status: 400, code: 'bad_request' } });
    expect(answer.body.error).toBe(answer.body.message);
  }
  const unknown = await call(daemon, '/api/batches/batch_000000000000');
  expect(unknown).toMatchObject({ status: 404, body: { message: 'Batch operation not found' } });
  expect((await daemon.client.batches.list()).count).toBe(0);
});

it('starts an operation once under one idempotency key', async () => {
  const daemon = await spawnDaemon();
  const ids = await load(daemon, 1);
  const send = async (newPrice: number) =>
    fetch(new URL('/api/batches/batch-update-price', daemon.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
      body: JSON.stringify({ contentIds: ids, newPrice, creator }),
    });
  const [first, again, other] = [await send(1), await send(1), await send(2)];
  expect(await again.json()).toEqual(await first.json());
  expect(other.status).toBe(422);
  expect((await daemon.client.batches.list()).count).toBe(1);
});

it('lists a creator’s operations newest first, page by page, and takes records as CSV', async () => {
  const daemon = await spawnDaemon();
  const csv = 'id,creator,title,price\n1,SP-csv,"A, B",3\n2,SP-csv,C,4\n';
  expect(await call(daemon, '/content', csv, 'text/csv')).toMatchObject({ status: 200, body: { loaded: 2 } });
  expect(await daemon.client.content.record(1)).toMatchObject({ title: 'A, B', price: 3 });
  const started: string[] = [];
  for (const newPrice of [1, 2, 3]) {
    const { batchId } = await daemon.client.content.updatePrice({
      contentIds: [1, 2],
      newPrice,
      creator: 'SP-csv',
    });
    started.push(batchId);
    await settle(daemon, batchId);
  }
  const page = await daemon.client.content.ofCreator('SP-csv', { limit: 2, skip: 1 });
  expect(page).toMatchObject({ creator: 'SP-csv', total: 3, limit: 2, skip: 1 });
  expect(page.operations.map(({ batchId }) => batchId)).toEqual([started[1], started[0]]);
  expect((await daemon.client.content.ofCreator('nobody')).total).toBe(0);
});

it('is never blocked or undone by a mirror that is down or hangs, and sends again by `mirror retry`', async () => {
  const ledger = await createLedger();
  ledger.state.hang = true;
  const daemon = await spawnDaemon({ settings: { content: { mirror_url: ledger.url } } });
  const ids = await load(daemon, 20);
  const { batchId } = await daemon.client.content.updatePrice({ contentIds: ids, newPrice: 7, creator });
  ledger.state.hang = false;
  ledger.state.down = true;
  const operation = await settle(daemon, batchId);
  expect(operation).toMatchObject({ status: 'completed', successCount: 20, failureCount: 0 });
  expect(operation.results.every((result) => 'warning' in result)).toBe(true);
  expect(await daemon.client.content.mirror()).toEqual({ waiting: 20 });
  ledger.state.down = false;
  const retried = await runHere(['mirror', 'retry', '--json'], { url: daemon.url });
  expect(JSON.parse(retried.stdout)).toMatchObject({ mirrored: 20, left: 0 });
  expect(retried.code).toBe(0);
  expect(ledger.changes).toHaveLength(20);
  expect(await daemon.client.content.mirror()).toEqual({ waiting: 0 });
}, 60_000);

it('settles every id exactly once over a kill -9 in the middle', async () => {
  const ledger = await createLedger();
  const settings = { content: { mirror_url: ledger.url }, recovery: { on_start: 'resume' } };
  const first = await spawnDaemon({ settings });
  const ids = await load(first, 100);
  const { batchId } = await first.client.content.updateMetadata({
    contentIds: ids,
    updates: { title: 'After' },
    creator,
  });
  while (ledger.state.requests < 30) await new Promise((resolve) => setTimeout(resolve, 1));
  await first.kill('SIGKILL');
  const second = await spawnDaemon({ settings, dataDir: first.dataDir });
  const operation = await settle(second, batchId);
  expect(operation).toMatchObject({ status: 'completed', successCount: 100, failureCount: 0 });
  expect(operation.results.map(({ contentId }) => contentId)).toEqual(ids);
  for (const id of ids) expect(await second.client.content.record(id)).toMatchObject({ title: 'After' });
  await second.client.content.retryMirror();
  expect(ledger.changes.map(({ contentId }) => contentId).toSorted()).toEqual(ids.toSorted());
}, 60_000);
