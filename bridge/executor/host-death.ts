/** What the way a render host ended says of the photos that were in it. Pure. */
import type { DeathCause } from '../batch/ports.ts';

export type HostDeath = {
  /** How the process ended: one of the two is null. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it said on stderr. */
  said: string;
  /** The system's out-of-memory killer was at work while it lived, or it was about as large as it may be. */
  wasShortOfMemory: boolean;
  platform: NodeJS.Platform;
};

/** Native code in trouble sends these to itself; nobody sends them to another program by habit. */
const crashSignals: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
]);
/** What `TerminateProcess` leaves when Task Manager or `kill` ends a process on Windows. */
const WINDOWS_KILLED = 1;

/**
 * A host never ends by itself, so an exit code is a crash. A SIGKILL is the photo's fault only when it came for want of
 * memory: it cannot be sent by a decoder.
 */
export function toDeathCause({ code, signal, said, wasShortOfMemory, platform }: HostDeath): DeathCause {
  if (signal === null) return platform === 'win32' && code === WINDOWS_KILLED ? 'kill' : toCrash(said);
  if (crashSignals.has(signal)) return toCrash(said);
  return signal === 'SIGKILL' && wasShortOfMemory ? 'memory' : 'kill';
}

/** Words of a process or a thread that gave up by itself. */
export function toCrash(said: string): 'crash' | 'memory' {
  return /out of memory|memory limit|bad_alloc|allocation fail/i.test(said) ? 'memory' : 'crash';
}
