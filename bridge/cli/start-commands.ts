/** The command tree of beginning a batch: names, arguments, options and help. */
import type { Command } from 'commander';
import { plan, start } from './commands/start.ts';
import { choice, collect, toExamples } from './options.ts';
import { parseNumber, parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

export function addStartCommands(program: Command, bind: Bind): void {
  addStartOptions(program.command('start').description('start a batch of photo ids, files, folders or globs'))
    .option('--watch', 'follow it to its end; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'the same key starts the batch once')
    .addHelpText(
      'after',
      toExamples([
        'photo-bridge start ~/Pictures/trip --preset WhiteLayer_v4 --blend 60 --watch',
        'photo-bridge start 12 13 14 --template web --start-at 22:00',
        'photo-bridge start . --glob "**/*.dng" -o out --format jpeg --long-edge 2048',
      ]),
    )
    .action(bind(start));
  addStartOptions(
    program
      .command('plan')
      .description('say what `start` would do with each photo, writing nothing')
      .summary('say what `start` would do, writing nothing'),
  ).action(bind(plan));
}

function addStartOptions(command: Command): Command {
  return addLookOptions(command)
    .optionsGroup('When and which:')
    .argument('<photos...>', 'photo ids, files, folders (with all below them) or globs')
    .option('--template <name>', 'start from a saved template; other options go before what it says')
    .option('--glob <pattern>', 'which photos of the folders, e.g. "**/*.jpg"')
    .option('--start-at <when>', 'not before this time, or after this span (30m)')
    .option('--after <batch>', 'not before this batch has ended; may be repeated', collect);
}

/** What a template can keep, too. */
export function addLookOptions(command: Command): Command {
  return command
    .optionsGroup('Look:')
    .option('--preset <name>', 'look to apply: a name, or a preset file (.json, .xmp, .lrtemplate)')
    .option('--blend <percent>', 'how much of the look, 0 to 100', parseNumber('--blend', 0, 100))
    .optionsGroup('Results:')
    .option('-o, --output <dir>', 'folder for the results')
    .option('--name <template>', 'name template, e.g. {name}_{preset}')
    .option('--suffix <text>', 'added to each name')
    .addOption(choice('--format <format>', 'file format', ['jpeg', 'png', 'webp', 'tiff', 'avif']))
    .option('--quality <n>', 'encoder quality, 1 to 100', parseWhole('--quality', 1, 100))
    .option('--long-edge <px>', 'longest edge in pixels', parseWhole('--long-edge', 1, 65_500))
    .addOption(choice('--sharpen <for>', 'output sharpening', ['screen', 'print', 'none']))
    .addOption(choice('--colour <space>', 'colour space', ['srgb', 'keep', 'display-p3', 'adobe-rgb']))
    .addOption(choice('--metadata <policy>', 'what of it results keep', ['keep', 'strip', 'copyright']))
    .addOption(
      choice('--on-conflict <policy>', 'when a result exists already', [
        'unique',
        'fail',
        'skip',
        'overwrite',
        'if-changed',
      ]),
    )
    .optionsGroup('Options:')
    .option('--priority <n>', '1 lowest to 10 highest', parseWhole('--priority', 1, 10))
    .option(
      '--session <n>',
      'session id to keep with it',
      parseWhole('--session', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--skip-unknown', 'unknown photos fail alone instead of refusing the batch');
}
