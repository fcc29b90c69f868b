/** What went wrong and what to do about it: a few lines for people, one problem document for programs. Pure. */
import { BridgeProblem, type Problem } from '../client/index.ts';
import { BridgeError } from '../errors.ts';
import { AdvisedError, InterruptedError, NotFoundError, toExitCode, UsageError } from './exit-codes.ts';

export function toExplanation(error: unknown): string[] {
  const { cause, advice } = toParts(error);
  return [`error: ${toMessage(cause)}`, ...toAdvice(cause), ...advice];
}

function toParts(error: unknown): { cause: unknown; advice: readonly string[] } {
  return error instanceof AdvisedError
    ? { cause: error.cause, advice: error.advice }
    : { cause: error, advice: [] };
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toAdvice(error: unknown): string[] {
  if (!(error instanceof BridgeProblem)) return [];
  const { code, problem } = error;
  if (code === 'batch_not_found') return ['See all batches with: photo-bridge list'];
  if (code === 'unknown_preset' || code === 'preset_not_found') {
    return ['See all presets with: photo-bridge presets list'];
  }
  if (code === 'unknown_template' || code === 'template_not_found') {
    return ['See all templates with: photo-bridge templates list'];
  }
  if (code === 'illegal_transition') return toAllowed(problem.allowed_actions);
  return [];
}

function toAllowed(actions: unknown): string[] {
  if (!Array.isArray(actions)) return [];
  return actions.length === 0
    ? ['Nothing can be done with it any more.']
    : [`Possible now: ${actions.join(', ')}.`];
}

/** The daemon's own problem where there is one, and in every case `exit_code` and `advice`. */
export function toErrorJson(error: unknown): Problem & { exit_code: number; advice: string[] } {
  const { cause, advice } = toParts(error);
  const all = [...toAdvice(cause), ...advice];
  return { ...toProblem(cause), exit_code: toExitCode(error), advice: all };
}

/** `status` is 0 where no HTTP answer was. */
function toProblem(error: unknown): Problem {
  if (error instanceof BridgeProblem) return error.problem;
  const detail = toMessage(error);
  const [code, title, extensions] = toKind(error);
  return { type: 'about:blank', title, status: 0, detail, error: detail, code, ...extensions };
}

function toKind(error: unknown): [code: string, title: string, extensions?: Record<string, unknown>] {
  if (error instanceof UsageError) return ['usage', 'Wrong call'];
  if (error instanceof NotFoundError) return ['not_found', 'Not found'];
  if (error instanceof InterruptedError) return ['interrupted', 'Interrupted'];
  if (error instanceof BridgeError) return [error.code, error.title, error.extensions];
  return ['internal', 'Failed'];
}
