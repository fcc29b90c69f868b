/** `doctor`: what is wrong here and what to do about it, one line a check. Changes nothing. */
import type { Action, Context } from '../context.ts';
import type { Check, CheckStatus } from '../doctor/check.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Colour } from '../terminal.ts';
import { toCount } from '../wording.ts';
import { toServeFlags } from './serve.ts';

type Flags = { dataDir?: string; config?: string };

const colours: Record<CheckStatus, Colour> = { ok: 'green', warning: 'yellow', problem: 'red' };

export const doctor: Action<Flags> = async (context, _args, flags) => {
  const checks = await runChecks(context.host, toServeFlags(flags));
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (context.json) context.terminal.json({ checks, ok: problems === 0 });
  else show(context, checks, problems);
  return problems === 0 ? exitCodes.ok : exitCodes.error;
};

function show({ terminal }: Context, checks: readonly Check[], problems: number): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, status, detail, remedy } of checks) {
    terminal.line(`${terminal.paint(colours[status], status.padEnd(7))}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) terminal.line(`${' '.repeat(width + 11)}-> ${remedy}`);
  }
  const warnings = checks.filter(({ status }) => status === 'warning').length;
  terminal.line();
  terminal.line(
    problems + warnings === 0
      ? 'All is well.'
      : `${toCount(problems, 'problem')}, ${toCount(warnings, 'warning')}.`,
  );
}
