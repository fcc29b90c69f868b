/** The tables of bash and zsh: functions of `case` that both shells read alike. Pure. */
import type { OutlineCommand } from './outline.ts';
import { toValueWords } from './value-kind.ts';

type Row = { patterns: readonly string[]; reply: string };

/** Each function answers in `REPLY`; lists are lines of `word TAB explanation`. */
export function toPosixTables(outline: readonly OutlineCommand[]): string {
  const groups = outline.filter(({ commands }) => commands.length > 0);
  return [
    toCase('_photo_bridge_commands', '$1', groups.map(toCommandsRow)),
    toCase('_photo_bridge_options', '$1', outline.map(toOptionsRow)),
    '# What stands after an option; none: nothing does.',
    toCase('_photo_bridge_value', '$1|$2', outline.flatMap(toValueRows)),
    '# What stands at a place, counted from 0.',
    toCase('_photo_bridge_argument', '$1|$2', outline.flatMap(toArgumentRows)),
  ].join('\n');
}

function toCase(name: string, subject: string, rows: readonly Row[]): string {
  const arms = rows.map(({ patterns, reply }) => `    ${patterns.join('|')}) REPLY=${toQuoted(reply)} ;;`);
  const lines = ['  REPLY=', `  case "${subject}" in`, ...arms, '    *) return 1 ;;', '  esac'];
  return [`${name}() {`, ...lines, '}', ''].join('\n');
}

function toCommandsRow({ path, commands }: OutlineCommand): Row {
  const lines = commands.map(({ name, about }) => `${name}\t${about}`);
  return { patterns: [toQuoted(path)], reply: lines.join('\n') };
}

function toOptionsRow({ path, options }: OutlineCommand): Row {
  const lines = options.flatMap(({ names, about }) => names.map((name) => `${name}\t${about}`));
  return { patterns: [toQuoted(path)], reply: lines.join('\n') };
}

function toValueRows({ path, options }: OutlineCommand): Row[] {
  return options.flatMap(({ names, value }) => {
    if (value === null) return [];
    return [{ patterns: names.map((name) => toQuoted(`${path}|${name}`)), reply: toValueWords(value) }];
  });
}

function toArgumentRows({ path, arguments: all }: OutlineCommand): Row[] {
  return all.map(({ value, isVariadic }, at) => ({
    patterns: [isVariadic ? `${toQuoted(`${path}|`)}*` : toQuoted(`${path}|${at}`)],
    reply: toValueWords(value),
  }));
}

/** `'it'\''s'`: nothing inside has a meaning to the shell. */
function toQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
