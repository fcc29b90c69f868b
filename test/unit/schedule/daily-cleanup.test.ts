import { describe, expect, it, onTestFinished } from 'vitest';
import type { Settings } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { DailyCleanup } from '../../../bridge/schedule/daily-cleanup.ts';

const DAY = 86_400_000;
type Setting = Settings['schedule']['cleanup'];

/** A daily cleanup on a clock that the test sets. `restart`: another run of the daemon on the same mark. */
function createScene(start: string, mark: { at: number | null } = { at: null }) {
  const scene = {
    now: Date.parse(start),
    setting: { at: '03:00', days_old: 7, time_zone: 'Europe/Berlin' } as Setting,
    ran: [] as number[],
    fails: false,
    set: (time: string) => {
      scene.now = Date.parse(time);
      return cleanup.review();
    },
    restart: (time: string) => {
      const again = createScene(time, mark);
      again.ran = scene.ran;
      return again;
    },
  };
  const cleanup = new DailyCleanup({
    setting: () => scene.setting,
    mark: {
      load: async () => mark.at,
      save: async (at) => {
        mark.at = at;
      },
    },
    cleanup: async (daysOld) => {
      scene.ran.push(daysOld);
      if (scene.fails) throw new Error('disk away');
      return 1;
    },
    wallMs: () => scene.now,
    log: createLog('silent'),
  });
  onTestFinished(() => cleanup.close());
  return scene;
}

describe('the daily cleanup', () => {
  it('runs when its time of day comes, once', async () => {
    const scene = createScene('2026-06-01T12:00Z');
    await scene.set('2026-06-01T12:00Z');
    await scene.set('2026-06-02T00:59Z');
    expect(scene.ran).toEqual([]);
    await scene.set('2026-06-02T01:00Z');
    await scene.set('2026-06-02T01:01Z');
    await scene.set('2026-06-02T23:00Z');
    expect(scene.ran).toEqual([7]);
    await scene.set('2026-06-03T01:00:10Z');
    expect(scene.ran).toEqual([7, 7]);
  });

  it('makes up once for days that were missed, asleep or off', async () => {
    const scene = createScene('2026-06-01T12:00Z');
    await scene.set('2026-06-01T12:00Z');
    await scene.set('2026-06-09T12:00Z');
    await scene.set('2026-06-09T12:01Z');
    expect(scene.ran).toEqual([7]);
    const later = scene.restart('2026-06-20T09:00Z');
    await later.set('2026-06-20T09:00Z');
    await later.set('2026-06-20T09:01Z');
    expect(later.ran).toEqual([7, 7]);
    const soon = later.restart('2026-06-20T10:00Z');
    await soon.set('2026-06-20T10:00Z');
    expect(soon.ran).toEqual([7, 7]);
  });

  it('does not wait for years after a clock that had jumped ahead is set back', async () => {
    const scene = createScene('2026-06-01T12:00Z');
    await scene.set('2026-06-01T12:00Z');
    scene.now += 400 * DAY;
    await scene.set('2027-07-06T12:00Z');
    expect(scene.ran).toHaveLength(1);
    await scene.set('2026-06-01T13:00Z');
    expect(scene.ran).toHaveLength(1);
    await scene.set('2026-06-02T01:00Z');
    expect(scene.ran).toHaveLength(2);
  });

  it('is off without a time, and follows the setting while the daemon runs', async () => {
    const scene = createScene('2026-06-01T12:00Z');
    scene.setting = undefined;
    await scene.set('2026-06-01T12:00Z');
    await scene.set('2026-06-05T12:00Z');
    scene.setting = { at: '14:30', days_old: 30, time_zone: 'UTC' };
    await scene.set('2026-06-05T12:01Z');
    expect(scene.ran).toEqual([]);
    await scene.set('2026-06-05T14:30Z');
    expect(scene.ran).toEqual([30]);
  });

  it('that fails is tried again the next day, not the next minute', async () => {
    const scene = createScene('2026-06-01T12:00Z');
    await scene.set('2026-06-01T12:00Z');
    scene.fails = true;
    await scene.set('2026-06-02T01:00Z');
    await scene.set('2026-06-02T01:01Z');
    expect(scene.ran).toHaveLength(1);
    scene.fails = false;
    await scene.set('2026-06-03T01:00Z');
    expect(scene.ran).toHaveLength(2);
  });
});
