import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunWindow } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { createRunWindowGate } from '../../../bridge/resources/run-window-gate.ts';
import { createSetClock } from '../../helpers/set-clock.ts';

function createScene(start: string, first: RunWindow | undefined) {
  const clock = createSetClock(start);
  const setting = { window: first };
  const gate = createRunWindowGate({ window: () => setting.window, clock, log: createLog('silent') });
  onTestFinished(() => gate.close());
  let changes = 0;
  gate.onChange(() => {
    changes += 1;
  });
  return { clock, setting, gate, changes: () => changes };
}

const nights: RunWindow = { from: '22:00', to: '06:00', time_zone: 'Europe/Berlin' };

describe("the daemon's run window", () => {
  it('holds everything while it is closed, and says until when', async () => {
    const { gate } = createScene('2026-06-01T12:00:00Z', nights);
    await gate.review();
    expect(gate.hold).toMatchObject({
      owner: 'schedule',
      reason:
        'batches run only from 22:00 to 06:00 Europe/Berlin (setting schedule.run_window); that begins at 2026-06-01T20:00:00.000Z',
      since: '2026-06-01T12:00:00.000Z',
      until: '2026-06-01T20:00:00.000Z',
    });
  });

  it('opens and closes by the clock on the wall there, and tells each change once', async () => {
    const { gate, clock, changes } = createScene('2026-03-28T12:00:00Z', nights);
    await gate.review();
    await gate.review();
    expect(changes()).toBe(1);
    clock.set('2026-03-28T21:00:00Z');
    await gate.review();
    expect(gate.hold).toBeNull();
    // In that night the clocks there are set an hour ahead.
    clock.set('2026-03-29T03:59:59Z');
    await gate.review();
    expect(gate.hold).toBeNull();
    clock.set('2026-03-29T04:00:00Z');
    await gate.review();
    expect(gate.hold?.until).toBe('2026-03-29T20:00:00.000Z');
    expect(changes()).toBe(3);
  });

  it('follows the setting while the daemon runs', async () => {
    const { gate, setting } = createScene('2026-06-01T12:00:00Z', undefined);
    await gate.review();
    expect(gate.hold).toBeNull();
    setting.window = nights;
    await gate.review();
    expect(gate.hold?.owner).toBe('schedule');
    setting.window = { ...nights, from: '13:00', to: '15:00' };
    await gate.review();
    expect(gate.hold).toBeNull();
  });
});
