/** Runs a developing program for one photo under its supervisor. The render thread may be killed at any moment. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { takeSlot } from './slots.ts';

export type ProgramEnd =
  | { kind: 'ended'; code: number | null; signal: string | null; said: string }
  | { kind: 'timeout'; said: string }
  | { kind: 'not-started'; said: string };

export type ProgramRun = {
  /** Absolute. */
  program: string;
  args: readonly string[];
  /** Its working folder and its home: what it wants to remember of itself goes there, and away with it. */
  folder: string;
  deadlineMs: number;
  slots: Int32Array;
  /** Told again and again while others have their turn: for how many seconds. */
  onWait: (seconds: number) => void;
};

const supervisor = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/** Never rejects. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { program, args, folder, deadlineMs, slots } = run;
  const child = spawn(process.execPath, [supervisor, folder, String(deadlineMs), program, ...args], {
    env: guestEnvironment(folder, slots.length),
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const ended = new Promise<ProgramEnd>((resolve) => {
    let answer = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    child.once('error', (error) => resolve({ kind: 'not-started', said: error.message }));
    child.once('close', () => resolve(parseEnd(answer)));
  });
  // An input that is closed already: `ended` tells.
  child.stdin.on('error', () => undefined);
  if (child.pid === undefined) return ended;
  const free = await takeSlot(slots, child.pid, run.onWait);
  try {
    child.stdin.write('go\n');
    return await ended;
  } finally {
    free();
  }
}

function parseEnd(answer: string): ProgramEnd {
  try {
    return JSON.parse(answer) as ProgramEnd;
  } catch {
    return { kind: 'not-started', said: 'its supervisor was ended' };
  }
}

/**
 * Nothing of the photographer's own settings is read or changed: every folder that a program keeps something in is the
 * work folder. The programs at work at a time share the cores.
 */
function guestEnvironment(folder: string, programs: number): NodeJS.ProcessEnv {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, NODE_OPTIONS: ___, ...rest } = process.env;
  return {
    ...rest,
    HOME: folder,
    USERPROFILE: folder,
    APPDATA: folder,
    LOCALAPPDATA: folder,
    TMPDIR: folder,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_STATE_HOME: folder,
    RT_SETTINGS: folder,
    RT_CACHE: folder,
    LC_ALL: 'C.UTF-8',
    OMP_NUM_THREADS: String(Math.max(1, Math.floor(availableParallelism() / programs))),
  };
}
