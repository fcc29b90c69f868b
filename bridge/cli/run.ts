/** `runCli`: arguments in, exit code out. */
import { printNames } from './completion/names.ts';
import type { CliHost } from './host.ts';

/** `args`: without Node and the script. Never throws. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  const [first, ...rest] = args;
  // A person waits for it with a half typed line: the rest of the program is not even loaded.
  if (first === 'complete') {
    await printNames(rest, host);
    return 0;
  }
  const { runProgram } = await import('./run-program.ts');
  return await runProgram(args, host);
}
