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

/** Lines kept in memory while a disk or a reader takes none; what is above is dropped. */
const MAX_WAITING_BYTES = 2 ** 20;

/**
 * The daemon's: to stderr from `warn` up, and everything of its level to the file (0600). A full disk or a closed terminal
 * costs lines of the log, never the daemon: what waits is written with the first line that can be.
 */
export function createDaemonLog(level: string, file: string): Log {
  const quiet = level === 'trace' || level === 'debug' ? level : 'warn';
  const toStderr = pino.destination({ dest: 2, maxLength: MAX_WAITING_BYTES });
  const maxLength = MAX_WAITING_BYTES;
  const toFile = pino.destination({ dest: file, mode: 0o600, sync: false, mkdir: true, maxLength });
  for (const stream of [toStderr, toFile]) stream.on('error', () => undefined);
  return createLog(
    level,
    multistream([
      { level: quiet, stream: toStderr },
      { level: 'trace', stream: toFile },
    ]),
  );
}
