/** Values of command line options to numbers and times, with an error that says what is allowed. Pure. */
import { UsageError } from './exit-codes.ts';
import { parseDuration } from './wording.ts';

export function parseNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new UsageError(`${name} must be a number from ${min} to ${max}, not "${text}"`);
  };
}

export function parseWhole(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  };
}

/** The end of a span from `now` as ISO-8601 UTC. A unit is asked for: 30 would be minutes to one and seconds to another. */
export function parseSpan(name: string, text: string, now: number): string {
  const seconds = parseDuration(text);
  const isBare = /^[\d.\s]*$/.test(text);
  const at = new Date(now + (seconds ?? Number.NaN) * 1000);
  if (isBare || seconds === 0 || Number.isNaN(at.getTime()))
    throw new UsageError(`${name} must be a span with its unit such as 90s, 30m, 2h or 1h30m, not "${text}"`);
  return at.toISOString();
}

/** A time to come as ISO-8601 UTC: `HH:MM` is the next time the clock here shows that, anything else a day as ISO-8601 has it. */
export function parseUntil(name: string, text: string, now: number): string {
  // `Date` would make a year of almost anything.
  const isDay = /^\d{4}-\d\d-\d\d/.test(text.trim());
  const at = nextClockTime(text, now) ?? (isDay ? Date.parse(text.trim()) : Number.NaN);
  if (Number.isNaN(at))
    throw new UsageError(`${name} must be a time such as 14:30 or 2026-01-31T22:00, not "${text}"`);
  if (at <= now)
    throw new UsageError(`${name} must be a time to come; "${text}" is over. To go on now, use resume`);
  return new Date(at).toISOString();
}

/** A time as ISO-8601 UTC: `HH:MM`, anything `Date` reads, or a span from `now` such as `30m`. */
export function parseMoment(name: string, text: string, now: number): string {
  const span = parseDuration(text);
  const at = span === null ? (nextClockTime(text, now) ?? Date.parse(text)) : now + span * 1000;
  if (Number.isNaN(at)) {
    throw new UsageError(
      `${name} must be a time such as 22:00 or 2026-01-31T22:00, or a span such as 30m, not "${text}"`,
    );
  }
  return new Date(at).toISOString();
}

/** Wall ms; null when the text is no `HH:MM`. */
function nextClockTime(text: string, now: number): number | null {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  if (clock === null) return null;
  const at = new Date(now);
  at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}
