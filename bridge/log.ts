/** The log: constant messages, data in fields. Everybody may import it but `contract/`; only `main.ts` and `daemon.ts` create one. */
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { hideSecrets } from './logging/hide-secrets.ts';
import { toTerminalLine } from './logging/readable-line.ts';
import { toRequestFields } from './logging/request-context.ts';
import { RotatingFile } from './logging/rotating-file.ts';

export type Log = Logger;

/** `destination` absent: stderr. Level `silent` for tests. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, mixin: toRequestFields },
    destination ?? pino.destination(2),
  );
}

export type LogSettings = { level: string; max_mb: number; keep: number };
/** The error stream of the process; null: nothing reads it. */
export type LogTerminal = { isTerminal: boolean; isColoured: boolean };
export type DaemonLog = {
  log: Log;
  /** Follows changed settings from the next line on. */
  configure(settings: LogSettings): void;
  /** Resolves when what can be written is. Later lines still go to stderr. */
  close(): Promise<void>;
};

const MEGABYTE = 1e6;
/** Bytes kept in memory while a terminal or a pipe takes none; what is above is dropped. */
const MAX_WAITING_BYTES = 2 ** 20;
const WARN = 40;

/**
 * The daemon's: to stderr from `warn` up (all of its level from `debug` on), readable on a terminal, and everything of its
 * level to the file (0600). A full disk or a closed terminal costs lines of the log, never the daemon.
 */
export function createDaemonLog(settings: LogSettings, file: string, terminal: LogTerminal): DaemonLog {
  let now = settings;
  const rotating = new RotatingFile(file, () => ({ maxBytes: now.max_mb * MEGABYTE, keep: now.keep }));
  const errors = pino.destination({ dest: 2, sync: true, maxLength: MAX_WAITING_BYTES });
  errors.on('error', () => undefined);
  const destination = {
    // Has pino say the level of each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string): void {
      const text = hideSecrets(line);
      rotating.write(text);
      if (this.lastLevel < WARN && now.level !== 'trace' && now.level !== 'debug') return;
      errors.write(terminal.isTerminal ? `${toTerminalLine(text, terminal)}\n` : text);
    },
  };
  const log = createLog(settings.level, destination);
  const flush = () => rotating.flushSync();
  process.on('exit', flush);
  const problem = findProblem(file);
  if (problem !== null) log.warn({ err: problem, file }, 'the log file cannot be opened: no log is kept');
  return {
    log,
    configure(next) {
      now = next;
      log.level = next.level;
    },
    async close() {
      process.off('exit', flush);
      await rotating.close();
    },
  };
}

/** Asked for once, at the start: a person reads it then. */
function findProblem(file: string): Error | null {
  try {
    closeSync(openSync(file, 'a', 0o600));
    accessSync(file, constants.W_OK);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
