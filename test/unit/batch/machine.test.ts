import { describe, expect, it } from 'vitest';
import {
  allowedActions,
  isTerminal,
  nextStatus,
  transition,
  transitions,
} from '../../../bridge/batch/machine.ts';
import { type BatchStatus, batchActions, batchStatuses } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';

const table: Record<BatchStatus, Partial<Record<string, BatchStatus>>> = transitions;
const everyStep = batchStatuses.flatMap((status) => batchActions.map((action) => ({ status, action })));

describe('the state machine', () => {
  it.each(everyStep)('$status + $action does what the table says, and nothing else', ({ status, action }) => {
    const next = table[status][action];
    expect(nextStatus(status, action)).toBe(next ?? null);
    if (next !== undefined) return expect(transition(status, action)).toBe(next);
    try {
      transition(status, action);
      expect.unreachable('an impossible step must be refused');
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(BridgeError);
      expect(thrown).toMatchObject({
        code: 'illegal_transition',
        status: 409,
        extensions: { batch_status: status },
      });
    }
  });

  it('leaves a terminal status only by retry', () => {
    expect(batchStatuses.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
    for (const status of batchStatuses.filter(isTerminal)) {
      expect(Object.keys(table[status]).filter((action) => action !== 'retry')).toEqual([]);
    }
  });

  it('tells callers only what they can ask for', () => {
    expect(allowedActions('running')).toEqual(['pause', 'cancel']);
    expect(allowedActions('paused')).toEqual(['resume', 'cancel']);
    expect(allowedActions('completed')).toEqual(['retry']);
    expect(allowedActions('cancelled')).toEqual([]);
  });
});
