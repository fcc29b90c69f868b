/** The command tree of photos and presets: names, arguments, options and help. */
import type { Command } from 'commander';
import { compare } from './commands/compare.ts';
import { photosAdd, photosList } from './commands/library.ts';
import { presetsCheck, presetsList, presetsShow } from './commands/presets.ts';
import { toExamples } from './options.ts';
import { parseNumber, parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

const parseBlends = (text: string) => text.split(',').map(parseNumber('--blends', 0, 100));

export function addLibraryCommands(program: Command, bind: Bind): void {
  const photos = program.command('photos').description('photos the daemon knows');
  photos
    .command('add')
    .description('register files, folders or globs')
    .argument('<paths...>', 'files, folders (with all below them) or globs')
    .option('--glob <pattern>', 'which photos of a folder')
    .option('--skip-invalid', 'leave out what is no photo')
    .action(bind(photosAdd));
  photos
    .command('list')
    .description('registered photos')
    .option('--limit <n>', 'at most so many (100)', parseWhole('--limit', 1, 1000))
    .action(bind(photosList));
  program
    .command('compare')
    .description('one photo at several blends of a look, side by side in one picture')
    .summary('one photo at several blends, side by side')
    .argument('<photo>', 'photo id or file')
    .option('--preset <name>', 'look to apply: a name, or a preset file')
    .option('--blends <list>', 'blends from 0 to 100, with commas (0,25,50,75,100)', parseBlends)
    .option('--width <px>', 'width of each picture (400)', parseWhole('--width', 16, 4096))
    .option('-o, --output <file>', 'picture to write (compare.jpg)')
    .addHelpText(
      'after',
      toExamples(['photo-bridge compare sea.jpg --preset WhiteLayer_v4 -o sea-looks.jpg']),
    )
    .action(bind(compare));
  const presets = program.command('presets').description('looks the daemon knows');
  presets.command('list').description('all presets').action(bind(presetsList));
  presets
    .command('show')
    .description('one preset with its settings')
    .argument('<name>', 'name of the preset')
    .action(bind(presetsShow));
  presets
    .command('check')
    .description('what preset files ask for and what of it is honoured; needs no daemon')
    .argument('<paths...>', 'files or folders')
    .action(bind(presetsCheck));
}
