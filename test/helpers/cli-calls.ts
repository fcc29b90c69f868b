/** Every command of the tree with a call that could be right, for tests that hold all of them to one promise. */
import type { Command } from 'commander';
import type { CliHost } from '../../bridge/cli/host.ts';
import { createProgram } from '../../bridge/cli/program.ts';

export const BATCH = 'batch_0123456789ab';

/** By path; what stands after it. `needsDaemon`: there is nothing it could do without one. */
export const calls: Readonly<Record<string, { args: readonly string[]; needsDaemon: boolean }>> = {
  start: { args: ['1'], needsDaemon: true },
  plan: { args: ['1'], needsDaemon: true },
  watch: { args: [BATCH], needsDaemon: true },
  status: { args: [], needsDaemon: true },
  list: { args: [], needsDaemon: true },
  show: { args: [BATCH], needsDaemon: true },
  pause: { args: [BATCH], needsDaemon: true },
  resume: { args: [BATCH], needsDaemon: true },
  cancel: { args: [BATCH], needsDaemon: true },
  retry: { args: [BATCH], needsDaemon: true },
  priority: { args: [BATCH, '7'], needsDaemon: true },
  recover: { args: [], needsDaemon: true },
  cleanup: { args: [], needsDaemon: true },
  'photos add': { args: ['/'], needsDaemon: true },
  'photos list': { args: [], needsDaemon: true },
  compare: { args: ['1', '--preset', 'Clean'], needsDaemon: true },
  'presets list': { args: [], needsDaemon: true },
  'presets show': { args: ['Clean'], needsDaemon: true },
  'presets check': { args: ['.'], needsDaemon: false },
  'templates list': { args: [], needsDaemon: true },
  'templates show': { args: ['web'], needsDaemon: true },
  'templates save': { args: ['web', '--blend', '60'], needsDaemon: true },
  'templates remove': { args: ['web'], needsDaemon: true },
  'captions publish': { args: ['captions.json'], needsDaemon: false },
  'listings run': { args: ['rows.csv', '--poster', 'http://127.0.0.1:1/'], needsDaemon: false },
  'mirror retry': { args: [], needsDaemon: true },
  serve: { args: [], needsDaemon: false },
  open: { args: ['--print'], needsDaemon: true },
  demo: { args: [], needsDaemon: false },
  logs: { args: [], needsDaemon: false },
  doctor: { args: [], needsDaemon: false },
  version: { args: [], needsDaemon: false },
  completion: { args: ['bash'], needsDaemon: false },
  'service install': { args: ['--dry-run', '--force'], needsDaemon: false },
  'service uninstall': { args: [], needsDaemon: false },
  'service status': { args: [], needsDaemon: false },
  'service print': { args: [], needsDaemon: false },
  'settings get': { args: [], needsDaemon: true },
  'settings set': { args: ['log.level=debug'], needsDaemon: true },
  'settings validate': { args: [], needsDaemon: false },
};

export type Node = { path: string; command: Command };

/** The program itself first, then all commands below it. */
export function walkTree(): Node[] {
  const stream = { write: () => undefined };
  const host = { version: '9.9.9', stdout: stream, stderr: stream, env: {} } as unknown as CliHost;
  const silent = { out: () => undefined, error: () => undefined };
  const walk = (command: Command, path: string): Node[] => [
    { path, command },
    ...command.commands.flatMap((each) => walk(each, `${path} ${each.name()}`.trim())),
  ];
  return walk(
    createProgram(host, () => undefined, silent),
    '',
  );
}

/** Those that do something, not the groups. */
export function findLeaves(): Node[] {
  return walkTree().filter(({ command }) => command.commands.length === 0);
}
