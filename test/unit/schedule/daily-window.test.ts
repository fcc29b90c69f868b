import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunWindow } from '../../../bridge/contract/index.ts';
import { nextDaily } from '../../../bridge/schedule/daily-time.ts';
import { isInWindow, nextChange } from '../../../bridge/schedule/daily-window.ts';
import { timeZoneProblem } from '../../../bridge/schedule/time-zone.ts';

const at = (text: string): number => Date.parse(text);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Zones with a moment at which each sets its clocks, half an hour at Lord Howe, a whole day once at Apia. */
const shifts: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Apia', '2012-03-31T14:00Z'],
  ['UTC', '2026-06-01T00:00Z'],
];
const place = fc
  .tuple(fc.constantFrom(...shifts), fc.integer({ min: -40 * 3600, max: 40 * 3600 }))
  .map(([[zone, shift], seconds]) => ({ zone, now: at(shift) + seconds * 1000 }));
const time = fc
  .oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 55, max: 245 }))
  .map((minutes) => `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`);

const parts = new Map(shifts.map(([zone]) => [zone, formatOf(zone)]));

/** What the clock on the wall there shows, as text: another way than the product's. */
function wallClock(zone: string, now: number): string {
  const [hour = '', , minute = ''] = (parts.get(zone) ?? formatOf(zone))
    .formatToParts(now)
    .map(({ value }) => value);
  return `${hour}:${minute}`;
}
function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('de-DE', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
function pad(value: number): string {
  return String(value).padStart(2, '0');
}
/** Texts of one length compare as times do. */
function isInside({ from, to }: RunWindow, clock: string): boolean {
  if (from === to) return true;
  return from < to ? from <= clock && clock < to : !(to <= clock && clock < from);
}

describe('a run window', () => {
  it('holds its start and not its end', () => {
    const window = { from: '22:00', to: '23:30', time_zone: 'UTC' };
    expect(isInWindow(window, at('2026-01-01T21:59:59Z'))).toBe(false);
    expect(isInWindow(window, at('2026-01-01T22:00:00Z'))).toBe(true);
    expect(isInWindow(window, at('2026-01-01T23:29:59Z'))).toBe(true);
    expect(isInWindow(window, at('2026-01-01T23:30:00Z'))).toBe(false);
  });

  it('may pass midnight', () => {
    const window = { from: '22:00', to: '06:00', time_zone: 'UTC' };
    expect(isInWindow(window, at('2026-01-01T03:00:00Z'))).toBe(true);
    expect(isInWindow(window, at('2026-01-01T12:00:00Z'))).toBe(false);
    expect(nextChange(window, at('2026-01-01T12:00:30Z'))).toBe(at('2026-01-01T22:00:00Z'));
    expect(nextChange(window, at('2026-01-01T22:00:00Z'))).toBe(at('2026-01-02T06:00:00Z'));
  });

  it('follows daylight saving of its time zone', () => {
    const window = { from: '08:00', to: '09:00', time_zone: 'Europe/Berlin' };
    expect(isInWindow(window, at('2026-01-15T07:30:00Z'))).toBe(true);
    expect(isInWindow(window, at('2026-07-15T07:30:00Z'))).toBe(false);
    expect(isInWindow(window, at('2026-07-15T06:30:00Z'))).toBe(true);
  });

  it('opens after the hour that the day skips, and twice in the hour that comes twice', () => {
    const window = { from: '02:15', to: '02:45', time_zone: 'Europe/Berlin' };
    expect(nextChange({ ...window, to: '04:00' }, at('2026-03-29T00:30Z'))).toBe(at('2026-03-29T01:00Z'));
    expect(nextChange(window, at('2026-03-29T00:30Z'))).toBe(at('2026-03-30T00:15Z'));
    expect(nextChange(window, at('2026-10-25T00:00Z'))).toBe(at('2026-10-25T00:15Z'));
    expect(nextChange(window, at('2026-10-25T00:45Z'))).toBe(at('2026-10-25T01:15Z'));
  });

  it('without hours never closes', () => {
    const window = { from: '08:00', to: '08:00', time_zone: 'UTC' };
    expect(isInWindow(window, at('2026-01-01T03:00:00Z'))).toBe(true);
    expect(nextChange(window, at('2026-01-01T03:00:00Z'))).toBeNull();
  });

  it('is, in every zone and around every shift of its clocks, what the clock on the wall there says minute by minute', () => {
    fc.assert(
      fc.property(place, time, time, ({ zone, now }, from, to) => {
        const window = { from, to, time_zone: zone };
        const isOpen = isInWindow(window, now);
        expect(isOpen).toBe(isInside(window, wallClock(zone, now)));
        let minute = Math.floor(now / MINUTE) * MINUTE + MINUTE;
        const end = minute + 72 * HOUR;
        while (minute < end && isInside(window, wallClock(zone, minute)) === isOpen) minute += MINUTE;
        expect(nextChange(window, now)).toBe(minute < end ? minute : null);
      }),
      { numRuns: 300 },
    );
  });

  it('names a time zone that does not exist', () => {
    expect(timeZoneProblem('run_window.time_zone', 'Europe/Berlin')).toBeNull();
    expect(timeZoneProblem('run_window.time_zone', undefined)).toBeNull();
    expect(timeZoneProblem('run_window.time_zone', 'Mars/Olympus')).toContain('Mars/Olympus');
  });
});

describe('a time of day', () => {
  it('comes round once a day, when the wall clock there reaches it or skips it', () => {
    fc.assert(
      fc.property(place, time, ({ zone, now }, clock) => {
        const next = nextDaily({ at: clock, time_zone: zone }, now);
        expect(next).toBeGreaterThan(now);
        // The day that Apia left out makes it two.
        expect(next - now).toBeLessThanOrEqual((zone === 'Pacific/Apia' ? 49 : 26) * HOUR);
        if (wallClock(zone, next) !== clock) {
          expect(wallClock(zone, next - MINUTE) < clock && clock < wallClock(zone, next)).toBe(true);
        }
        const after = nextDaily({ at: clock, time_zone: zone }, next);
        expect(after - next).toBeGreaterThanOrEqual(22 * HOUR);
      }),
      { numRuns: 300 },
    );
  });
});
