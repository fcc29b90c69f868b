/** What a batch's run window makes of it: a hold while it is closed. When it is open, `schedule/` knows. Pure. */
import type { Hold, RunWindow } from '../contract/index.ts';
import { nextChange, toWindowText } from '../schedule/daily-window.ts';

/** `now`: wall ms outside the window. */
export function windowHold(window: RunWindow, { now, since }: { now: number; since: string }): Hold {
  const reason = `runs only from ${toWindowText(window)}`;
  const opensAt = nextChange(window, now);
  if (opensAt === null) return { owner: 'schedule', reason, since };
  const until = new Date(opensAt).toISOString();
  return { owner: 'schedule', reason: `${reason}; that begins at ${until}`, since, until };
}
