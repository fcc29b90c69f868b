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

/** A time as ISO-8601 UTC: anything `Date` reads, or a span from `now` such as `30m`. */
export function parseMoment(name: string, text: string, now: number): string {
  const span = parseDuration(text);
  const at = span === null ? Date.parse(text) : now + span * 1000;
  if (Number.isNaN(at)) {
    throw new UsageError(
      `${name} must be a time such as 2026-01-31T22:00 or a span such as 30m, not "${text}"`,
    );
  }
  return new Date(at).toISOString();
}
