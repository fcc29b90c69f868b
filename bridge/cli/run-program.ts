/** A call of the command tree. The only place that turns errors into words on stderr. */
import { CommanderError } from 'commander';
import { exitCodes, toExitCode, UsageError } from './exit-codes.ts';
import { toErrorJson, toExplanation } from './explain.ts';
import type { CliHost } from './host.ts';
import { createProgram, type ParserOutput } from './program.ts';

/** `args`: without Node and the script. Never throws. */
export async function runProgram(args: readonly string[], host: CliHost): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const isJson = asksForJson(args);
  const program = createProgram(
    host,
    (code) => {
      exitCode = code;
    },
    createOutput(host, isJson),
  );
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, host, isJson);
    const lines = isJson ? [JSON.stringify(toErrorJson(error))] : toExplanation(error);
    host.stderr.write(`${lines.join('\n')}\n`);
    return toExitCode(error);
  }
}

/** Also in a call that cannot be parsed. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/** The parser's errors come as an exception, too: as a document they are told once, there. */
function createOutput({ stdout, stderr }: CliHost, isJson: boolean): ParserOutput {
  if (!isJson) return { out: (text) => void stdout.write(text), error: (text) => void stderr.write(text) };
  return {
    out: (text) => void stdout.write(`${JSON.stringify({ text: text.trimEnd() })}\n`),
    error: () => undefined,
  };
}

/** Help and version were asked for; everything else is a wrong call, which the parser has said already to people. */
function endOfParsing(error: CommanderError, { stderr }: CliHost, isJson: boolean): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (isJson) {
    const isBare = error.code === 'commander.help';
    const message = isBare
      ? 'A command is missing'
      : error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
    const advice = ['--help tells more'];
    stderr.write(`${JSON.stringify({ ...toErrorJson(new UsageError(message)), advice })}\n`);
  }
  return exitCodes.usage;
}
