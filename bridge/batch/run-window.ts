/** Daily hours in which a batch may run, in a time zone, daylight saving included. Pure. */
import type { z } from 'zod';
import type { Hold, runWindowSchema } from '../contract/index.ts';

export type RunWindow = z.infer<typeof runWindowSchema>;

/** Is this wall-clock moment (ms) inside the window? `from` counts as inside, `to` not. An end before its start passes midnight. */
export function isInWindow(window: RunWindow, wallMs: number): boolean {
  const now = minutesOfDay(wallMs, window.time_zone);
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  if (from === to) return true;
  return from < to ? now >= from && now < to : now >= from || now < to;
}

export function windowHold(window: RunWindow, since: string): Hold {
  const zone = window.time_zone === undefined ? '' : ` ${window.time_zone}`;
  return { owner: 'schedule', reason: `runs only from ${window.from} to ${window.to}${zone}`, since };
}

/** Null, or why the time zone cannot be used. */
export function timeZoneProblem(zone: string | undefined): string | null {
  if (zone === undefined) return null;
  try {
    minutesOfDay(0, zone);
    return null;
  } catch {
    return `run_window.time_zone: "${zone}" is no time zone; give an IANA name like "Europe/Berlin"`;
  }
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function minutesOfDay(wallMs: number, timeZone: string | undefined): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  return minutesOf(format.format(wallMs));
}
