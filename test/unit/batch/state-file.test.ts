import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../bridge/batch/batch.ts';
import { fromStateFile, toStateChunks, toStateFile } from '../../../bridge/batch/state-file.ts';
import { stateFileSchema } from '../../../bridge/contract/index.ts';
import { seedState as seed } from '../../helpers/seed-state.ts';

const read = (text: string): Batch => fromStateFile(stateFileSchema.parse(JSON.parse(text)));
const write = (batch: Batch): string => `${[...toStateChunks(batch)].join('')}}`;

describe('the state file', () => {
  it('reads the form of the original system and writes its 15 keys back first', () => {
    const batch = read(JSON.stringify(seed));
    expect(batch.items.counts()).toMatchObject({ processed: 3, pending: 2 });
    const written = JSON.parse(write(batch));
    expect(Object.keys(written).slice(0, 15).sort()).toEqual(Object.keys(seed).sort());
    expect(written).toMatchObject(seed);
  });

  it('carries unknown keys through', () => {
    const batch = read(JSON.stringify({ ...seed, colour_label: { red: 1 } }));
    expect(JSON.parse(write(batch)).colour_label).toEqual({ red: 1 });
  });

  it('reads id lists in any order and ignores ids the batch does not have', () => {
    const batch = read(
      JSON.stringify({ ...seed, processed_photo_ids: [5, 99, 1], failed_photo_ids: [3, 5] }),
    );
    expect(batch.items.counts()).toMatchObject({ processed: 2, failed: 1, pending: 2 });
    expect(batch.items.state(2)).toBe('failed');
  });

  it('brings any batch back as it was', () => {
    const item = fc.constantFrom('pending', 'claimed', 'processed', 'skipped', 'failed', 'crashed');
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 40 }), (states) => {
        const batch = batchWith(states);
        const again = read(write(batch));
        expect(again.items.freeze()).toEqual(batch.items.freeze());
        expect(again.items.counts()).toEqual(batch.items.counts());
        expect(again.items.failureCounts()).toEqual(batch.items.failureCounts());
      }),
    );
  });

  it('writes long lists whole, in pieces', () => {
    const photo_ids = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const _refs = photo_ids.map((id) => (id % 3 === 0 ? null : `ref "${id}"`));
    const batch = read(JSON.stringify({ ...seed, photo_ids, _refs, _schema: 1 }));
    const chunks = [...toStateChunks(batch)];
    expect(JSON.parse(`${chunks.join('')}}`)).toMatchObject({ photo_ids, _refs });
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(200_000);
  });

  it('writes the same first state as one value and as text', () => {
    const batch = read(JSON.stringify({ ...seed, processed_photo_ids: [] }));
    expect(toStateFile(batch)).toEqual(JSON.parse(write(batch)));
  });
});

function batchWith(states: readonly string[]): Batch {
  const batch = read(
    JSON.stringify({
      ...seed,
      photo_ids: states.map((_, index) => index * 3 + 1),
      processed_photo_ids: [],
      _schema: 1,
    }),
  );
  for (const [index, state] of states.entries()) {
    if (state === 'pending') continue;
    batch.items.claim(index, { attempt: 2, name: `${index}.jpg` });
    if (state === 'processed' || state === 'skipped') batch.items.settle(index, state, 2);
    if (state === 'failed') batch.items.settle(index, 'failed', 3, 'timeout');
    if (state === 'crashed') batch.items.release(index, { spent: true, crashed: true });
  }
  return batch;
}
