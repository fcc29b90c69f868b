/** Refusals and network faults as one error class. It never retries. */
import type { Problem } from '../contract/index.ts';

/**
 * A refusal of the daemon, or (`status` 0, `code` `unreachable`) no answer at all.
 * `problem` is the RFC 9457 body; of an answer that had none, one made of the HTTP status.
 */
export class BridgeProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = 'BridgeProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
  }
}

export function toProblem(status: number, code: string, title: string, detail: string): Problem {
  return { type: 'about:blank', title, status, detail, error: detail, code };
}

export function toUnreachable(url: string, cause: unknown): BridgeProblem {
  const detail = `No Photo Bridge daemon answers at ${url}`;
  return new BridgeProblem(toProblem(0, 'unreachable', 'Daemon unreachable', detail), { cause });
}

/** Any body of a refused request, problem document or not. */
export function parseProblem(status: number, body: unknown): BridgeProblem {
  const fields = isRecord(body) ? body : {};
  const detail = text(fields.detail) ?? text(fields.error) ?? `The daemon answered ${status}`;
  const base = toProblem(status, text(fields.code) ?? 'unknown', text(fields.title) ?? 'Refused', detail);
  return new BridgeProblem({ ...base, ...fields, status, detail, error: detail, code: base.code });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
