/** Options and values that several commands share. Pure. */
import { Option } from 'commander';
import { toHint, toSuggestions } from '../contract/index.ts';
import { UsageError } from './exit-codes.ts';

/** One of a list of words; another is refused with the nearest and all. */
export function choice(flags: string, about: string, choices: readonly string[]): Option {
  const option = new Option(flags, about).choices(choices);
  return option.argParser((text) => {
    if (choices.includes(text)) return text;
    const hint = toHint(toSuggestions(text, choices)) || '.';
    throw new UsageError(`${option.long} must be one of ${choices.join(', ')}, not "${text}"${hint}`);
  });
}

export const separate = (text: string) => text.split(',').map((part) => part.trim());
export const collect = (value: string, all: string[] = []) => [...all, value];

/** `Examples:` as they stand at the end of a help page. */
export function toExamples(lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}
