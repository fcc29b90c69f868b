/** Steps the end-to-end tests share: folders, photos, exchanges as a foreign program makes them, waiting for an end. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BatchStatusObject, BridgeClient } from '../../bridge/client/index.ts';
import { type ImageOptions, makeImage } from '../helpers/images.ts';

export { hostsOf } from '../helpers/processes.ts';

/** A temporary folder, removed after a test that passed. Outside a test the caller removes it. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-e2e-'));
  try {
    onTestFinished(async ({ task }) => {
      if (task.result?.state !== 'fail') await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    });
  } catch {
    // Called from a hook.
  }
  return folder;
}

/** `count` different pictures `photo-01.jpg` … in a folder; answers their paths in name order. */
export async function makePhotos(
  folder: string,
  count: number,
  options: ImageOptions = {},
): Promise<string[]> {
  const bytes = await makeImage(options);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const path = join(folder, `photo-${String(index + 1).padStart(2, '0')}.jpg`);
      // A comment behind the end makes each file another one without encoding each picture anew.
      await writeFile(path, Buffer.concat([bytes, Buffer.from(`photo ${index + 1}`)]));
      return path;
    }),
  );
}

export async function registerPhotos(client: BridgeClient, paths: readonly string[]): Promise<number[]> {
  const { photos } = await client.photos.add({ paths: [...paths] });
  return photos.map(({ photo_id }) => photo_id);
}

/** The status when the batch has ended. */
export async function waitForEnd(client: BridgeClient, batchId: string): Promise<BatchStatusObject> {
  for await (const status of client.watchBatch(batchId)) {
    if (['completed', 'failed', 'cancelled'].includes(status.status)) return status;
  }
  throw new Error(`${batchId} did not end`);
}

/** The first status that fits; a wait of 30 s at a time, each ended by a change. */
export async function waitForStatus(
  client: BridgeClient,
  batchId: string,
  fits: (status: BatchStatusObject) => boolean,
): Promise<BatchStatusObject> {
  let status = await client.batches.status(batchId);
  while (!fits(status)) {
    status = await client.batches.status(batchId, { wait_s: 30, since: status.seq });
  }
  return status;
}

export type Answer = { status: number; type: string; body: Record<string, unknown> };

/** One exchange as a foreign program makes it: nothing is checked, parsed or added on the way but JSON of the answer. */
export async function exchange(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, body: /json/.test(type) ? JSON.parse(text) : { text } };
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return exchange(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** A batch that runs, has photos left and hands out none: a hold keeps it so. `folder` has to have a hundred or so. */
export async function startHeld(client: BridgeClient, folder: string, output: string): Promise<string> {
  const config = { output: { folder: output } };
  const { batch_id } = await client.batches.start({ select: { folder }, config });
  await client.batches.placeHold(batch_id, { client: 'test', reason: 'stays as it is', lease_s: 600 });
  await waitForStatus(client, batch_id, ({ in_flight_count }) => in_flight_count === 0);
  return batch_id;
}

/** Left-overs that no finished output folder may have. */
export async function tempFilesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('.pb-'));
}
