/** The command tree of batches that exist: names, arguments, options and help. */
import type { Command } from 'commander';
import { batchStatuses } from '../contract/index.ts';
import { cancel, pause, priority, resume, retry } from './commands/control.ts';
import { list, show, status, watch } from './commands/look.ts';
import { cleanup, recover } from './commands/upkeep.ts';
import { choice, separate, toExamples } from './options.ts';
import { parseNumber, parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

const id = 'batch id (its twelve digits do), or `last`';

export function addBatchCommands(program: Command, bind: Bind): void {
  addLookCommands(program, bind);
  addControlCommands(program, bind);
  program
    .command('recover')
    .description('what the last stop interrupted')
    .option('--resume', 'and go on with all of it')
    .action(bind(recover));
  program
    .command('cleanup')
    .description('forget batches that ended long ago; photos and results stay')
    .summary('forget batches that ended long ago')
    .option(
      '--days-old <n>',
      'ended longer ago than so many days (7)',
      parseNumber('--days-old', 0, 1_000_000),
    )
    .option('--dry-run', 'only say how many')
    .action(bind(cleanup));
}

function addLookCommands(program: Command, bind: Bind): void {
  const count = parseWhole('--limit', 1, 1000);
  program
    .command('watch')
    .description('follow a batch, or all that have not ended; the exit code tells how it ended')
    .summary('follow a batch, or all that have not ended')
    .argument('[batch]', `${id}; none: all that have not ended, and those started meanwhile`)
    .addHelpText(
      'after',
      '\nCtrl-C ends the watching only: batches go on.\nWithout a terminal each change is a line.',
    )
    .action(bind(watch));
  program
    .command('status')
    .description('how the daemon does, or one batch')
    .argument('[batch]', id)
    .action(bind(status));
  program
    .command('list')
    .description('batches, newest first')
    .addOption(choice('--status <status>', 'only those in this state', batchStatuses))
    .option('--limit <n>', 'at most so many (20)', count)
    .action(bind(list));
  program
    .command('show')
    .description('one batch with its photos')
    .argument('[batch]', id)
    .option('--failed', 'only photos that failed')
    .option('--limit <n>', 'at most so many photos (100)', count)
    .action(bind(show));
}

function addControlCommands(program: Command, bind: Bind): void {
  program
    .command('pause')
    .description('pause batches; photos in flight finish')
    .argument('<batch...>', id)
    .option('--hard', 'stop photos in flight now; they start anew later')
    .option('--for <span>', 'go on by itself after this span, e.g. 30m or 1h30m')
    .option('--until <time>', 'go on by itself at this time, e.g. 14:30 or 2026-01-31T22:00')
    .option('--reason <text>', 'shown with the batch')
    .addHelpText(
      'after',
      toExamples(['photo-bridge pause last', 'photo-bridge pause last --until 22:00 --reason "client call"']),
    )
    .action(bind(pause));
  program
    .command('resume')
    .description('go on with paused batches')
    .argument('<batch...>', id)
    .action(bind(resume));
  program
    .command('cancel')
    .description('end batches for good')
    .argument('<batch...>', id)
    .action(bind(cancel));
  program
    .command('retry')
    .description('try the failed photos of a batch again')
    .argument('<batch>', id)
    .option('--codes <list>', 'only these failure codes, with commas', separate)
    .option('--watch', 'follow it to its end')
    .addHelpText('after', toExamples(['photo-bridge retry last --codes timeout,out_of_memory --watch']))
    .action(bind(retry));
  program
    .command('priority')
    .description('change the priority of a batch from its next photo on')
    .summary('change the priority of a batch')
    .argument('<batch>', id)
    .argument('<level>', '1 lowest to 10 highest')
    .action(bind(priority));
}
