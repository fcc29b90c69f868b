/** Another program that burns the CPU, beside the daemons of a test and outside of their process tree. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const burner = fileURLToPath(new URL('../fixtures/burner.ts', import.meta.url));

export type ForeignLoad = {
  pid: number;
  /** Resolves when it has gone. */
  stop(): Promise<void>;
};

/** `threads` processes at full speed and ordinary priority, until `stop` or the end of the test. */
export async function burnCpu(threads: number): Promise<ForeignLoad> {
  const child = spawn(process.execPath, [burner, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  await once(child.stdout, 'data');
  child.stdout.resume();
  return { pid: child.pid ?? 0, stop };
}
