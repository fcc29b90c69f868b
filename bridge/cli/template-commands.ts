/** The command tree of templates: names, arguments, options and help. */
import type { Command } from 'commander';
import { templatesList, templatesRemove, templatesSave, templatesShow } from './commands/templates.ts';
import { toExamples } from './options.ts';
import type { Bind } from './program.ts';
import { addLookOptions } from './start-commands.ts';

export function addTemplateCommands(program: Command, bind: Bind): void {
  const templates = program.command('templates').description('starts that are used again');
  templates.command('list').description('all templates').action(bind(templatesList));
  templates
    .command('show')
    .description('one template with what it says')
    .argument('<name>', 'name of the template')
    .action(bind(templatesShow));
  addLookOptions(
    templates
      .command('save')
      .description('save these options, or a file of them, under a name')
      .argument('<name>', 'name of the template'),
  )
    .option('--description <text>', 'shown in the list')
    .option('--file <json>', 'part of a start body; options go before what it says')
    .option('--new', 'refuse when there is one of that name')
    .addHelpText(
      'after',
      toExamples([
        'photo-bridge templates save web --preset WhiteLayer_v4 --long-edge 2048',
        'photo-bridge start FOLDER --template web',
      ]),
    )
    .action(bind(templatesSave));
  templates
    .command('remove')
    .description('remove templates; batches started with them stay')
    .argument('<names...>', 'names of templates')
    .action(bind(templatesRemove));
}
