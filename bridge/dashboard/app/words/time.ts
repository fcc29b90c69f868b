/** Times and paces as people say them. Pure. */

export { toEtaRange, toSpan } from '../../../contract/eta-range.ts';

/** `1,234 photos/min`, `7.5 photos/min`; a pace below one a minute by the hour. */
export function toPace(perMinute: number | null, many: string): string | null {
  if (perMinute === null) return null;
  if (perMinute >= 100) return `${Math.round(perMinute).toLocaleString('en')} ${many}/min`;
  if (perMinute >= 1) return `${perMinute} ${many}/min`;
  return `${Math.round(perMinute * 60)} ${many}/h`;
}

/** `today 14:02`, `3 Nov 14:02`; in the reader's time zone. */
export function toMoment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (at.toDateString() === now.toDateString()) return `today ${clock}`;
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const };
  return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })} ${clock}`;
}

/** `14:02:33` */
export function toClock(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB');
}

/** `3.4 MB`: decimal units. */
export function toSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
