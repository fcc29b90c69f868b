/** The `settings` commands in the command tree. What they do is in `commands/settings.ts`. */
import type { Command } from 'commander';
import { settingsGet, settingsSet, settingsValidate } from './commands/settings.ts';
import type { Bind } from './program.ts';

export function addSettingsCommands(program: Command, bind: Bind): void {
  const settings = program
    .command('settings')
    .description('settings of the daemon that runs, or of the file when none does')
    .summary('settings of the daemon or its file');
  settings
    .command('get')
    .description('all settings, a section or one value')
    .argument('[key]', 'such as log or log.level')
    .option('--origin', 'and where each comes from: flag, environment, file or default')
    .action(bind(settingsGet));
  settings
    .command('set')
    .description('change settings; all are checked first, then all are kept')
    .argument('<assignments...>', 'key=value, such as log.level=debug; null brings the default back')
    .action(bind(settingsSet));
  settings
    .command('validate')
    .description('every problem of the settings file at once; changes nothing')
    .argument('[file]', 'another file than the one in use')
    .action(bind(settingsValidate));
}
