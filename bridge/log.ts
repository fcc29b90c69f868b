/** The log: constant messages, data in fields. Everybody may import it but `contract/`; only `main.ts` and `daemon.ts` create one. */
import { type Logger, multistream, pino } from 'pino';

export type Log = Logger;

/** `destination` absent: stderr. Level `silent` for tests. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination ?? pino.destination(2),
  );
}

/** The daemon's: to stderr from `warn` up, and everything of its level to the file (0600). */
export function createDaemonLog(level: string, file: string): Log {
  const quiet = level === 'trace' || level === 'debug' ? level : 'warn';
  return createLog(
    level,
    multistream([
      { level: quiet, stream: pino.destination(2) },
      { level: 'trace', stream: pino.destination({ dest: file, mode: 0o600, sync: false, mkdir: true }) },
    ]),
  );
}
