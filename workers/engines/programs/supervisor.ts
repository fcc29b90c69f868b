/**
 * A process of its own between a render thread and a developing program: arguments FOLDER MILLISECONDS PROGRAM ARGUMENTS….
 * Waits for a line on its standard input, runs the program without a shell in its own process group, and says on its
 * standard output how it ended. When its input closes, whoever wanted the picture is gone, however that came about: then
 * it kills the group and removes the folder.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { ProgramEnd } from './run-program.ts';

const [folder = '', milliseconds = '0', program = '', ...args] = process.argv.slice(2);
/** A version stands at the beginning of what a program says, a reason at its end. */
const KEPT_FIRST = 1000;
const KEPT_LAST = 3000;
let isRunning = false;
let kill = () => {};

process.stdin.on('data', () => {
  if (isRunning) return;
  isRunning = true;
  run();
});
process.stdin.on('error', abandon);
process.stdin.on('close', abandon);
process.stdin.on('end', abandon);
// It is the render host's to end this process, by closing the input.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

function abandon(): void {
  kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.exit(0);
}

function run(): void {
  const child = spawn(program, args, {
    cwd: folder,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  keepNice(child.pid);
  let said = '';
  let isLate = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.length > KEPT_FIRST + KEPT_LAST) said = said.slice(0, KEPT_FIRST) + said.slice(-KEPT_LAST);
    });
  }
  kill = () => {
    try {
      if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It has ended.
    }
  };
  setTimeout(() => {
    isLate = true;
    kill();
  }, Number(milliseconds));
  child.once('error', (error) => tell({ kind: 'not-started', said: error.message }));
  child.once('close', (code, signal) => {
    // What it has started must not outlive it.
    kill();
    tell(isLate ? { kind: 'timeout', said } : { kind: 'ended', code, signal, said });
  });
}

/** On Linux a session of its own starts with a priority of its own, whatever that of its parent's is (sched(7), autogroup). */
function keepNice(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(getPriority()));
  } catch {
    // A system without it.
  }
}

/** The folder stays: whoever wanted the picture reads it there. */
function tell(end: ProgramEnd): void {
  kill = () => {};
  process.stdin.removeAllListeners();
  process.stdout.write(`${JSON.stringify(end)}\n`, () => process.exit(0));
}
