/** What went wrong and what to do about it, as a few lines. Pure. */
import { BridgeProblem } from '../client/index.ts';
import { UsageError } from './exit-codes.ts';

export function toExplanation(error: unknown): string[] {
  if (error instanceof UsageError) return [`error: ${error.message}`];
  if (!(error instanceof BridgeProblem)) {
    return [`error: ${error instanceof Error ? error.message : String(error)}`];
  }
  return [`error: ${error.message}`, ...toAdvice(error)];
}

function toAdvice({ status, code, problem }: BridgeProblem): string[] {
  if (status === 0) {
    return [
      'Start the daemon with: photo-bridge serve',
      'It runs elsewhere? Name it with --url, --data-dir or PHOTO_BRIDGE_URL.',
    ];
  }
  if (code === 'batch_not_found') return ['See all batches with: photo-bridge list'];
  if (code === 'unknown_preset' || code === 'preset_not_found') {
    return ['See all presets with: photo-bridge presets list'];
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

/** The same for programs. */
export function toErrorJson(error: unknown): Record<string, unknown> {
  if (error instanceof BridgeProblem) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof UsageError ? 'usage' : 'internal', error: message, detail: message };
}
