/** What a batch that has not begun waits for, as holds: at most one of each owner. Changes nothing. */
import type { Hold } from '../contract/index.ts';
import { isInWindow } from '../schedule/daily-window.ts';
import type { Batch } from './batch.ts';
import type { Registry } from './registry.ts';
import { windowHold } from './run-window.ts';

export type Wish = Pick<Batch, 'startAt' | 'dependsOn' | 'runWindow'>;

/** Owners of these holds. */
export const waitingOwners = ['schedule', 'dependency'] as const;

/** `now`: wall ms; `since`: the same as text. None: it can begin, unless a client holds it. */
export function waitingHolds(
  registry: Pick<Registry, 'find'>,
  wish: Wish,
  { now, since }: { now: number; since: string },
): Hold[] {
  const holds: Hold[] = [];
  const { startAt, runWindow } = wish;
  if (startAt !== undefined && Date.parse(startAt) > now)
    holds.push({ owner: 'schedule', reason: `starts at ${startAt}`, since, until: startAt });
  else if (runWindow !== undefined && !isInWindow(runWindow, now))
    holds.push(windowHold(runWindow, { now, since }));
  const waitsFor = wish.dependsOn.filter((id) => registry.find(id)?.status !== 'completed');
  if (waitsFor.length > 0)
    holds.push({ owner: 'dependency', reason: `waits for ${waitsFor.join(', ')}`, since });
  return holds;
}
