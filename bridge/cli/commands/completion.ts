/** `completion`: the script for a shell, made from the command tree that runs. */
import type { Command } from 'commander';
import { toHint, toSuggestions } from '../../contract/index.ts';
import { toOutline } from '../completion/outline.ts';
import { loadScript, type Shell, shells } from '../completion/script.ts';
import type { Action } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';

export function createCompletion(program: Command): Action {
  return async ({ terminal, json }, [name = '']) => {
    const shell = parseShell(name);
    const script = loadScript(shell, toOutline(program));
    if (json) terminal.json({ shell, script });
    else terminal.line(script.trimEnd());
    return exitCodes.ok;
  };
}

function parseShell(name: string): Shell {
  const found = shells.find((shell) => shell === name.toLowerCase());
  if (found !== undefined) return found;
  const hint = toHint(toSuggestions(name, shells)) || '.';
  throw new UsageError(`The shell must be one of ${shells.join(', ')}, not "${name}"${hint}`);
}
