/** Times and paces as people say them. Pure. */

/** `42 s`, `3 min`, `1 h 15 min`. */
export function toSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** How far the end may be off: a tenth earlier, a fifth later. The pace of the next photos is never that of the last. */
const EARLY = 0.9;
const LATE = 1.2;

/** An estimate of the daemon as a range that does not pretend to more: `2–4 min`. Null: nothing is known. */
export function toEtaRange(seconds: number | null): string | null {
  if (seconds === null) return null;
  if (seconds < 8) return 'a few seconds';
  const step = stepFor(seconds);
  const low = Math.floor((seconds * EARLY) / step) * step;
  const high = Math.ceil((seconds * LATE) / step) * step;
  if (low === 0) return `less than ${toSpan(high)}`;
  const [from, to] = [toSpan(low), toSpan(high)];
  const unit = / (s|min|h)$/.exec(to)?.[0] ?? '';
  const isShared = unit !== '' && from.endsWith(unit) && from.split(' ').length === 2;
  return to.split(' ').length === 2 && isShared ? `${from.slice(0, -unit.length)}–${to}` : `${from} – ${to}`;
}

function stepFor(seconds: number): number {
  if (seconds < 50) return 10;
  if (seconds < 600) return 60;
  return seconds < 3600 ? 300 : 900;
}

/** `1,234 photos/min`, `7.5 photos/min`; photos of a pace below one a minute by the hour. */
export function toPace(perMinute: number | null): string | null {
  if (perMinute === null) return null;
  if (perMinute >= 100) return `${Math.round(perMinute).toLocaleString('en')} photos/min`;
  if (perMinute >= 1) return `${perMinute} photos/min`;
  return `${Math.round(perMinute * 60)} photos/h`;
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
