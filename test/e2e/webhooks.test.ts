/** Completion webhooks from the outside: told at least once, signed, again after a refusal, a hang or a kill -9. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { WebhookBody } from '../../bridge/contract/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { isSigned, type Receiver, startReceiver } from '../helpers/webhook-receiver.ts';
import { createFolder, makePhotos } from './support.ts';

/** A batch of one photo and a missing one, told to this address. */
async function startTold(daemon: TestDaemon, receiver: Receiver, photos = 1): Promise<string> {
  const paths = await makePhotos(await createFolder(), photos, { width: 60, height: 40 });
  const { batch_id } = await daemon.client.batches.start({
    photos: paths.map((path) => ({ path })),
    webhook: { url: `${receiver.url}/told?key=geheim` },
  });
  return batch_id;
}

async function waitForState(daemon: TestDaemon, id: string, state: string) {
  for (;;) {
    const status = await daemon.client.batches.status(id);
    if (status.webhook?.state === state) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const bodyOf = (receiver: Receiver, place: number) =>
  JSON.parse(receiver.received[place]?.body ?? 'null') as WebhookBody;

it('tells the end of a batch once, signed, with the status object, and shows that it did', async () => {
  const receiver = await startReceiver(204);
  const daemon = await spawnDaemon();
  const id = await startTold(daemon, receiver);
  const status = await waitForState(daemon, id, 'delivered');
  expect(receiver.received).toHaveLength(1);
  const secret = (await readFile(join(daemon.dataDir, 'webhook-secret'), 'utf8')).trim();
  const [told] = receiver.received;
  expect(told !== undefined && isSigned(told, secret)).toBe(true);
  const { webhook: _webhook, seq: _seq, ...rest } = status;
  expect(bodyOf(receiver, 0)).toMatchObject({ type: 'batch.completed', data: { ...rest, batch_id: id } });
  expect(JSON.stringify(await daemon.client.batches.list())).not.toContain('geheim');
  expect(
    await readFile(join(daemon.dataDir, '..', 'logs', 'bridge.log'), 'utf8').catch(() => ''),
  ).not.toContain('geheim');
});

it('tries again under the same id, gives up on a refusal, and tells the end after a retry anew', async () => {
  const receiver = await startReceiver(503, 204, 404, 204);
  const daemon = await spawnDaemon();
  const first = await startTold(daemon, receiver);
  await waitForState(daemon, first, 'pending');
  await waitForState(daemon, first, 'delivered');
  expect(receiver.received).toHaveLength(2);
  expect(bodyOf(receiver, 1).id).toBe(bodyOf(receiver, 0).id);

  const { batch_id } = await daemon.client.batches.start({
    photos: [{ path: '/nowhere/at/all.jpg' }],
    on_unknown: 'fail_item',
    webhook: { url: receiver.url },
  });
  const refused = await waitForState(daemon, batch_id, 'given_up');
  expect(refused).toMatchObject({ status: 'failed', webhook: { reason: 'the address answered 404' } });
  await daemon.client.batches.retryFailed(batch_id);
  await waitForState(daemon, batch_id, 'delivered');
  expect(bodyOf(receiver, 3)).toMatchObject({ type: 'batch.failed', data: { batch_id } });
  expect(bodyOf(receiver, 3).id).not.toBe(bodyOf(receiver, 2).id);
}, 30_000);

it('tells after a restart what a kill -9 kept from being told', async () => {
  const receiver = await startReceiver(() => undefined, 204);
  const first = await spawnDaemon();
  const id = await startTold(first, receiver);
  await receiver.count(1);
  await first.kill('SIGKILL');
  const second = await spawnDaemon({ dataDir: first.dataDir });
  await waitForState(second, id, 'delivered');
  expect(receiver.received).toHaveLength(2);
  expect(bodyOf(receiver, 1).id).toBe(bodyOf(receiver, 0).id);
});

it('tells of a cancelled batch, and refuses an address that is none', async () => {
  const receiver = await startReceiver(204);
  const daemon = await spawnDaemon();
  const refused = daemon.client.batches.start({ photo_ids: [1], webhook: { url: 'ftp://example.org' } });
  await expect(refused).rejects.toThrow(/webhook\.url/);
  const paths = await makePhotos(await createFolder(), 1, { width: 60, height: 40 });
  const { batch_id } = await daemon.client.batches.start({
    photos: paths.map((path) => ({ path })),
    start_at: '2099-01-01T00:00:00Z',
    webhook: { url: receiver.url },
  });
  expect((await daemon.client.batches.status(batch_id)).webhook).toEqual({ state: 'waiting' });
  await daemon.client.batches.cancel(batch_id);
  await waitForState(daemon, batch_id, 'delivered');
  expect(bodyOf(receiver, 0).type).toBe('batch.cancelled');
});
