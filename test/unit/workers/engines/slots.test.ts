/** Turns of the developing programs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createSlots, takeSlot } from '../../../../workers/engines/programs/slots.ts';

const nobody = () => undefined;

it('lets as many in as there are slots, and the next when one is given back', async () => {
  const slots = new Int32Array(new SharedArrayBuffer(8));
  const first = await takeSlot(slots, process.pid, nobody);
  await takeSlot(slots, process.pid, nobody);
  let waited = 0;
  const third = takeSlot(slots, process.pid, () => {
    waited += 1;
    // Told that it waits: now it may go on.
    if (waited === 2) first();
  });
  (await third)();
  expect(waited).toBeGreaterThanOrEqual(2);
});

it('gives the slot of a dead process to the next', async () => {
  const slots = new Int32Array(new SharedArrayBuffer(4));
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await takeSlot(slots, child.pid!, nobody);
  await once(child, 'exit');
  await takeSlot(slots, process.pid, nobody);
  expect([...slots]).toEqual([process.pid]);
});

it('are at least one and at most one a thread', () => {
  expect(createSlots(1).length).toBe(1);
  const many = createSlots(64).length;
  expect(many).toBeGreaterThanOrEqual(1);
  expect(many).toBeLessThanOrEqual(64);
});
