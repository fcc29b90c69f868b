/** What can stand in the place of an argument or an option's value, told from how the command tree names it. Pure. */
import type { Argument, Command, Option } from 'commander';

/** Names that only the running daemon knows. */
export const liveKinds = [
  'batches',
  'unended-batches',
  'running-batches',
  'paused-batches',
  'ended-batches',
  'presets',
  'templates',
  'settings',
  'setting-assignments',
] as const;
export type LiveKind = (typeof liveKinds)[number];
export type ValueKind =
  | { kind: 'choice'; choices: readonly string[] }
  | { kind: 'live'; of: LiveKind }
  | { kind: 'files' | 'folders' }
  /** Anything: a number, a time, a name that is new. */
  | { kind: 'free' };

const live = (of: LiveKind): ValueKind => ({ kind: 'live', of });

const ofOptions: Readonly<Record<string, ValueKind>> = {
  '--preset': live('presets'),
  '--template': live('templates'),
  '--after': live('unended-batches'),
  '--poster': { kind: 'files' },
};
const ofArguments: Readonly<Record<string, ValueKind>> = {
  'pause batch': live('running-batches'),
  'resume batch': live('paused-batches'),
  'cancel batch': live('unended-batches'),
  'priority batch': live('unended-batches'),
  'retry batch': live('ended-batches'),
  'presets show name': live('presets'),
  'templates show name': live('templates'),
  'templates save name': live('templates'),
  'templates remove names': live('templates'),
  'settings get key': live('settings'),
  'settings set assignments': live('setting-assignments'),
};
const ofWords: Readonly<Record<string, ValueKind>> = {
  batch: live('batches'),
  dir: { kind: 'folders' },
  folder: { kind: 'folders' },
  file: { kind: 'files' },
  json: { kind: 'files' },
  paths: { kind: 'files' },
  photo: { kind: 'files' },
  photos: { kind: 'files' },
};

/** Null: a flag, which takes none. */
export function toOptionKind(option: Option): ValueKind | null {
  if (!option.required && !option.optional) return null;
  if (option.argChoices !== undefined) return { kind: 'choice', choices: option.argChoices };
  const word = /[<[]([^>\].]+)/.exec(option.flags)?.[1] ?? '';
  return ofOptions[option.long ?? ''] ?? ofWords[word] ?? { kind: 'free' };
}

/** `path`: words of the command, such as `presets show`. */
export function toArgumentKind(path: string, argument: Argument): ValueKind {
  if (argument.argChoices !== undefined) return { kind: 'choice', choices: argument.argChoices };
  return ofArguments[`${path} ${argument.name()}`] ?? ofWords[argument.name()] ?? { kind: 'free' };
}

/** As the scripts have it: `live presets`, `choice a b`, `files`. */
export function toValueWords(value: ValueKind): string {
  if (value.kind === 'live') return `live ${value.of}`;
  return value.kind === 'choice' ? ['choice', ...value.choices].join(' ') : value.kind;
}

/** The commands below that a person may know of. */
export function visibleCommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}
