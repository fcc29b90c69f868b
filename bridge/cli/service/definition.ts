/** What a service definition is made from, for all platforms. Reads nothing and knows no format. */
import { join } from 'node:path';
import type { CliHost, SettingsReport, User } from '../host.ts';

export type ServiceFacts = {
  /** Node, its script and the arguments; paths are absolute. */
  command: readonly [node: string, ...rest: string[]];
  user: User;
  logsFolder: string;
};

/** In every definition of ours: tells it from one that somebody else wrote. */
export const MARK = 'Written by: photo-bridge service install';

/** A path or an argument that a definition cannot hold. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

/** Control characters and what is no Unicode have no safe form in any of the formats. */
export function requirePlainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const found = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/.exec(text);
  if (found === null && text.isWellFormed()) return text;
  throw new DefinitionError(
    `${JSON.stringify(text)} holds a line end or another character that a service definition cannot hold; rename that folder or file`,
  );
}

type Usable = SettingsReport & { ok: true };
/** Settings that `serve` takes as flags; the others only a settings file brings to a service. */
const flagKeys = new Set(['server.port', 'server.host', 'data_dir', 'log.level']);

/**
 * The daemon as it would start here and now: a service sees neither this folder nor this environment, so both are
 * written down. `notCarried`: settings of the environment that it will not have.
 */
export function toServiceFacts(host: CliHost, report: Usable): { facts: ServiceFacts; notCarried: string[] } {
  const { settings, folders, file } = report;
  const isSetHere = (key: string) => report.notFromFile.includes(key);
  // The folder of last resort follows XDG_DATA_HOME, which a service manager may not have.
  const needsFolder = isSetHere('data_dir') || (file === null && Boolean(host.env.XDG_DATA_HOME));
  const command: ServiceFacts['command'] = [
    host.self.node,
    join(host.root, 'bin', 'photo-bridge.js'),
    'serve',
    ...(file === null ? [] : ['--config', file]),
    ...(isSetHere('server.port') ? ['--port', String(settings.server.port)] : []),
    ...(isSetHere('server.host') && settings.server.host !== undefined
      ? ['--host', settings.server.host]
      : []),
    ...(needsFolder ? ['--data-dir', folders.data] : []),
    ...(isSetHere('log.level') ? ['--log-level', settings.log.level] : []),
  ];
  for (const part of command) requirePlainText(part);
  return {
    facts: { command, user: host.user, logsFolder: requirePlainText(folders.logs) },
    notCarried: report.notFromFile.filter((key) => !flagKeys.has(key)),
  };
}
