import { describe, expect, it } from 'vitest';
import { isInWindow, timeZoneProblem } from '../../../bridge/batch/run-window.ts';

const at = (text: string): number => Date.parse(text);

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
  });

  it('follows daylight saving of its time zone', () => {
    const window = { from: '08:00', to: '09:00', time_zone: 'Europe/Berlin' };
    expect(isInWindow(window, at('2026-01-15T07:30:00Z'))).toBe(true);
    expect(isInWindow(window, at('2026-07-15T07:30:00Z'))).toBe(false);
    expect(isInWindow(window, at('2026-07-15T06:30:00Z'))).toBe(true);
  });

  it('names a time zone that does not exist', () => {
    expect(timeZoneProblem('Europe/Berlin')).toBeNull();
    expect(timeZoneProblem(undefined)).toBeNull();
    expect(timeZoneProblem('Mars/Olympus')).toContain('Mars/Olympus');
  });
});
