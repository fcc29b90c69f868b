import { expect, it, onTestFinished } from 'vitest';
import { createGate, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

it.each([
  'two\nlines',
  'quotes "\' and \\',
  'ends\u2028with\u2029these',
  '\u{1f4f7}'.repeat(50),
  'user',
  '__proto__',
])('a hold of a client called %j is itself again after a crash and after a stop', async (client) => {
  const gate = createGate();
  onTestFinished(() => gate.open());
  const script = { run: () => gate.pass().then(processed) };
  const engine = await engineOf(createUnitOperation(script));
  const id = await start(engine, 3);
  await engine.api.placeHold(id, { client, reason: 'busy', lease_s: 3600 });
  const held = [expect.objectContaining({ owner: `client:${client}` })];
  const crashed = await engineOf(createUnitOperation(script), { dataDir: await engine.crashCopy() });
  expect(crashed.api.status(id).holds).toEqual(expect.arrayContaining(held));
  gate.open();
  await engine.end();
  const stopped = await engineOf(createUnitOperation(script), { dataDir: engine.dataDir });
  expect((await stopped.api.recover()).quarantined).toEqual([]);
  expect(stopped.api.status(id).holds).toEqual(expect.arrayContaining(held));
  await stopped.api.liftHold(id, { client });
  expect(stopped.api.status(id).holds).not.toEqual(expect.arrayContaining(held));
});
