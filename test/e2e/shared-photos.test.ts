/** One batch over every shared sample: what can be read is developed, all else fails with its code and a sentence. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchStatusObject, ItemResult } from '../../bridge/client/index.ts';
import { collect } from '../helpers/collect.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { isStripped, refused, texts } from '../helpers/refused-photos.ts';
import { filesBelow, sharedFolder } from '../helpers/shared-files.ts';
import { createFolder, waitForEnd } from './support.ts';

const photos = sharedFolder('photos');
const raws = sharedFolder('raw');
const named = (folder: string | null, wanted: (name: string) => boolean = () => true) =>
  folder === null ? [] : filesBelow(folder).filter((name) => !texts.has(basename(name)) && wanted(name));
const photoNames = named(photos);
const rawNames = named(raws);

describe.skipIf(photos === null || raws === null)('one batch over all samples', () => {
  let status: BatchStatusObject;
  let results: Map<string, ItemResult>;
  let output: string;
  let outputNames: string[];

  beforeAll(async () => {
    const daemon = await spawnDaemon();
    output = await createFolder();
    const wanted = [
      ...photoNames.map((name) => ({ path: join(photos ?? '', name), ref: name })),
      ...rawNames.map((name) => ({ path: join(raws ?? '', name), ref: name })),
    ];
    const { batch_id, photo_count } = await daemon.client.batches.start({
      photos: wanted,
      on_unknown: 'fail_item',
      config: { preset: 'WhiteLayer_v4', blend: 60, output: { folder: output, long_edge: 1024 } },
    });
    expect(photo_count).toBe(wanted.length);
    status = await waitForEnd(daemon.client, batch_id);
    const all = await collect(daemon.client.batches.eachPhoto(batch_id));
    results = new Map(all.map((result) => [String(result.ref), result]));
    outputNames = await readdir(output);
    await daemon.stop();
  }, 240_000);

  it('ends completed, with every sample counted', () => {
    const failed = Object.keys(refused).length + rawNames.filter(isStripped).length;
    expect(status).toMatchObject({
      status: 'completed',
      total_photos: photoNames.length + rawNames.length,
      failed_count: failed,
      processed_count: photoNames.length + rawNames.length - failed,
      progress_percent: 100,
      in_flight_count: 0,
    });
    expect(Object.values(status.failure_codes).reduce((sum, count) => sum + count, 0)).toBe(failed);
  });

  const readable = photoNames.filter((name) => refused[name] === undefined);
  it.each([...readable, ...rawNames.filter((name) => !isStripped(name))])('%s is developed', (name) => {
    const result = results.get(name);
    expect(result).toMatchObject({ status: 'processed', attempts: 1, output: { format: 'jpeg' } });
    expect(Math.max(result?.output?.width ?? 0, result?.output?.height ?? 0)).toBeLessThanOrEqual(1024);
    expect(existsSync(result?.output?.path ?? '')).toBe(true);
  });

  it.each([
    ...Object.entries(refused),
    ...rawNames.filter(isStripped).map((name) => [name, 'damaged_image'] as const),
  ])('%s fails as %s, with a sentence for people', (name, code) => {
    const result = results.get(name);
    expect(result).toMatchObject({ status: 'failed', failure: { code } });
    expect(result?.output).toBeUndefined();
    // A sentence: several words, no stack.
    expect(result?.failure?.message).toMatch(/^\S+( \S+){2,}/);
    expect(result?.failure?.message).not.toMatch(/\n|\bat .+:\d+:\d+/);
    expect(result?.failure?.message.length).toBeLessThan(300);
  });

  it('leaves one output for each developed photo and nothing else', () => {
    const written = [...results.values()].flatMap(({ output: made }) => (made ? [basename(made.path)] : []));
    expect(outputNames.sort()).toEqual(written.sort());
    expect(new Set(written).size).toBe(written.length);
  });
});
