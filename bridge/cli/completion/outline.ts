/** The command tree as plain data: what a shell needs to know to complete a line. Pure. */
import type { Command, Option } from 'commander';
import { toArgumentKind, toOptionKind, type ValueKind, visibleCommands } from './value-kind.ts';

export type OutlineOption = {
  /** Short and long, as typed. */
  names: readonly string[];
  about: string;
  /** Null: takes no value. */
  value: ValueKind | null;
};
export type OutlineCommand = {
  /** Words after the program's name, with spaces; empty: the program itself. */
  path: string;
  /** Commands right below. */
  commands: readonly { name: string; about: string }[];
  /** Its own and all that it has from above. */
  options: readonly OutlineOption[];
  arguments: readonly { value: ValueKind; isVariadic: boolean }[];
};

/** All commands that can be seen in the help, the program first. */
export function toOutline(program: Command): OutlineCommand[] {
  return walk(program, { path: '', above: [], beside: [] });
}

type Place = {
  path: string;
  /** Options of the commands above. */
  above: readonly Option[];
  /** Names of the commands that `help` here can be asked about. */
  beside: readonly string[];
};

function walk(command: Command, { path, above, beside }: Place): OutlineCommand[] {
  const help = command.createHelp();
  const own = help.visibleOptions(command);
  const options = [...own, ...above.filter((option) => !own.some(({ long }) => long === option.long))];
  const below = visibleCommands(command);
  const names = below.map((each) => each.name()).filter((name) => name !== 'help');
  const place = { above: [...above, ...command.options], beside: names };
  const isHelp = command.name() === 'help';
  return [
    {
      path,
      commands: below.map((each) => ({ name: each.name(), about: help.subcommandDescription(each) })),
      options: options.map(toOutlineOption),
      arguments: isHelp
        ? [{ value: { kind: 'choice', choices: beside }, isVariadic: false }]
        : toArguments(command, path),
    },
    ...below.flatMap((each) => walk(each, { ...place, path: `${path} ${each.name()}`.trim() })),
  ];
}

function toOutlineOption(option: Option): OutlineOption {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  return { names, about: option.description, value: toOptionKind(option) };
}

function toArguments(command: Command, path: string): OutlineCommand['arguments'] {
  return command.registeredArguments.map((argument) => ({
    value: toArgumentKind(path, argument),
    isVariadic: argument.variadic,
  }));
}
