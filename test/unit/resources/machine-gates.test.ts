import { describe, expect, it, onTestFinished } from 'vitest';
import { type BridgeEvent, type EventDraft, settingsSchema } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createGatedLimiter } from '../../../bridge/resources/gates.ts';
import { createMachineGates } from '../../../bridge/resources/machine-gates.ts';
import { createSetClock } from '../../helpers/set-clock.ts';
import { createSteadyLimiter } from '../../helpers/unit-operation.ts';

describe('the gates of the machine', () => {
  it('take the limit to zero each for its own reason, say so in events, and lifting one leaves the other', async () => {
    const clock = createSetClock('2026-06-01T12:00:00Z');
    const events: (BridgeEvent | EventDraft)[] = [];
    const scene = { settings: settingsSchema.parse({}), low: null as string | null };
    const machine = createMachineGates({
      settings: () => scene.settings,
      findLowDisk: async () => scene.low,
      isBusy: () => true,
      events: { seq: 0, publish: (draft) => events.push(draft) },
      clock,
      log: createLog('silent'),
    });
    onTestFinished(() => machine.close());
    const limiter = createGatedLimiter(createSteadyLimiter(4), machine.gates);
    const told: string[] = [];
    limiter.onChange(() => told.push(limiter.hold?.owner ?? 'none'));
    await machine.review();
    expect([limiter.limit, limiter.hold]).toEqual([4, null]);

    const run_window = { from: '22:00', to: '23:00', time_zone: 'UTC' };
    scene.settings = settingsSchema.parse({ schedule: { run_window } });
    await machine.review();
    expect([limiter.limit, limiter.hold?.owner]).toEqual([0, 'schedule']);
    scene.low = 'the disk is nearly full';
    await machine.review();
    expect(limiter.hold?.owner).toBe('storage');
    scene.settings = settingsSchema.parse({});
    await machine.review();
    expect([limiter.limit, limiter.hold?.owner]).toEqual([0, 'storage']);
    scene.low = null;
    await machine.review();
    expect([limiter.limit, limiter.hold]).toEqual([4, null]);

    expect(told).toEqual(['schedule', 'storage', 'storage', 'none']);
    expect(events.map((event) => [event.type, 'hold' in event && event.hold.owner])).toEqual([
      ['hold_placed', 'schedule'],
      ['hold_placed', 'storage'],
      ['hold_lifted', 'schedule'],
      ['hold_lifted', 'storage'],
    ]);
  });
});
