/** Local time of day in a time zone, daylight saving included, and whether a zone is one. Knows no windows and no days. */
const MINUTE_MS = 60_000;
const MOST_FORMATS = 64;

/** Making a format costs some fifty times as much as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `HH:MM` as minutes since midnight. */
export function toMinutes(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Minutes since local midnight (0..1439) at this wall time (ms). No zone: the machine's own. Throws RangeError when there is no such zone. */
export function minutesOfDay(wallMs: number, timeZone: string | undefined): number {
  if (timeZone !== undefined) return toMinutes(formatOf(timeZone).format(wallMs));
  const local = new Date(wallMs);
  return local.getHours() * 60 + local.getMinutes();
}

/** The start of the minute that `wallMs` is in. Every zone is whole minutes away from UTC since 1972. */
export function toMinuteStart(wallMs: number): number {
  return Math.floor(wallMs / MINUTE_MS) * MINUTE_MS;
}

/** Null, or why it cannot be used. `key`: what it was given as. */
export function timeZoneProblem(key: string, zone: string | undefined): string | null {
  if (zone === undefined) return null;
  try {
    formatOf(zone);
    return null;
  } catch {
    return `${key}: "${zone}" is no time zone; give an IANA name like "Europe/Berlin"`;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  if (formats.size >= MOST_FORMATS) formats.clear();
  formats.set(timeZone, made);
  return made;
}
