/**
 * Keeps the machine from falling asleep while photos render: holds a helper program of the platform, and lets it go a while after
 * the last photo. Whatever becomes of that program, work goes on; it never waits for it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '../log.ts';
import { type InhibitorCommand, toInhibitorCommand } from './inhibitor-command.ts';

export type SleepInhibitor = {
  /** True while photos render. May flap: only a stretch without work as long as `lingerMs` lets go. */
  setWanted(isWanted: boolean): void;
  /** The setting. False lets go at once. */
  setAllowed(isAllowed: boolean): void;
  /** Lets go for good. */
  close(): void;
};

export type SleepInhibitorOptions = {
  isAllowed: boolean;
  log: Log;
  /** Null where the platform has none. Absent: that of this platform. */
  command?: InhibitorCommand | null;
  env?: NodeJS.ProcessEnv;
  lingerMs?: number;
  retryMs?: number;
};

const LINGER_MS = 10_000;
/** A program that is missing or cannot do it (no session bus, no right to) will not be able to a moment later either. */
const RETRY_MS = 600_000;
const STDERR_KEPT = 300;

export function createSleepInhibitor(options: SleepInhibitorOptions): SleepInhibitor {
  const { pid, platform, env } = process;
  const { command = toInhibitorCommand({ platform, pid, systemRoot: env.SystemRoot }) } = options;
  return command === null ? { setWanted() {}, setAllowed() {}, close() {} } : new Inhibitor(command, options);
}

class Inhibitor implements SleepInhibitor {
  readonly #command: InhibitorCommand;
  readonly #options: SleepInhibitorOptions;
  #child: ChildProcess | null = null;
  #isWanted = false;
  #isAllowed: boolean;
  #linger: NodeJS.Timeout | null = null;
  /** Runs after a failure; until then nothing is tried. */
  #retry: NodeJS.Timeout | null = null;

  constructor(command: InhibitorCommand, options: SleepInhibitorOptions) {
    this.#command = command;
    this.#options = options;
    this.#isAllowed = options.isAllowed;
  }

  setWanted(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) this.#hold();
    else {
      const { lingerMs = LINGER_MS } = this.#options;
      this.#linger = setTimeout(() => this.#letGo(), lingerMs).unref();
    }
  }

  setAllowed(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    if (!isAllowed) this.#letGo();
    else if (this.#isWanted) this.#hold();
  }

  close(): void {
    this.#isAllowed = false;
    this.#letGo();
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  #hold(): void {
    this.#clearLinger();
    if (!this.#isAllowed || this.#child !== null || this.#retry !== null) return;
    try {
      this.#start();
    } catch (thrown) {
      this.#fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #start(): void {
    const { program, args } = this.#command;
    const { env = process.env } = this.#options;
    const child = spawn(program, [...args], { env, stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true });
    this.#child = child;
    let said = '';
    const end = (reason: string) => {
      // One that was let go has ended as it should.
      if (this.#child !== child) return;
      this.#child = null;
      this.#fail(reason);
    };
    // `error` comes for a program that is not there, `close` follows every end.
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(said.trim() || `it ended (${signal ?? code})`));
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-STDERR_KEPT);
    });
    child.unref();
  }

  #letGo(): void {
    this.#clearLinger();
    const child = this.#child;
    this.#child = null;
    child?.stdin?.end();
    child?.kill();
  }

  #fail(reason: string): void {
    const { log, retryMs = RETRY_MS } = this.#options;
    log.debug({ program: this.#command.program, reason }, 'the machine may fall asleep while photos render');
    this.#retry = setTimeout(() => {
      this.#retry = null;
      if (this.#isWanted) this.#hold();
    }, retryMs).unref();
  }

  #clearLinger(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
  }
}
