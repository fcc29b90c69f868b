/**
 * Remembers from run to run, in one small file, what only a later run can know: that the run before ended without saying
 * so, and where the wall clock jumped. Decides nothing from it; a disk that refuses costs the memory, never the start.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';
import type { ClockHistory, ClockJump } from '../batch/ports.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { writeAtomically } from './atomic-write.ts';
import { type ClockReading, jumpBetweenRuns, jumpWithinRun, lowerAnchor } from './clock-jump.ts';
import type { Quarantine } from './quarantine.ts';
import { readRegularFile } from './read-regular-file.ts';

const LOOK_MS = 60_000;
/** So often it is written down what the clock was, should the run end without a word. */
const REFRESH_MS = 3_600_000;
const MAX_JUMPS = 100;
const MAX_ENDS = 20;

/** What a Date can hold. */
const timeSchema = z.number().min(0).max(8.64e15);
const fileSchema = z.object({
  under_way: z.boolean(),
  /** Wall ms at which a start found that the run before it had not ended by itself. */
  unclean_ends: z.array(timeSchema),
  clock: z.object({ wall_ms: timeSchema, awake_ms: timeSchema, boot: z.string().nullable() }),
  jumps: z.array(z.object({ from: timeSchema, to: timeSchema })),
});
type HistoryFile = z.infer<typeof fileSchema>;

export type RunHistory = ClockHistory & {
  /** Wall ms, oldest first; the newest is that of the run before this one, if it ended without a word. */
  readonly uncleanEnds: readonly number[];
  /** From now on an end without `close` is an unclean one. Never rejects. */
  begin(): Promise<void>;
  /** Never rejects. */
  forgetUncleanEnds(): Promise<void>;
  /** The run ends in order. Never rejects. */
  close(): Promise<void>;
};

export type RunHistoryOptions = {
  path: string;
  log: Log;
  quarantine: Quarantine;
  /** The wall clock and one that never jumps. */
  readClock?: () => ClockReading;
};

export function openRunHistory(options: RunHistoryOptions): RunHistory {
  return new FiledRunHistory(options);
}

/**
 * `os.uptime()` is no wall clock and counts sleep: `/proc/uptime` on Linux, GetTickCount64 on Windows, on macOS the wall
 * clock less the boot time, which the system shifts along whenever the clock is set (libuv's uv_uptime).
 */
export function readSystemClock(): ClockReading {
  return { wallMs: Date.now(), awakeMs: uptime() * 1000, boot };
}

const boot = readBootId();

/** Names the system's start that `os.uptime()` counts from; null where the system gives it no name. */
function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

class FiledRunHistory implements RunHistory {
  readonly #options: RunHistoryOptions;
  readonly #readClock: () => ClockReading;
  readonly #jumps: ClockJump[];
  #uncleanEnds: number[];
  /** What the wall clock is measured against. */
  #anchor: ClockReading;
  #underWay = false;
  #timer: NodeJS.Timeout | null = null;
  #savedAt = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: RunHistoryOptions) {
    this.#options = options;
    this.#readClock = options.readClock ?? readSystemClock;
    const file = loadFile(options);
    const now = this.#readClock();
    this.#anchor = now;
    this.#jumps = file?.jumps ?? [];
    this.#uncleanEnds = file?.unclean_ends ?? [];
    if (file === null) return;
    const { wall_ms: wallMs, awake_ms: awakeMs, boot } = file.clock;
    this.#note(jumpBetweenRuns({ wallMs, awakeMs, boot }, now));
    if (file.under_way) this.#uncleanEnds = [...this.#uncleanEnds, now.wallMs].slice(-MAX_ENDS);
  }

  get uncleanEnds(): readonly number[] {
    return this.#uncleanEnds;
  }

  async begin(): Promise<void> {
    this.#underWay = true;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    await this.#save();
  }

  jumps(): readonly ClockJump[] {
    this.#look();
    return this.#jumps;
  }

  async forgetUncleanEnds(): Promise<void> {
    this.#uncleanEnds = [];
    await this.#save();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (!this.#underWay) return;
    this.#look();
    this.#underWay = false;
    await this.#save();
  }

  #look(): void {
    const newest = this.#jumps.at(-1);
    const now = this.#observe();
    const isDue = this.#jumps.at(-1) !== newest || now.awakeMs - this.#savedAt >= REFRESH_MS;
    if (this.#underWay && isDue) void this.#save();
  }

  #observe(): ClockReading {
    const now = this.#readClock();
    const jump = jumpWithinRun(this.#anchor, now);
    this.#anchor = jump === null ? lowerAnchor(this.#anchor, now) : now;
    this.#note(jump);
    return now;
  }

  #note(jump: ClockJump | null): void {
    if (jump === null) return;
    this.#options.log.warn(
      { from: new Date(jump.from).toISOString(), to: new Date(jump.to).toISOString() },
      'the clock of this machine jumped forward',
    );
    this.#jumps.push(jump);
    if (this.#jumps.length > MAX_JUMPS) this.#jumps.splice(0, this.#jumps.length - MAX_JUMPS);
  }

  #save(): Promise<void> {
    this.#tail = this.#tail.then(() => this.#write());
    return this.#tail;
  }

  async #write(): Promise<void> {
    // What is written as seen must have been looked at: a later run sees no jump before it.
    const { wallMs, awakeMs, boot } = this.#observe();
    this.#savedAt = awakeMs;
    const file: HistoryFile = {
      under_way: this.#underWay,
      unclean_ends: this.#uncleanEnds,
      clock: { wall_ms: wallMs, awake_ms: awakeMs, boot },
      jumps: this.#jumps,
    };
    const pieces = [Buffer.from(`${JSON.stringify(file, null, 2)}\n`)];
    // A power cut may take the rest along; what it must not make old is kept by the jumps.
    const sync = this.#jumps.length > 0;
    await writeAtomically({ path: this.#options.path, pieces, sync }).catch((thrown: unknown) => {
      this.#options.log.warn({ error: toError(thrown).message }, 'the run history was not written');
    });
  }
}

/** Null when there is none, or none that can be read: that one is set aside. */
function loadFile({ path, log, quarantine }: RunHistoryOptions): HistoryFile | null {
  const bytes = readRegularFile(path);
  if (bytes === null) return null;
  try {
    if (typeof bytes === 'string') throw new Error(bytes);
    return fileSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (thrown) {
    const reason = `no run history: ${toError(thrown).message}`;
    log.warn({ moved_to: quarantine.move(path, reason) }, 'the run history could not be read');
    return null;
  }
}
