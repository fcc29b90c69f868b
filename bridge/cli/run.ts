/** `runCli`: arguments in, exit code out. The only place that turns errors into words on stderr. */
import { CommanderError } from 'commander';
import { exitCodes, toExitCode } from './exit-codes.ts';
import { toErrorJson, toExplanation } from './explain.ts';
import type { CliHost } from './host.ts';
import { createProgram } from './program.ts';

/** `args`: without Node and the script. Never throws. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = createProgram(host, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already said it: help and version were asked for, everything else is a wrong call.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const lines = args.includes('--json') ? [JSON.stringify(toErrorJson(error))] : toExplanation(error);
    host.stderr.write(`${lines.join('\n')}\n`);
    return toExitCode(error);
  }
}
