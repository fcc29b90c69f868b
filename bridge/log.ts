/** The log: constant messages, data in fields. Everybody may import it but `contract/`; only `main.ts` and `daemon.ts` create one. */
import { type Logger, pino } from 'pino';

export type Log = Logger;

/** `destination` absent: stderr. Level `silent` for tests. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination ?? pino.destination(2),
  );
}
