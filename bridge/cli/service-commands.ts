/** The command tree of the service: names, arguments, options and help. */
import type { Command } from 'commander';
import { serviceInstall, servicePrint, serviceStatus, serviceUninstall } from './commands/service.ts';
import { parseWhole } from './parse-values.ts';
import type { Bind } from './program.ts';

export function addServiceCommands(program: Command, bind: Bind): void {
  const service = program
    .command('service')
    .description('have the system start the daemon when you log in')
    .summary('have the system start the daemon at login');
  service.addHelpText('after', '\nWith systemd, launchd or the Task Scheduler.');
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
