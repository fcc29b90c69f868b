import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

it('a cleanup whose files the disk keeps has happened, and the next start removes them', async () => {
  const refusing = async () => {
    throw Object.assign(new Error('EIO: i/o error, unlink'), { code: 'EIO' });
  };
  const engine = await engineOf(createUnitOperation(), {
    wrapStore: (store) => ({ ...store, removeBatch: refusing }),
  });
  const id = await start(engine, 2);
  await ended(engine, id, 'batch_completed');
  expect(await engine.api.cleanup({ days_old: 0, dry_run: false })).toMatchObject({ cleaned_count: 1 });
  expect(() => engine.api.status(id)).toThrow('Batch not found');
  expect(engine.events).toContainEqual(expect.objectContaining({ type: 'batch_cleaned', batch_id: id }));
  await engine.end();

  const again = await engineOf(createUnitOperation(), { dataDir: engine.dataDir });
  expect(() => again.api.status(id)).toThrow('Batch not found');
  expect(await readdir(join(engine.dataDir, 'batch_states'))).toEqual([]);
});
