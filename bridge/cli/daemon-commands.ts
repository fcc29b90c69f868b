/** The command tree of the daemon itself and of this program: names, arguments, options and help. */
import { Argument, type Command } from 'commander';
import { createCompletion } from './commands/completion.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { logs } from './commands/logs.ts';
import { openDashboard } from './commands/open.ts';
import { serve } from './commands/serve.ts';
import { version } from './commands/version.ts';
import { shells } from './completion/script.ts';
import { choice, toExamples } from './options.ts';
import { parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

export function addDaemonCommands(program: Command, bind: Bind): void {
  program
    .command('serve')
    .description('run the daemon until it is stopped')
    .option('--port <n>', 'port to listen on; 0 picks a free one', parseWhole('--port', 0, 65_535))
    .option('--host <host>', 'address to listen on (default: 127.0.0.1 and ::1)')
    .addOption(
      choice('--log-level <level>', 'how much the log tells', [
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .action(bind(serve));
  program
    .command('open')
    .description('open the dashboard of the running daemon in the browser')
    .summary('open the dashboard in the browser')
    .argument('[batch]', 'at this batch: its id, or `last`')
    .option('--print', 'only print the address')
    .action(bind(openDashboard));
  program
    .command('demo')
    .description('show a batch with pause, crash and recovery, on pictures made for it or your own')
    .summary('show a batch with pause, crash and recovery')
    .argument('[folder]', 'photos to use; they are only read')
    .option('--keep <dir>', 'where to leave pictures and results (default: a temporary folder)')
    .action(bind(demo));
  program
    .command('logs')
    .description("the daemon's log, or the log of one batch")
    .argument('[batch]', 'batch id, or `last`')
    .option('-f, --follow', 'go on until Ctrl-C or the end of the batch')
    .option('-n, --lines <n>', "so many of the daemon's lines (50)", parseWhole('--lines', 0, 1_000_000))
    .option('--events', 'live events instead, until Ctrl-C')
    .addHelpText('after', toExamples(['photo-bridge logs -f', 'photo-bridge logs last']))
    .action(bind(logs));
  program
    .command('doctor')
    .description('check this machine, the settings and the data folder; says what to do')
    .summary('check machine, settings and data folder')
    .action(bind(doctor));
  program.command('version').description('version of this program and of the daemon').action(bind(version));
  addCompletion(program, bind);
}

function addCompletion(program: Command, bind: Bind): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and names')
    .summary('print a script for completion in the shell')
    .addArgument(toShellArgument())
    .addHelpText(
      'after',
      toExamples([
        "bash        echo 'source <(photo-bridge completion bash)' >> ~/.bashrc",
        "zsh         echo 'source <(photo-bridge completion zsh)' >> ~/.zshrc",
        'fish        photo-bridge completion fish \\',
        '              > ~/.config/fish/completions/photo-bridge.fish',
        'PowerShell  photo-bridge completion powershell | Out-String | iex',
      ]),
    )
    .action(bind(createCompletion(program)));
}

/** Its list is for completion; a wrong word is answered with the nearest by the command. */
function toShellArgument(): Argument {
  return new Argument('<shell>', shells.join(', ')).choices(shells).argParser((text: string) => text);
}
