/**
 * Whether a photo is to blame for the death of the host it was in. Pure, but for the count of kills.
 *
 * A death counts as the photo's crash when native code gave up (a crash signal, an exit, a thread that died) or when memory ran
 * out. The first makes every photo in the host a suspect; suspects run alone, so the next one is that photo's own: it fails,
 * and is never run again. That makes two crashes a photo at most, ever.
 *
 * A host that somebody else ended (SIGKILL with memory to spare, SIGTERM, the Task Manager) proves nothing: no decoder can do
 * that. Its photos run alone from now on, but no crash is counted. So that a photo which does draw such kills (a virus
 * scanner that ends what reads it) can neither stop the others nor go on for ever, each kill while it runs alone puts it off
 * longer, with the others going ahead, and the tenth fails it. A storm of kills from outside would have to hit the same
 * photo ten times over two minutes and a half, and nothing but that photo, to be mistaken for one.
 *
 * A host that died right before its daemon did, unrecorded (`UnseenDeaths`): somebody may have killed both, so it makes
 * suspects and counts as a crash only of a photo that had one before.
 */
import type { Failure } from '../contract/index.ts';
import type { ItemTable } from './item-table.ts';
import type { DeathCause, LostEnd } from './ports.ts';

export type Blame =
  /** Put back, to run alone. `waitMs`: not before. */
  | { kind: 'suspect'; isCrash: boolean; waitMs: number }
  /** Fails. `isCrash`: with one more crash on its record. */
  | { kind: 'guilty'; isCrash: boolean; failure: Failure };

const MAX_KILLS = 10;
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 30_000;

export function blameFor(
  items: ItemTable,
  { index, alone, end }: { index: number; alone: boolean; end: LostEnd },
): Blame {
  const { cause = 'crash', reason } = end;
  if (cause === 'kill') return alone ? blameForKill(items, index) : { ...innocent };
  // Who was in a dying host before runs alone: this one is its own.
  if (!items.crashes.has(index)) return { kind: 'suspect', isCrash: true, waitMs: 0 };
  return { kind: 'guilty', isCrash: true, failure: guilty(cause, reason) };
}

const innocent = { kind: 'suspect', isCrash: false, waitMs: 0 } as const;

function blameForKill(items: ItemTable, index: number): Blame {
  const kills = (items.kills.get(index) ?? 0) + 1;
  items.kills.set(index, kills);
  if (kills < MAX_KILLS)
    return { ...innocent, waitMs: Math.min(FIRST_WAIT_MS * 2 ** (kills - 1), LAST_WAIT_MS) };
  const message = `another program ended the render host ${kills} times while it worked on this photo alone (a virus scanner? an out-of-memory killer?); retry-failed tries it again`;
  return { kind: 'guilty', isCrash: false, failure: toFailure('decoder_crash', message) };
}

/** The failure of a photo that crashed two hosts. `reason`: of the second, when it is known. */
export function guilty(cause: DeathCause, reason?: string): Failure {
  const how = reason === undefined ? '' : ` (${reason})`;
  const never = 'it is never run again in this batch, not by retry-failed either';
  return cause === 'memory'
    ? toFailure('out_of_memory', `the render host ran out of memory on this photo alone${how}; ${never}`)
    : toFailure('decoder_crash', `the decoder crashed on this photo twice, once alone${how}; ${never}`);
}

function toFailure(code: 'decoder_crash' | 'out_of_memory', message: string): Failure {
  return { code, message, stage: 'decode', retryable: false };
}
