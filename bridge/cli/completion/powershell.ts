/** The table of PowerShell: one hashtable. Pure. */
import type { OutlineCommand } from './outline.ts';
import { toValueWords } from './value-kind.ts';

export function toPowerShellTable(outline: readonly OutlineCommand[]): string {
  return [
    '# Upper and lower case are different options: -o is not -O.',
    '$global:__photoBridgeOutline = [hashtable]::new([System.StringComparer]::Ordinal)',
    ...outline.map(toEntry),
    '',
  ].join('\n');
}

function toEntry({ path, commands, options, arguments: all }: OutlineCommand): string {
  const abouts = options.flatMap(({ names, about }) => names.map((name) => [name, about] as const));
  const values = options.flatMap(({ names, value }) =>
    value === null ? [] : names.map((name) => [name, toValueWords(value)] as const),
  );
  const places = all.map(
    ({ value, isVariadic }, at) =>
      `@{ place = ${at}; variadic = $${isVariadic}; kind = ${toQuoted(toValueWords(value))} }`,
  );
  return [
    `$global:__photoBridgeOutline[${toQuoted(path)}] = @{`,
    `    commands = ${toHashtable(commands.map(({ name, about }) => [name, about] as const))}`,
    `    options = ${toHashtable(abouts)}`,
    `    values = ${toHashtable(values)}`,
    `    arguments = @(${places.join(', ')})`,
    '}',
  ].join('\n');
}

function toHashtable(entries: readonly (readonly [string, string])[]): string {
  return `[ordered]@{ ${entries.map(([key, value]) => `${toQuoted(key)} = ${toQuoted(value)}`).join('; ')} }`;
}

function toQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
