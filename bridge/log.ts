/** The log: constant messages, data in fields. Everybody may import it but `contract/`; only `main.ts` and `daemon.ts` create one. */
import { openSync } from 'node:fs';
import { type DestinationStream, type Logger, multistream, pino, type StreamEntry } from 'pino';

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
  const streams: StreamEntry[] = [{ level: quiet, stream: toDestination(2) }];
  const opened = openForLog(file);
  if (typeof opened === 'number') streams.push({ level: 'trace', stream: toDestination(opened) });
  const log = createLog(level, multistream(streams));
  if (opened instanceof Error)
    log.warn({ err: opened, file }, 'the log file cannot be opened: no log is kept');
  return log;
}

function toDestination(descriptor: number): DestinationStream {
  const sync = descriptor === 2;
  const stream = pino.destination({ dest: descriptor, sync, maxLength: MAX_WAITING_BYTES });
  stream.on('error', () => undefined);
  return stream;
}

function openForLog(file: string): number | Error {
  try {
    return openSync(file, 'a', 0o600);
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
