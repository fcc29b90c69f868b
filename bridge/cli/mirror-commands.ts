/** The command tree of the mirror of content: names, arguments, options and help. */
import type { Command } from 'commander';
import { mirrorRetry } from './commands/mirror.ts';
import type { Bind } from './program.ts';

export function addMirrorCommands(program: Command, bind: Bind): void {
  program
    .command('mirror')
    .description('the mirror of content changes')
    .command('retry')
    .description('send the changes that the mirror has not got yet')
    .action(bind(mirrorRetry));
}
