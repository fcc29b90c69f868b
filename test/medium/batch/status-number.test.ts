import { describe, expect, it } from 'vitest';
import { ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

describe('the number of a status', () => {
  it('does not fall over a restart, so that nobody waits for what happened before it', async () => {
    const engine = await engineOf(createUnitOperation());
    const id = await start(engine, 3);
    await ended(engine, id, 'batch_completed');
    const before = engine.api.status(id).seq;
    const again = await engineOf(createUnitOperation(), { dataDir: await engine.crashCopy() });
    expect(again.api.status(id).seq).toBeGreaterThanOrEqual(before);
    const waited = await Promise.race([
      again.api.waitForChange(id, before, 30_000),
      new Promise((resolve) => setTimeout(resolve, 5000, 'still waiting')),
    ]);
    expect(waited).toMatchObject({ batch_id: id, status: 'completed' });
  });
});
