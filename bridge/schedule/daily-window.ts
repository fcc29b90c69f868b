/** Daily hours in a time zone: whether a moment is inside, and when that changes. Pure; days are as long as their zone makes them. */
import type { RunWindow } from '../contract/index.ts';
import { minutesOfDay, toMinuteStart, toMinutes } from './time-zone.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Is this wall-clock moment (ms) inside the window? `from` counts as inside, `to` not. An end before its start passes midnight. */
export function isInWindow(window: RunWindow, wallMs: number): boolean {
  return holds(window, minutesOfDay(wallMs, window.time_zone));
}

/**
 * The next moment (wall ms) at which the window opens or closes: the first minute on the other side. Null when it never
 * does. A clock that is set back or forward in between counts: an opening in an hour that a day skips is when that hour
 * would have ended, and in an hour that comes twice a window can open twice.
 */
export function nextChange(window: RunWindow, wallMs: number): number | null {
  if (window.from === window.to) return null;
  const isOpen = isInWindow(window, wallMs);
  const edge = toMinutes(isOpen ? window.to : window.from);
  let at = toMinuteStart(wallMs);
  for (;;) {
    const local = minutesOfDay(at, window.time_zone);
    const there = at + ((edge - local + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS;
    const shift = firstShift(at, there, window.time_zone);
    if (shift === null) return there;
    if (isInWindow(window, shift) !== isOpen) return shift;
    at = shift;
  }
}

/** `22:00 to 06:00 Europe/Berlin`, for people. */
export function toWindowText({ from, to, time_zone }: RunWindow): string {
  return `${from} to ${to}${time_zone === undefined ? '' : ` ${time_zone}`}`;
}

function holds(window: RunWindow, minutes: number): boolean {
  const from = toMinutes(window.from);
  const to = toMinutes(window.to);
  if (from === to) return true;
  return from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
}

/** The first minute after `start`, up to `end`, at which the zone's clock is not where it would be by counting on; null: none. */
function firstShift(start: number, end: number, timeZone: string | undefined): number | null {
  const offsetOf = (at: number): number => {
    const ahead = minutesOfDay(at, timeZone) - at / MINUTE_MS;
    return ((ahead % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  };
  const before = offsetOf(start);
  if (offsetOf(end) === before) return null;
  // No zone has two shifts within the day that lies between, so halving finds the one.
  let [low, high] = [start / MINUTE_MS, end / MINUTE_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetOf(middle * MINUTE_MS) === before) low = middle;
    else high = middle;
  }
  return high * MINUTE_MS;
}
