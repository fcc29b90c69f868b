/** Batches of items that are no photos, at their edges: what is kept of them, merged, left behind by a start that came to nothing. */
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBodySchema } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { createGate, ended, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

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

  it('are called items where something is said of them', async () => {
    const engine = await openEngine(ones(1), { settings: { limits: { photos_per_batch: 2 } } });
    const tooMany = engine.api.start(body(['a', 'b', 'c']), {});
    await expect(tooMany).rejects.toThrow(/^3 items are more/);
    const { batch_id } = await engine.api.start(body(['a']), {});
    await ended(engine, batch_id, 'batch_completed');
    await expect(engine.api.retryFailed(batch_id, {})).rejects.toThrow(/^no item of this batch failed$/);
  });

  it('are merged also when there are very many', async () => {
    // More than a call can have arguments.
    const many = 130_000;
    const units: number[] = [];
    const engine = await openEngine(createUnitOperation({ units }));
    const ids: string[] = [];
    for (const count of [many, 1]) {
      units.splice(0);
      for (let unit = 0; unit < count; unit += 1) units.push(1);
      const items = units.map((_, index) => index);
      ids.push((await engine.api.start(body(items, later), {})).batch_id);
    }
    expect((await engine.api.merge(ids)).photo_count).toBe(many + 1);
  });
});

describe('an item that a crash cut off', () => {
  it('is not merged while nobody could look whether it was done', async () => {
    const gate = createGate();
    const engine = await openEngine(createUnitOperation({ units: [1], onUnit: () => gate.pass() }));
    const { batch_id: other } = await engine.api.start(body(['a'], later), {});
    const { batch_id: cut } = await engine.api.start(body(['a']), {});
    await gate.reached(1);
    const dataDir = await engine.crashCopy();
    gate.open();
    let isAway = true;
    const message = 'the drive is away';
    const again = await openEngine(
      createUnitOperation({
        units: [1],
        ready: () =>
          isAway ? { code: 'output_not_writable', message, stage: 'write', retryable: true } : null,
        adopt: () => true,
      }),
      { dataDir },
    );
    expect(again.api.status(cut).status).toBe('paused');
    await expect(again.api.merge([cut, other])).rejects.toThrow(/not known yet/);
    isAway = false;
    await again.api.resume(cut);
    await ended(again, cut, 'batch_completed');
    expect(again.operation.ran).toEqual([]);
  });
});

describe('items that are in no render host', () => {
  it('are no suspects of its death: their units stay together', async () => {
    const gate = createGate();
    const units = [2, 2];
    const engine = await openEngine(createUnitOperation({ slots: 1, units, onUnit: () => gate.pass() }));
    const { batch_id } = await engine.api.start(body(['a', 'b', 'c', 'd']), {});
    await gate.reached(1);
    const dataDir = await engine.crashCopy();
    gate.open();
    const seen: string[] = [];
    const again = await openEngine(
      createUnitOperation({ slots: 1, units, onUnit: (indices) => void seen.push(indices.join()) }),
      { dataDir, unseenDeaths: { found: true, clear: () => {} } },
    );
    await again.api.resume(batch_id);
    await ended(again, batch_id, 'batch_completed');
    expect(seen).toEqual(['0,1', '2,3']);
  });

  it('never show the path of the photo of their number, also when nobody knows their operation', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-engine-'));
    const states = join(dataDir, 'batch_states');
    await mkdir(states, { recursive: true });
    const file = {
      batch_id: 'batch_0123456789ab',
      photo_ids: [1],
      status: 'completed',
      created_at: '2026-01-01T00:00:00Z',
    };
    await writeFile(
      join(states, `${file.batch_id}.json`),
      JSON.stringify({ ...file, _operation: 'content' }),
    );
    const engine = await openEngine(createUnitOperation(), { dataDir });
    const { photos } = await engine.api.photos(file.batch_id, { limit: 1 });
    expect(photos[0]).toMatchObject({ photo_id: 1, path: null });
  });
});

describe('a retry with another config', () => {
  it('runs under that config as the operation keeps it', async () => {
    const seen: unknown[] = [];
    const operation = createUnitOperation({
      units: [1],
      prepare: (config) => ({ config: { price: Number(config?.price) } }),
      run: ({ attempt }, _signal, { config }) => {
        seen.push(config);
        return seen.length === 1 && attempt === 1 ? failed('not_found') : processed();
      },
    });
    const engine = await openEngine(operation);
    const { batch_id } = await engine.api.start(body(['a'], { config: { price: '1' } }), {});
    await ended(engine, batch_id, 'batch_failed');
    await engine.api.retryFailed(batch_id, { config: { price: '2' } });
    await ended(engine, batch_id, 'batch_completed');
    expect(seen).toEqual([{ price: 1 }, { price: 2 }]);
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
          refuses ? Promise.reject(new BridgeError('disk_full', 'no room')) : store.append(payloads, options),
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
    await writeFile(
      join(copy, 'batch_states', 'batch_newer.json'),
      '{"_schema":99,"batch_id":"batch_newer"}',
    );
    await mkdir(join(copy, 'quarantine'), { recursive: true });
    await writeFile(join(copy, 'quarantine', 'batch_damaged.json.damaged'), '{');
    const again = await openEngine(ones(2), { dataDir: copy });
    const own = [`${batch_id}.inputs.idx`, `${batch_id}.inputs.log`];
    expect(await files(copy)).toEqual([...own, ...kept].toSorted());
    expect((await again.inputs.read(batch_id, [1])).get(1)?.v).toBe('b');
  });
});
