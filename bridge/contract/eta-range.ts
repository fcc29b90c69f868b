/** Spans, and the daemon's estimate of the time left as people say it: one wording for page and command line. Pure. */

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
