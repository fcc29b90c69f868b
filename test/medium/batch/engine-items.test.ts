/** Batches of items that are no photos, at their edges: what is kept of them, merged, left behind by a start that came to nothing. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBodySchema } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { ended, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation } from '../../helpers/unit-operation.ts';

const openEngine = useEngines();
const later = { start_at: '2099-01-01T00:00:00Z' };
const body = (items: readonly unknown[], more = {}) => startBodySchema.parse({ items, ...more });
const ones = (count: number) => createUnitOperation({ units: Array(count).fill(1) });

describe('items of a batch', () => {
  it('may have any name: a batch whose names are too long for a state file is there after a restart', async () => {
    const engine = await openEngine(ones(1));
    const { batch_id } = await engine.api.start(body(['x'.repeat(300)], later), {});
    const again = await openEngine(ones(1), { dataDir: await engine.crashCopy() });
    expect(again.api.status(batch_id).status).toBe('pending');
    const { photos } = await again.api.photos(batch_id, { limit: 1 });
    expect(String(photos[0]?.ref)).toMatch(/^x{254}…$/);
  });

  it('are merged also when there are very many', async () => {
    const count = 150_000;
    const engine = await openEngine(ones(count));
    const items = Array.from({ length: count }, (_, index) => index);
    const ids: string[] = [];
    for (const _ of [1, 2]) ids.push((await engine.api.start(body(items, later), {})).batch_id);
    expect((await engine.api.merge(ids)).photo_count).toBe(2 * count);
  });
});

describe('what items are', () => {
  const files = async (dataDir: string) => (await readdir(join(dataDir, 'batch_items'))).toSorted();

  it('does not stay behind when the start was refused', async () => {
    let refuses = false;
    const engine = await openEngine(ones(2), {
      wrapStore: (store) => ({
        ...store,
        append: (payloads, options) =>
          refuses
            ? Promise.reject(new BridgeError('disk_full', 'no room'))
            : store.append(payloads, options),
      }),
    });
    refuses = true;
    await expect(engine.api.start(body(['a', 'b']), {})).rejects.toThrow('no room');
    refuses = false;
    expect(await files(engine.dataDir)).toEqual([]);
  });

  it('goes at the next start when a crash came before its batch was', async () => {
    const engine = await openEngine(ones(2));
    const { batch_id } = await engine.api.start(body(['a', 'b'], later), {});
    const copy = await engine.crashCopy();
    const folder = join(copy, 'batch_items');
    for (const name of ['batch_0000deadbeef.inputs.log', 'batch_0000deadbeef.inputs.idx'])
      await writeFile(join(folder, name), '');
    // Of batches whose state files this version does not read, or that were set aside, it stays.
    const kept = ['batch_newer.inputs.log', 'batch_damaged.inputs.log', 'notes.txt'];
    for (const name of kept) await writeFile(join(folder, name), '');
    await writeFile(join(copy, 'batch_states', 'batch_newer.json'), '{"_schema":99,"batch_id":"batch_newer"}');
    await mkdir(join(copy, 'quarantine'), { recursive: true });
    await writeFile(join(copy, 'quarantine', 'batch_damaged.json.damaged'), '{');
    const again = await openEngine(ones(2), { dataDir: copy });
    const own = [`${batch_id}.inputs.idx`, `${batch_id}.inputs.log`];
    expect(await files(copy)).toEqual([...own, ...kept].toSorted());
    expect((await again.inputs.read(batch_id, [1])).get(1)?.v).toBe('b');
  });
});
