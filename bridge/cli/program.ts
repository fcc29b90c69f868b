/** The command tree: names, arguments, options and help. What a command does is in `commands/`. */
import { Command, Option } from 'commander';
import { addCaptionCommands } from './caption-commands.ts';
import { compare } from './commands/compare.ts';
import { cancel, pause, priority, resume, retry } from './commands/control.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { photosAdd, photosList } from './commands/library.ts';
import { logs } from './commands/logs.ts';
import { list, show, status, watch } from './commands/look.ts';
import { mirrorRetry } from './commands/mirror.ts';
import { presetsCheck, presetsList, presetsShow } from './commands/presets.ts';
import { serve } from './commands/serve.ts';
import { serviceInstall, servicePrint, serviceStatus, serviceUninstall } from './commands/service.ts';
import { plan, start } from './commands/start.ts';
import { templatesList, templatesRemove, templatesSave, templatesShow } from './commands/templates.ts';
import { cleanup, recover } from './commands/upkeep.ts';
import { version } from './commands/version.ts';
import { type Action, createContext, type GlobalFlags } from './context.ts';
import type { CliHost } from './host.ts';
import { addListingCommands } from './listing-commands.ts';
import { parseNumber, parseWhole } from './parse-values.ts';
import { addSettingsCommands } from './settings-program.ts';

export type Finish = (exitCode: number) => void;
export type Bind = <F>(action: Action<F>) => (this: Command, ...rest: readonly unknown[]) => Promise<void>;

export function createProgram(host: CliHost, finish: Finish): Command {
  const program = new Command('photo-bridge')
    .description('Runs large photo batches: pause, resume, cancel, watch live, survive any crash.')
    .version(host.version, '-V, --version', 'print the version')
    .option('--json', 'answer in JSON, one document a line')
    .option('--url <url>', 'address of the daemon (default: the one that runs here)')
    .option('--data-dir <dir>', 'data folder of the daemon')
    .option('--config <file>', 'settings file, bridge.config.json')
    .option('--no-color', 'no colours')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    })
    .showHelpAfterError('(--help tells more)')
    .exitOverride();

  const bind: Bind = (action) =>
    async function run(this: Command) {
      const flags = this.optsWithGlobals<GlobalFlags>();
      finish(await action(createContext(host, flags), this.args, flags as Parameters<typeof action>[2]));
    };
  addDaemonCommands(program, bind);
  addServiceCommands(program, bind);
  addStartCommands(program, bind);
  addBatchCommands(program, bind);
  addLibraryCommands(program, bind);
  addCaptionCommands(program, bind);
  addListingCommands(program, bind);
  addTemplateCommands(program, bind);
  addSettingsCommands(program, bind);
  return program;
}

