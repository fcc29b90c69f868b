/** The next time that a time of day comes round. The one place that knows croner. */
import { Cron } from 'croner';

export type DailyTime = { at: string; time_zone?: string | undefined };

/**
 * The first `at` after this moment (both wall ms), once a day: a time that a day skips comes when the skipped hour ends, one
 * that comes twice counts the first time. Throws when there is no such zone.
 */
export function nextDaily({ at, time_zone }: DailyTime, afterMs: number): number {
  const [hours, minutes] = at.split(':').map(Number);
  const cron = new Cron(`0 ${minutes} ${hours} * * *`, {
    paused: true,
    ...(time_zone === undefined ? {} : { timezone: time_zone }),
  });
  const next = cron.nextRun(new Date(afterMs));
  if (next === null) throw new RangeError(`${at} never comes`);
  return next.getTime();
}
