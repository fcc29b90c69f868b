/** The batch state machine: one table, one pure function. Knows nothing of items, files or events. */
import type { BatchAction, BatchStatus } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';

export const transitions = {
  pending: { start: 'running', cancel: 'cancelled', fail: 'failed' },
  running: {
    pause: 'paused',
    cancel: 'cancelled',
    complete: 'completed',
    fail: 'failed',
    recover: 'paused',
  },
  paused: { resume: 'running', cancel: 'cancelled' },
  completed: { retry: 'running' },
  failed: { retry: 'running' },
  cancelled: {},
} as const satisfies Record<BatchStatus, Partial<Record<BatchAction, BatchStatus>>>;

const table: Record<BatchStatus, Partial<Record<BatchAction, BatchStatus>>> = transitions;

/** Terminal: nothing but `retry` leads out of it. */
export function isTerminal(status: BatchStatus): boolean {
  return Object.keys(table[status]).every((action) => action === 'retry');
}

/** What a caller may ask for in this status (`retry` is asked for as `retry-failed`). */
export function allowedActions(status: BatchStatus): BatchAction[] {
  return Object.keys(table[status]).filter((action): action is BatchAction => action in actionsOfCallers);
}
const actionsOfCallers = { pause: true, resume: true, cancel: true, retry: true };

/** The status `action` leads to, or null when the table has no such step. */
export function nextStatus(status: BatchStatus, action: BatchAction): BatchStatus | null {
  return table[status][action] ?? null;
}

/** Like `nextStatus`, but an impossible step throws `illegal_transition` (409). */
export function transition(status: BatchStatus, action: BatchAction): BatchStatus {
  const next = nextStatus(status, action);
  if (next !== null) return next;
  throw wrongState(status, verbs[action]);
}

/** The refusal (409) of something that this status does not allow. */
export function wrongState(status: BatchStatus, what: string): BridgeError {
  return new BridgeError('illegal_transition', `a ${status} batch cannot ${what}`, {
    batch_status: status,
    allowed_actions: allowedActions(status),
  });
}

const verbs: Record<BatchAction, string> = {
  start: 'be started',
  pause: 'be paused',
  resume: 'be resumed',
  cancel: 'be cancelled',
  complete: 'complete',
  fail: 'fail',
  retry: 'retry its failed photos (only a completed or failed one can)',
  recover: 'be recovered',
};
