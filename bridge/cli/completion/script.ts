/** The completion scripts, each whole in itself: commands and options are in it, names of things are asked for as one types. */
import { readFileSync } from 'node:fs';
import { toFishTables } from './fish.ts';
import type { OutlineCommand } from './outline.ts';
import { toPosixTables } from './posix.ts';
import { toPowerShellTable } from './powershell.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

type Writer = { head: string; body: string; toTables(outline: readonly OutlineCommand[]): string };

const writers: Record<Shell, Writer> = {
  bash: {
    head: '# Completion of photo-bridge for bash: source <(photo-bridge completion bash)',
    body: 'body.bash',
    toTables: toPosixTables,
  },
  zsh: {
    head: '#compdef photo-bridge\n# Completion of photo-bridge for zsh: source <(photo-bridge completion zsh)',
    body: 'body.zsh',
    toTables: toPosixTables,
  },
  fish: {
    head: '# Completion of photo-bridge for fish: photo-bridge completion fish | source',
    body: 'body.fish',
    toTables: toFishTables,
  },
  powershell: {
    head: '# Completion of photo-bridge: photo-bridge completion powershell | Out-String | iex',
    body: 'body.ps1',
    toTables: toPowerShellTable,
  },
};

/** Reads the part of it that is the same for every tree from beside this file. */
export function loadScript(shell: Shell, outline: readonly OutlineCommand[]): string {
  const { head, body, toTables } = writers[shell];
  return [head, toTables(outline), readFileSync(new URL(body, import.meta.url), 'utf8')].join('\n');
}
