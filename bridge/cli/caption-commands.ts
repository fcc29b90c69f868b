/** The command tree of captions: names, arguments, options and help. */
import type { Command } from 'commander';
import { captionsPublish } from './commands/captions.ts';
import { parseNumber, parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

const MAX_LIMIT = 1_000_000;

export function addCaptionCommands(program: Command, bind: Bind): void {
  const captions = program
    .command('captions')
    .description('captions of pictures in posts (Mastodon and others)')
    .summary('captions of pictures in posts');
  captions
    .command('publish')
    .description('publish approved captions, each post edited once, verified and put back on failure')
    .argument('[file]', 'JSON or CSV; `-` or none: standard input')
    .option(
      '--limit <n>',
      'at most so many captions, newest posts first',
      parseWhole('--limit', 1, MAX_LIMIT),
    )
    .option('--batch-size <n>', 'posts in a batch (5)', parseWhole('--batch-size', 1, 1000))
    .option('--concurrent <n>', 'batches at once (2)', parseWhole('--concurrent', 1, 32))
    .option('--verify-delay <s>', 'seconds before verification (2)', parseNumber('--verify-delay', 0, 3600))
    .option('--no-rollback', 'leave what landed when a post cannot be verified')
    .option('--dry-run', 'only look and say what would be done; nothing is written')
    .option('--verbose', 'a line for each caption, and a detailed log')
    .addHelpText(
      'after',
      [
        '',
        'The server and its token: ACTIVITYPUB_INSTANCE_URL and',
        'ACTIVITYPUB_ACCESS_TOKEN, or the settings captions.server_url and',
        'captions.token.',
        'Defaults: BATCH_UPDATE_SIZE, BATCH_UPDATE_MAX_CONCURRENT,',
        'BATCH_UPDATE_VERIFICATION_DELAY (seconds), BATCH_UPDATE_ROLLBACK_ON_FAILURE,',
        'DRY_RUN; BATCH_UPDATE_ENABLED=false turns it off.',
        'Ends with 0 only if nothing failed.',
      ].join('\n'),
    )
    .action(bind(captionsPublish));
}
