/** The command tree of spreadsheet batches: names, arguments, options and help. */
import { type Command, Option } from 'commander';
import { listingsRun } from './commands/listings.ts';
import { parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

export function addListingCommands(program: Command, bind: Bind): void {
  const listings = program.command('listings').description('spreadsheet batches: each row goes to a poster');
  listings
    .command('run')
    .description('post the rows of an inventory; needs no daemon, and goes on where it was cut off')
    .argument('<file>', 'CSV or XLSX file with a posting_status column; only that column is changed')
    .addOption(
      new Option('--mode <mode>', 'new: blank, pending and Error rows; all: every row')
        .choices(['new', 'all'])
        .default('new'),
    )
    .requiredOption('--poster <poster>', 'http(s) address, or a .ts or .js file that exports postAd')
    .addOption(new Option('--poster-format <format>', 'for an address').choices(['json', 'multipart']))
    .option('--images-dir <dir>', 'folder of the images', 'assets/images')
    .option('--save-every <interval>', 'save each so many records, or percent of them (10%)')
    .option('--concurrent <n>', 'records at a time (1)', parseWhole('--concurrent', 1, 64))
    .option('--sheet <name>', 'tab of a workbook (default: the first that has the columns)')
    .option('--dry-run', 'check rows and images; nothing is posted or written')
    .action(bind(listingsRun));
}
