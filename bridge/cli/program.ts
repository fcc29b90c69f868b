/** The command tree: the root with what all commands share. The groups are in `*-commands.ts`, what they do in `commands/`. */
import { Command } from 'commander';
import { advise } from './advise.ts';
import { addBatchCommands } from './batch-commands.ts';
import { addCaptionCommands } from './caption-commands.ts';
import { type Action, createContext, type GlobalFlags } from './context.ts';
import { addDaemonCommands } from './daemon-commands.ts';
import type { CliHost } from './host.ts';
import { addLibraryCommands } from './library-commands.ts';
import { addListingCommands } from './listing-commands.ts';
import { addMirrorCommands } from './mirror-commands.ts';
import { toExamples } from './options.ts';
import { addServiceCommands } from './service-commands.ts';
import { addSettingsCommands } from './settings-program.ts';
import { addStartCommands } from './start-commands.ts';
import { addTemplateCommands } from './template-commands.ts';
import { createTerminal } from './terminal.ts';

export type Finish = (exitCode: number) => void;
export type Bind = <F>(action: Action<F>) => (this: Command, ...rest: readonly unknown[]) => Promise<void>;
/** Where the parser's own words go: help, version, what is wrong with a call. */
export type ParserOutput = { out(text: string): void; error(text: string): void };

const HELP_WIDTH = 80;

export function createProgram(host: CliHost, finish: Finish, output: ParserOutput): Command {
  const program = createRoot(host, output);
  const bind: Bind = (action) =>
    async function run(this: Command) {
      const flags = this.optsWithGlobals<GlobalFlags>();
      const context = createContext(host, flags);
      try {
        finish(await action(context, this.args, flags as Parameters<typeof action>[2]));
      } catch (error) {
        throw await advise(error, context, this.args);
      }
    };
  program.commandsGroup('Batches:');
  addStartCommands(program, bind);
  addBatchCommands(program, bind);
  program.commandsGroup('Photos, looks and templates:');
  addLibraryCommands(program, bind);
  addTemplateCommands(program, bind);
  program.commandsGroup('Captions, spreadsheets and content:');
  addCaptionCommands(program, bind);
  addListingCommands(program, bind);
  addMirrorCommands(program, bind);
  program.commandsGroup('Daemon:');
  addDaemonCommands(program, bind);
  addServiceCommands(program, bind);
  addSettingsCommands(program, bind);
  program.helpCommand('help [command]', 'the help of a command');
  return program;
}

function createRoot(host: CliHost, output: ParserOutput): Command {
  const terminal = createTerminal(host);
  return new Command('photo-bridge')
    .description('Runs large photo batches: pause, resume, cancel, watch live, survive any crash.')
    .version(host.version, '-V, --version', 'print the version')
    .option('--json', 'answer in JSON, one document a line (see below)')
    .option('--url <url>', 'address of the daemon (default: the one here)')
    .option('--data-dir <dir>', 'data folder of the daemon')
    .option('--config <file>', 'settings file, bridge.config.json')
    .option('--no-color', 'no colours; so does NO_COLOR')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: toTerm,
      styleTitle: (title) => terminal.paint('bold', title),
    })
    .configureOutput({
      writeOut: output.out,
      writeErr: output.error,
      getOutHelpWidth: () => terminal.width ?? HELP_WIDTH,
      getErrHelpWidth: () => terminal.width ?? HELP_WIDTH,
      // What may be coloured is known to the terminal.
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .addHelpText('after', toRules())
    .showHelpAfterError('(--help tells more)')
    .exitOverride();
}

/** Without `[options]`: nearly all have some. */
function toTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(' ');
}

function toRules(): string {
  const examples = toExamples([
    'photo-bridge start ~/Pictures/trip --preset WhiteLayer_v4 --blend 60 --watch',
    'photo-bridge watch                     all batches that have not ended, live',
    'photo-bridge pause last --for 30m',
    'photo-bridge list --json | jq -r .batches[0].batch_id',
  ]);
  return `${examples}

JSON: with --json every line is one JSON document. Answers go to stdout; what
went wrong goes to stderr as one problem with code, error, exit_code and advice,
notes go there as {"note": "..."}.
Exit codes: 0 ok, 1 error, 2 wrong call, 3 no daemon answers, 4 not found,
5 not possible in this state, 6 finished with some failed, 7 all failed,
130 interrupted with Ctrl-C.`;
}
