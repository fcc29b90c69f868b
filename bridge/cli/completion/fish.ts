/** The tables of fish: functions of `switch` that print. Pure. */
import type { OutlineCommand } from './outline.ts';
import { toValueWords } from './value-kind.ts';

type Row = { patterns: readonly string[]; lines: readonly string[] };

/** Lists are lines of `word TAB explanation`. */
export function toFishTables(outline: readonly OutlineCommand[]): string {
  const groups = outline.filter(({ commands }) => commands.length > 0);
  return [
    toSwitch('__photo_bridge_commands', '$argv[1]', groups.map(toCommandsRow)),
    toSwitch('__photo_bridge_options', '$argv[1]', outline.map(toOptionsRow)),
    '# What stands after an option; nothing: no value does.',
    toSwitch('__photo_bridge_value', '$argv[1]|$argv[2]', outline.flatMap(toValueRows)),
    '# What stands at a place, counted from 0.',
    toSwitch('__photo_bridge_argument', '$argv[1]|$argv[2]', outline.flatMap(toArgumentRows)),
  ].join('\n');
}

function toSwitch(name: string, subject: string, rows: readonly Row[]): string {
  const arms = rows.flatMap(({ patterns, lines }) => [
    `        case ${patterns.map(toQuoted).join(' ')}`,
    `            printf '%s\\n' ${lines.map(toQuoted).join(' ')}`,
  ]);
  return [`function ${name}`, `    switch "${subject}"`, ...arms, '    end', 'end', ''].join('\n');
}

function toCommandsRow({ path, commands }: OutlineCommand): Row {
  return { patterns: [path], lines: commands.map(({ name, about }) => `${name}\t${about}`) };
}

function toOptionsRow({ path, options }: OutlineCommand): Row {
  return {
    patterns: [path],
    lines: options.flatMap(({ names, about }) => names.map((name) => `${name}\t${about}`)),
  };
}

function toValueRows({ path, options }: OutlineCommand): Row[] {
  return options.flatMap(({ names, value }) => {
    if (value === null) return [];
    return [{ patterns: names.map((name) => `${path}|${name}`), lines: [toValueWords(value)] }];
  });
}

/** A `*` in quotes is one for `switch`, too. */
function toArgumentRows({ path, arguments: all }: OutlineCommand): Row[] {
  return all.map(({ value, isVariadic }, at) => ({
    patterns: [`${path}|${isVariadic ? '*' : at}`],
    lines: [toValueWords(value)],
  }));
}

function toQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