function addDaemonCommands(program: Command, bind: Bind): void {
  program
    .command('serve')
    .description('run the daemon until it is stopped')
    .option('--port <n>', 'port to listen on; 0 picks a free one', parseWhole('--port', 0, 65_535))
    .option('--host <host>', 'address to listen on (default: 127.0.0.1 and ::1)')
    .addOption(
      new Option('--log-level <level>').choices(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    )
    .action(bind(serve));
  program
    .command('demo')
    .description('show a batch with pause, crash and recovery, on pictures made for it or your own')
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
    .action(bind(logs));
  program
    .command('doctor')
    .description('check this machine, the settings and the data folder; says what to do')
    .action(bind(doctor));
  program.command('version').description('version of this program and of the daemon').action(bind(version));
}

function addServiceCommands(program: Command, bind: Bind): void {
  const service = program
    .command('service')
    .description('have the system start the daemon when you log in (systemd, launchd, Task Scheduler)');
  const addPort = (command: Command) =>
    command.option('--port <n>', 'port of the service; 0 picks a free one', parseWhole('--port', 0, 65_535));
  addPort(service.command('install'))
    .description('install and start it; a second time it brings it up to date')
    .option('--dry-run', 'print the definition instead, writing nothing')
    .option('--force', 'also for the root user')
    .action(bind(serviceInstall));
  service.command('uninstall').description('stop and remove it; batches stay').action(bind(serviceUninstall));
  service.command('status').description('installed, started, running').action(bind(serviceStatus));
  addPort(service.command('print')).description('print its definition').action(bind(servicePrint));
}

function addStartCommands(program: Command, bind: Bind): void {
  const begin = addStartOptions(
    program.command('start').description('start a batch of photo ids, files, folders or globs'),
  );
  begin
    .option('--watch', 'follow it to its end; the exit code tells how it ended')
    .option('--idempotency-key <key>', 'the same key starts the batch once')
    .action(bind(start));
  addStartOptions(
    program.command('plan').description('say what `start` would do with each photo, writing nothing'),
  ).action(bind(plan));
}

const collect = (value: string, all: string[] = []) => [...all, value];
const parseBlends = (text: string) => text.split(',').map(parseNumber('--blends', 0, 100));
const separate = (text: string) => text.split(',').map((part) => part.trim());

function addStartOptions(command: Command): Command {
  return addLookOptions(command)
    .argument('<photos...>', 'photo ids, files, folders (with all below them) or globs')
    .option('--template <name>', 'start from a saved template; other options go before what it says')
    .option('--glob <pattern>', 'which photos of the folders, e.g. "**/*.jpg"')
    .option('--start-at <when>', 'not before this time, or after this span (30m)')
    .option('--after <batch>', 'not before this batch has ended; may be repeated', collect);
}

/** What a template can keep, too. */
function addLookOptions(command: Command): Command {
  return command
    .option('--preset <name>', 'look to apply: a name, or a preset file (.json, .xmp, .lrtemplate)')
    .option('--blend <percent>', 'how much of the look, 0 to 100', parseNumber('--blend', 0, 100))
    .option('-o, --output <dir>', 'folder for the results')
    .option('--name <template>', 'name template, e.g. {name}_{preset}')
    .option('--suffix <text>', 'added to each name')
    .addOption(
      new Option('--format <format>', 'file format').choices(['jpeg', 'png', 'webp', 'tiff', 'avif']),
    )
    .option('--quality <n>', 'encoder quality, 1 to 100', parseWhole('--quality', 1, 100))
    .option('--long-edge <px>', 'longest edge in pixels', parseWhole('--long-edge', 1, 65_500))
    .addOption(new Option('--sharpen <for>', 'output sharpening').choices(['screen', 'print', 'none']))
    .addOption(
      new Option('--colour <space>', 'colour space').choices(['srgb', 'keep', 'display-p3', 'adobe-rgb']),
    )
    .addOption(new Option('--metadata <policy>').choices(['keep', 'strip', 'copyright']))
    .addOption(
      new Option('--on-conflict <policy>', 'when a result exists already').choices([
        'unique',
        'fail',
        'skip',
        'overwrite',
        'if-changed',
      ]),
    )
    .option('--priority <n>', '1 lowest to 10 highest', parseWhole('--priority', 1, 10))
    .option(
      '--session <n>',
      'session id to keep with it',
      parseWhole('--session', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--skip-unknown', 'unknown photos fail alone instead of refusing the batch');
}

function addBatchCommands(program: Command, bind: Bind): void {
  const id = 'batch id, or `last`';
  const count = parseWhole('--limit', 1, 1000);
  program
    .command('status')
    .description('how the daemon does, or one batch')
    .argument('[batch]', id)
    .action(bind(status));
  program
    .command('list')
    .description('batches, newest first')
    .option('--status <status>', 'only those pending, running, paused, completed, failed or cancelled')
    .option('--limit <n>', 'at most so many', count)
    .action(bind(list));
  program
    .command('show')
    .description('one batch with its photos')
    .argument('[batch]', id)
    .option('--failed', 'only photos that failed')
    .option('--limit <n>', 'at most so many photos', count)
    .action(bind(show));
  program
    .command('watch')
    .description('follow a batch to its end; the exit code tells how it ended')
    .argument('[batch]', id)
    .action(bind(watch));
  addControlCommands(program, bind, id);
  program
    .command('recover')
    .description('what the last stop interrupted')
    .option('--resume', 'and go on with all of it')
    .action(bind(recover));
  program
    .command('cleanup')
    .description('forget batches that ended long ago; photos and results stay')
    .option(
      '--days-old <n>',
      'ended longer ago than so many days (7)',
      parseNumber('--days-old', 0, 1_000_000),
    )
    .option('--dry-run', 'only say how many')
    .action(bind(cleanup));
  program
    .command('mirror')
    .description('the mirror of content changes')
    .command('retry')
    .description('send the changes that the mirror has not got yet')
    .action(bind(mirrorRetry));
}

function addControlCommands(program: Command, bind: Bind, id: string): void {
  program
    .command('pause')
    .description('pause batches; photos in flight finish')
    .argument('<batch...>', id)
    .option('--hard', 'stop photos in flight now; they start anew later')
    .option('--for <span>', 'go on by itself after this span, e.g. 30m or 1h30m')
    .option('--until <time>', 'go on by itself at this time, e.g. 14:30 or 2026-01-31T22:00')
    .option('--reason <text>', 'shown with the batch')
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
    .action(bind(retry));
  program
    .command('priority')
    .description('change the priority of a batch from its next photo on')
    .argument('<batch>', id)
    .argument('<level>', '1 lowest to 10 highest')
    .action(bind(priority));
}

function addLibraryCommands(program: Command, bind: Bind): void {
  const photos = program.command('photos').description('photos the daemon knows');
  photos
    .command('add')
    .description('register files, folders or globs')
    .argument('<paths...>')
    .option('--glob <pattern>', 'which photos of a folder')
    .option('--skip-invalid', 'leave out what is no photo')
    .action(bind(photosAdd));
  photos
    .command('list')
    .description('registered photos')
    .option('--limit <n>', 'at most so many', parseWhole('--limit', 1, 1000))
    .action(bind(photosList));
  program
    .command('compare')
    .description('one photo at several blends of a look, side by side in one picture')
    .argument('<photo>', 'photo id or file')
    .option('--preset <name>', 'look to apply: a name, or a preset file')
    .option('--blends <list>', 'blends from 0 to 100, with commas (0,25,50,75,100)', parseBlends)
    .option('--width <px>', 'width of each picture (400)', parseWhole('--width', 16, 4096))
    .option('-o, --output <file>', 'picture to write (compare.jpg)')
    .action(bind(compare));
  const presets = program.command('presets').description('looks the daemon knows');
  presets.command('list').description('all presets').action(bind(presetsList));
  presets
    .command('show')
    .description('one preset with its settings')
    .argument('<name>')
    .action(bind(presetsShow));
  presets
    .command('check')
    .description('what preset files ask for and what of it is honoured; needs no daemon')
    .argument('<paths...>', 'files or folders')
    .action(bind(presetsCheck));
}

function addTemplateCommands(program: Command, bind: Bind): void {
  const templates = program.command('templates').description('starts that are used again');
  templates.command('list').description('all templates').action(bind(templatesList));
  templates
    .command('show')
    .description('one template with what it says')
    .argument('<name>')
    .action(bind(templatesShow));
  addLookOptions(
    templates
      .command('save')
      .description('save these options, or a file of them, under a name')
      .argument('<name>'),
  )
    .option('--description <text>', 'shown in the list')
    .option('--file <json>', 'part of a start body; options go before what it says')
    .option('--new', 'refuse when there is one of that name')
    .action(bind(templatesSave));
  templates
    .command('remove')
    .description('remove templates; batches started with them stay')
    .argument('<names...>')
    .action(bind(templatesRemove));
}
